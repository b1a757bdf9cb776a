package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"
	"go.uber.org/zap/zapcore"
)

// etcdSocket is a unix socket in the working directory, the private folder of
// the bootstrap cluster: etcd holds every secret and has no other lock on its
// door. Its path is relative because those of sockets are limited to 107
// bytes.
const (
	etcdSocket   = "etcd.sock"
	etcdEndpoint = "unix://" + etcdSocket
	etcdData     = "etcd"
)

// Raft's timers: a single member waits out an election before it serves, and
// has nobody whose heartbeats could come late.
const (
	etcdTickMilliseconds     = 10
	etcdElectionMilliseconds = 100
)

// Entries of the raft log stay in memory until a snapshot, and some beyond it
// for members that lag behind, of which there are none. With the defaults,
// made for many small entries, that would be 100 MB of machines' statuses.
const (
	etcdSnapshotCount          = 1000
	etcdSnapshotCatchUpEntries = 100
)

// etcdQuota is what etcd's database may hold, in bytes; upstream's upper
// bound for it.
const etcdQuota = 8 << 30

// startEtcd starts etcd over its data and returns when it answers. Every
// write is synced to disk: resuming relies on what etcd has confirmed.
func startEtcd(ctx context.Context, log io.Writer) (*embed.Etcd, error) {
	if err := os.Remove(etcdSocket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	config := embed.NewConfig()
	config.Dir = etcdData
	config.ListenClientUrls = []url.URL{{Scheme: "unix", Host: etcdSocket}}
	// The other two only name the member: nothing listens there.
	config.ListenPeerUrls = nil
	config.AdvertiseClientUrls = []url.URL{{Scheme: "http", Host: "localhost:2379"}}
	config.AdvertisePeerUrls = []url.URL{{Scheme: "http", Host: "localhost:2380"}}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.TickMs, config.ElectionMs = etcdTickMilliseconds, etcdElectionMilliseconds
	config.SnapshotCount, config.SnapshotCatchUpEntries = etcdSnapshotCount, etcdSnapshotCatchUpEntries
	config.QuotaBackendBytes = etcdQuota
	config.EnableGRPCGateway = false
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration // 0, and thus every request, otherwise
	logger := zapLogger(log)
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(logger)
	config.LogLevel = zapcore.WarnLevel.String()

	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("start etcd over its data: %w", err)
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		etcd.Close()
		return nil, fmt.Errorf("start etcd over its data: %w", err)
	case <-ctx.Done():
		etcd.Close()
		return nil, fmt.Errorf("start etcd over its data: %w", context.Cause(ctx))
	}
}

// etcdClient talks to etcd within the process.
func etcdClient(etcd *embed.Etcd) *clientv3.Client { return v3client.New(etcd.Server) }
