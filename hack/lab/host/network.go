package host

import (
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"

	"groundwork.dev/bootstrap/hack/lab/network"
)

// configureNetwork gives the host's device its addresses and the default
// route.
func configureNetwork(s Spec) error {
	// A new namespace takes the machine's value; a new host forwards nothing.
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("0"), 0); err != nil {
		return err
	}
	for _, name := range []string{"lo", network.HostDevice} {
		link, err := netlink.LinkByName(name)
		if err != nil {
			return fmt.Errorf("network device %s: %w", name, err)
		}
		if name == network.HostDevice {
			for _, a := range s.Addresses {
				address := &net.IPNet{IP: a.Addr().AsSlice(), Mask: net.CIDRMask(a.Bits(), a.Addr().BitLen())}
				if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: address}); err != nil {
					return fmt.Errorf("address %s: %w", a, err)
				}
			}
		}
		if err := netlink.LinkSetUp(link); err != nil {
			return fmt.Errorf("network device %s: %w", name, err)
		}
		if name == network.HostDevice {
			route := &netlink.Route{LinkIndex: link.Attrs().Index, Gw: s.Gateway.AsSlice()}
			if err := netlink.RouteAdd(route); err != nil {
				return fmt.Errorf("default route through %s: %w", s.Gateway, err)
			}
		}
	}
	return nil
}
