// Package lab makes hosts on one Linux machine for tests of real clusters:
// each with systemd, sshd, a disk and a network device of its own, on a bridge
// that nothing of the machine is attached to but one cable.
//
// It needs root. It changes nothing of the machine that Down does not put
// back; the one setting it may raise meanwhile is
// fs.inotify.max_user_instances, for more than three hosts.
package lab

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"

	"groundwork.dev/bootstrap/hack/lab/artifacts/hostroot"
	"groundwork.dev/bootstrap/hack/lab/network"
	"groundwork.dev/bootstrap/hack/lab/registry"
	"groundwork.dev/bootstrap/internal/failure"
)

// What Options default to.
const (
	DefaultName = "lab"
	// DefaultSubnet is in the middle of a range that few sites use.
	DefaultSubnet = "172.30.0.0/24"
	// DefaultDiskBytes holds a node's images several times over; the file is
	// sparse.
	DefaultDiskBytes = 20 << 30
	// defaultRoot must not be a tmpfs or an overlay.
	defaultRoot = "/var/tmp/groundwork-lab"
	// User is the user that every host has beside root, who may use sudo.
	User = hostroot.User
	// maxHosts is bounded by memory long before.
	maxHosts = 64
	// minDiskBytes holds /var and ext4's own tables.
	minDiskBytes = 256 << 20
)

// Options say what lab is wanted.
type Options struct {
	// Name tells labs apart; at most 10 lower-case letters, digits and
	// hyphens. DefaultName when empty.
	Name string
	// Hosts is how many, from 1 to 64. They are called host-1, host-2, …
	Hosts int
	// Dir holds everything of the lab that takes space, and is removed with
	// it; it must be on a disk's file system and must not exist, or be empty.
	// A folder of the lab's name below /var/tmp when empty.
	Dir string
	// Subnet is DefaultSubnet when zero. Labs at the same time need different
	// ones.
	Subnet netip.Prefix
	// ExtraAddresses is how many each host has beside its first.
	ExtraAddresses int
	// NoRoute: the hosts' gateway has no route out. What they send to it is
	// counted all the same.
	NoRoute bool
	// RootFS is the tree that hosts begin with; artifacts.Build makes one when
	// it is empty.
	RootFS string
	// Golden is a containerd store, made by MakeGolden, that every host begins
	// with; it lies on the same file system as Dir.
	Golden string
	// DiskBytes is the size of a host's disk; DefaultDiskBytes when 0.
	DiskBytes int64
	// Log says what goes on; nil for nothing.
	Log *slog.Logger

	// store is the containerd store of the only host, as it is.
	store string
}

var validName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,9}$`)

// complete fills in defaults and rejects what cannot be.
func (o *Options) complete() error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Name == "" {
		o.Name = DefaultName
	}
	if o.Dir == "" {
		o.Dir = filepath.Join(defaultRoot, o.Name)
	}
	if !o.Subnet.IsValid() {
		o.Subnet = netip.MustParsePrefix(DefaultSubnet)
	}
	if o.DiskBytes == 0 {
		o.DiskBytes = DefaultDiskBytes
	}
	var err error
	for _, path := range []*string{&o.Dir, &o.RootFS, &o.Golden} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
		// overlayfs reads both as separators.
		if strings.ContainsAny(*path, ":,\\") {
			return usage("%s: the path must not contain a colon, comma or backslash", *path)
		}
	}
	switch {
	case !validName.MatchString(o.Name):
		return usage("lab name %q: at most 10 lower-case letters, digits and hyphens, the first a letter", o.Name)
	case o.Hosts < 1 || o.Hosts > maxHosts:
		return usage("%d hosts: from 1 to %d are possible", o.Hosts, maxHosts)
	case o.ExtraAddresses < 0:
		return usage("%d extra addresses: must not be negative", o.ExtraAddresses)
	case o.DiskBytes < minDiskBytes:
		return usage("disks of %d bytes: at least %d are needed", o.DiskBytes, minDiskBytes)
	}
	return nil
}

func usage(format string, args ...any) error {
	return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf(format, args...)}
}

// plan lays the lab out.
func (o Options) plan() (registry.Lab, error) {
	p, err := network.NewPlan(o.Subnet, o.Hosts, o.ExtraAddresses)
	if err != nil {
		return registry.Lab{}, &failure.Error{Code: failure.Usage, Summary: err.Error(),
			Remedy: "give a larger one with --subnet"}
	}
	l := registry.Lab{
		Name: o.Name, Dir: o.Dir, Subnet: p.Subnet, Gateway: p.Gateway, Machine: p.Machine, VIP: p.VIP,
		NoRoute: o.NoRoute, Device: device(o.Name), User: User,
		KeyFile: filepath.Join(o.Dir, "id_ed25519"), KnownHostsFile: filepath.Join(o.Dir, "known_hosts"),
		RootFS: o.RootFS, Golden: o.Golden, DiskBytes: o.DiskBytes,
	}
	for i, addresses := range p.Hosts {
		l.Hosts = append(l.Hosts, registry.Host{
			Name: fmt.Sprintf("host-%d", i+1), Address: addresses[0], Addresses: addresses,
			SSHPort: 22, MAC: network.MAC(addresses[0]).String(),
		})
	}
	return l, nil
}

// device is the machine's end of the lab's cable: names have at most 15 bytes.
func device(name string) string { return "lab-" + name }
