// Package supervisor is the process that holds a lab: its network, in a
// namespace of its own; the hosts' disks, in a mount namespace of its own; and
// the hosts' power supplies. It answers at a socket until it is killed, and
// all of that ends with it.
package supervisor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
	"groundwork.dev/bootstrap/hack/lab/network"
	"groundwork.dev/bootstrap/hack/lab/registry"
)

// Argv0 is the name by which this program knows that it is to be a
// supervisor.
const Argv0 = "groundwork-lab-supervisor"

type supervisor struct {
	lab     registry.Lab
	group   cgroup.Group
	network *network.Switch
	counter *network.Counter
	hosts   map[string]*machine
	log     *slog.Logger
}

// LogFile is the supervisor's log, in the lab's Dir.
const LogFile = "supervisor.log"

// Started is what the supervisor says when it has started the hosts.
const Started = "started"

// Main runs the supervisor of the lab that the second argument names, until it
// is killed. It expects the machine's network namespace as descriptor 3 and,
// as 4, a pipe on which it says Started, or why it could not.
func Main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	unix.CloseOnExec(3)
	unix.CloseOnExec(4)
	result := os.NewFile(4, "result")
	s, err := start(context.Background(), os.Args[1], os.NewFile(3, "machine network"), log)
	var socket net.Listener
	if err == nil {
		socket, err = net.Listen("unix", registry.Socket(s.lab.Name))
	}
	if err != nil {
		log.Error("cannot start", "error", err)
		fmt.Fprintln(result, err)
		os.Exit(1)
	}
	fmt.Fprintln(result, Started)
	result.Close()
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute}
	log.Error("end", "error", server.Serve(socket))
	os.Exit(1)
}

func start(ctx context.Context, name string, machineNamespace *os.File, log *slog.Logger) (*supervisor, error) {
	lab, err := registry.Load(name)
	if err != nil {
		return nil, err
	}
	hierarchies, err := cgroup.Hierarchies()
	if err != nil {
		return nil, err
	}
	s := &supervisor{lab: lab, group: lab.Group(hierarchies), hosts: map[string]*machine{}, log: log}
	if err := s.group.Child(registry.SupervisorGroup).Enter(); err != nil {
		return nil, fmt.Errorf("enter the cgroup: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, fmt.Errorf("make mounts private: %w", err)
	}
	if err := mountTerminals(lab.Dir); err != nil {
		return nil, err
	}
	plan := network.Plan{Subnet: lab.Subnet, Gateway: lab.Gateway, Machine: lab.Machine, VIP: lab.VIP}
	macs := map[[6]byte]string{}
	for _, h := range lab.Hosts {
		plan.Hosts = append(plan.Hosts, h.Addresses)
		macs[[6]byte(h.HardwareAddress())] = h.Name
	}
	s.network, err = network.NewSwitch(network.Config{
		Plan: plan, Device: lab.Device, MachineNamespace: machineNamespace, NoRoute: lab.NoRoute,
	})
	machineNamespace.Close()
	if err != nil {
		return nil, err
	}
	if s.counter, err = network.NewCounter(ctx, s.network, macs); err != nil {
		return nil, err
	}
	return s, s.startHosts(ctx)
}

// startHosts starts all hosts at once.
func (s *supervisor) startHosts(ctx context.Context) error {
	key, err := os.ReadFile(s.lab.KeyFile + ".pub")
	if err != nil {
		return err
	}
	starts, _ := errgroup.WithContext(ctx)
	for i, h := range s.lab.Hosts {
		m, err := newMachine(s, i, h, key)
		if err != nil {
			return err
		}
		s.hosts[h.Name] = m
		go m.run()
		starts.Go(func() error { return m.do(m.powerOn) })
	}
	return starts.Wait()
}

// mountTerminals mounts a file system of terminals for the hosts' consoles,
// apart from the machine's.
func mountTerminals(dir string) error {
	at := filepath.Join(dir, terminalsDir)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("devpts", at, "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0600,mode=0600"); err != nil {
		return fmt.Errorf("mount terminals: %w", err)
	}
	return nil
}

// prefixes gives each address the subnet's length.
func (s *supervisor) prefixes(addresses []netip.Addr) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range addresses {
		out = append(out, netip.PrefixFrom(a, s.lab.Subnet.Bits()))
	}
	return out
}

func reply(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
