package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const (
	bridgeName = "br0"
	cableName  = "machine"
	// HostDevice is what a host's own end of its cable is called.
	HostDevice = "eth0"
)

// Config is what a Switch is made of.
type Config struct {
	Plan Plan
	// Device is the machine's end of its cable; at most 15 bytes.
	Device string
	// MachineNamespace is the machine's network namespace, which the
	// machine's end is put into.
	MachineNamespace *os.File
	// NoRoute leaves the gateway without a route of its own: it answers what
	// wants out with "network unreachable".
	NoRoute bool
}

// Switch is the bridge with its ports. It lives in the network namespace of
// the process that made it, and ends with it.
type Switch struct {
	config Config
	bridge netlink.Link

	mu    sync.Mutex
	ports map[string]*port
}

// NewSwitch makes the bridge and the machine's cable. The calling process must
// be in a network namespace of its own.
func NewSwitch(c Config) (*Switch, error) {
	s := &Switch{config: c, ports: map[string]*port{}}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return nil, fmt.Errorf("loopback device: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return nil, fmt.Errorf("loopback device: %w", err)
	}
	// Without an address of its own a bridge takes that of whichever port is
	// lowest, and changes it as hosts come and go.
	attrs := netlink.LinkAttrs{Name: bridgeName, HardwareAddr: MAC(c.Plan.Gateway)}
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); err != nil {
		return nil, fmt.Errorf("make the bridge: %w", err)
	}
	if s.bridge, err = netlink.LinkByName(bridgeName); err != nil {
		return nil, err
	}
	if err := setAddress(&netlink.Handle{}, s.bridge, c.Plan.Gateway, c.Plan.Subnet); err != nil {
		return nil, fmt.Errorf("the bridge: %w", err)
	}
	if err := s.connectMachine(); err != nil {
		return nil, fmt.Errorf("connect the machine through %s: %w", c.Device, err)
	}
	return s, s.route()
}

func (s *Switch) connectMachine() error {
	c := s.config
	err := netlink.LinkAdd(&netlink.Veth{
		LinkAttrs:        netlink.LinkAttrs{Name: cableName},
		PeerName:         c.Device,
		PeerHardwareAddr: MAC(c.Plan.Machine),
		PeerNamespace:    netlink.NsFd(c.MachineNamespace.Fd()),
	})
	if err != nil {
		return err
	}
	inside, err := netlink.LinkByName(cableName)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(inside, s.bridge); err != nil {
		return err
	}
	if err := netlink.LinkSetUp(inside); err != nil {
		return err
	}
	machine, err := netlink.NewHandleAt(netns.NsHandle(c.MachineNamespace.Fd()))
	if err != nil {
		return err
	}
	defer machine.Close()
	outside, err := machine.LinkByName(c.Device)
	if err != nil {
		return err
	}
	return setAddress(machine, outside, c.Plan.Machine, c.Plan.Subnet)
}

// route lets the gateway hand packets on to the machine, which does with them
// what its own settings say: those for its own addresses arrive; a machine
// that forwards nothing drops the rest.
func (s *Switch) route() error {
	for file, value := range map[string]string{
		"ip_forward": "1",
		// Hosts go on sending through the gateway, where they are counted.
		"conf/all/send_redirects":                "0",
		"conf/" + bridgeName + "/send_redirects": "0",
	} {
		// Of this network namespace, whichever proc file system it is.
		if err := os.WriteFile(filepath.Join("/proc/sys/net/ipv4", file), []byte(value), 0); err != nil {
			return err
		}
	}
	if s.config.NoRoute {
		return nil
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: s.bridge.Attrs().Index, Gw: s.config.Plan.Machine.AsSlice()})
}

func setAddress(h *netlink.Handle, link netlink.Link, address netip.Addr, subnet netip.Prefix) error {
	mask := net.CIDRMask(subnet.Bits(), 32)
	if err := h.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: address.AsSlice(), Mask: mask}}); err != nil {
		return fmt.Errorf("address %s: %w", address, err)
	}
	return h.LinkSetUp(link)
}

// RemoveMachineCable removes the device from the namespace of the calling
// process, where it is there: deleting a namespace would remove its other end
// too, but some time later.
func RemoveMachineCable(device string) error {
	link, err := netlink.LinkByName(device)
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		return nil
	}
	if err != nil {
		return err
	}
	// The namespace's end may take it at this very moment.
	if err := netlink.LinkDel(link); !errors.Is(err, unix.ENODEV) {
		return err
	}
	return nil
}
