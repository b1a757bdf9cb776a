package network

import (
	"fmt"
	"math"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// port is the bridge's end of a host's cable.
type port struct {
	link      netlink.Link
	namespace *os.File // the host's
	relay     *relay
}

// Impairment is what a cable does to packets, each way.
type Impairment struct {
	// Loss is the share of packets that are lost, from 0 to 1.
	Loss float64
	// Delay is how much later a packet arrives; a round trip takes twice that.
	Delay time.Duration
}

// Traffic counts what passed a host's port, as the host sees it.
type Traffic struct {
	SentBytes       int64 `json:"sentBytes"`
	SentPackets     int64 `json:"sentPackets"`
	ReceivedBytes   int64 `json:"receivedBytes"`
	ReceivedPackets int64 `json:"receivedPackets"`
}

// Add is the sum of both.
func (t Traffic) Add(u Traffic) Traffic {
	return Traffic{
		SentBytes: t.SentBytes + u.SentBytes, SentPackets: t.SentPackets + u.SentPackets,
		ReceivedBytes: t.ReceivedBytes + u.ReceivedBytes, ReceivedPackets: t.ReceivedPackets + u.ReceivedPackets,
	}
}

// Connect plugs a host in whose first process is pid. The device appears in
// its namespace as HostDevice, down and without an address of its own beside
// mac. Number tells the ports apart; it is the host's position in the lab.
func (s *Switch) Connect(host string, number, pid int, mac []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return err
	}
	name := fmt.Sprintf("port%d", number)
	err = netlink.LinkAdd(&netlink.Veth{
		LinkAttrs:        netlink.LinkAttrs{Name: name},
		PeerName:         HostDevice,
		PeerHardwareAddr: mac,
		PeerNamespace:    netlink.NsFd(namespace.Fd()),
	})
	if err != nil {
		namespace.Close()
		return fmt.Errorf("make the cable of %s: %w", host, err)
	}
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = netlink.LinkSetMaster(link, s.bridge)
	}
	if err == nil {
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		namespace.Close()
		return fmt.Errorf("plug %s in: %w", host, err)
	}
	s.ports[host] = &port{link: link, namespace: namespace}
	return nil
}

// Disconnect removes the host's cable and returns what had passed it.
func (s *Switch) Disconnect(host string) (Traffic, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.ports[host]
	if !ok {
		return Traffic{}, nil
	}
	delete(s.ports, host)
	p.relay.close()
	traffic := p.traffic()
	p.namespace.Close()
	// With the host's namespace the cable goes too, at some moment.
	if err := netlink.LinkDel(p.link); err != nil {
		if _, gone := netlink.LinkByIndex(p.link.Attrs().Index); gone == nil {
			return traffic, err
		}
	}
	return traffic, nil
}

// Traffic is what has passed the host's cable since it was plugged in.
func (s *Switch) Traffic(host string) Traffic {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.ports[host]; ok {
		return p.traffic()
	}
	return Traffic{}
}

func (p *port) traffic() Traffic {
	link, err := netlink.LinkByIndex(p.link.Attrs().Index)
	if err != nil || link.Attrs().Statistics == nil {
		return Traffic{}
	}
	c := link.Attrs().Statistics
	return Traffic{
		SentBytes: int64(c.RxBytes), SentPackets: int64(c.RxPackets),
		ReceivedBytes: int64(c.TxBytes), ReceivedPackets: int64(c.TxPackets),
	}
}

// SetLink cuts the host's cable, or mends it: the host sees its carrier go.
func (s *Switch) SetLink(host string, up bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.ports[host]
	if !ok {
		return nil
	}
	if up {
		return netlink.LinkSetUp(p.link)
	}
	return netlink.LinkSetDown(p.link)
}

// Impair makes the host's cable lossy or slow; the zero Impairment mends it.
func (s *Switch) Impair(host string, with Impairment) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.ports[host]
	if !ok {
		return nil
	}
	switch {
	case p.relay != nil && with != Impairment{}:
		p.relay.set(with)
		return nil
	case p.relay != nil:
		return s.unrelay(p)
	case with != Impairment{}:
		return s.relay(p, with)
	}
	return nil
}

// relay puts a relay between the port and the bridge.
func (s *Switch) relay(p *port, with Impairment) error {
	// The host must cut its packets to size itself: a relay can neither lose
	// part of a large one nor describe an encapsulated one.
	if err := p.segment(1); err != nil {
		return err
	}
	// Off the bridge, the port must not answer for the gateway.
	if err := netlink.LinkSetARPOff(p.link); err != nil {
		return err
	}
	if err := netlink.LinkSetNoMaster(p.link); err != nil {
		return err
	}
	r, err := newRelay(p.link, s.bridge, with)
	if err != nil {
		return errNoRelay(err, s.unrelay(p))
	}
	p.relay = r
	return nil
}

func (s *Switch) unrelay(p *port) error {
	p.relay.close()
	p.relay = nil
	if err := netlink.LinkSetARPOn(p.link); err != nil {
		return err
	}
	if err := netlink.LinkSetMaster(p.link, s.bridge); err != nil {
		return err
	}
	return p.segment(math.MaxUint16)
}

// segment limits how many segments the host's device takes in one packet.
func (p *port) segment(limit int) error {
	h, err := netlink.NewHandleAt(netns.NsHandle(p.namespace.Fd()))
	if err != nil {
		return err
	}
	defer h.Close()
	device, err := h.LinkByName(HostDevice)
	if err != nil {
		return err
	}
	return h.LinkSetGSOMaxSegs(device, limit)
}
