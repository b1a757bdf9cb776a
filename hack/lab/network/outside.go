package network

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"
)

// Destination is something outside the lab that a host asked for.
type Destination struct {
	// Host is the lab's host whose cable the packets came through, whatever
	// sender they name; empty for the machine's.
	Host     string `json:"host,omitempty"`
	Protocol string `json:"protocol"`
	// Address has port 0 where the protocol has none.
	Address netip.AddrPort `json:"address"`
	Packets int64          `json:"packets"`
	Bytes   int64          `json:"bytes"`
	First   time.Time      `json:"first"`
	Last    time.Time      `json:"last"`
}

// Outside is what hosts asked for outside the lab's subnet, and of its name
// server, answered or not.
type Outside struct {
	Packets int64 `json:"packets"`
	Bytes   int64 `json:"bytes"`
	// Destinations are told apart by host, protocol, address and port; most
	// packets first.
	Destinations []Destination `json:"destinations"`
	// Names are those that a name server was asked for.
	Names []string `json:"names"`
	// Missed counts packets that came too fast to be looked at; 0 means that
	// all of the above is complete.
	Missed int64 `json:"missed"`
}

// Counter counts what the bridge is asked to hand on to elsewhere.
type Counter struct {
	plan Plan
	host map[[6]byte]string

	mu     sync.Mutex
	found  map[key]*Destination
	names  map[string]bool
	missed int64
	socket *os.File
}

type key struct {
	host, protocol string
	address        netip.AddrPort
}

// NewCounter counts at the switch's bridge until ctx ends. Hosts are named by
// the hardware address of their device.
func NewCounter(ctx context.Context, s *Switch, hosts map[[6]byte]string) (*Counter, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	c := &Counter{plan: s.config.Plan, host: hosts, found: map[key]*Destination{}, names: map[string]bool{}}
	c.socket = os.NewFile(uintptr(fd), bridgeName)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bufferBytes)
	err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
	if err == nil {
		// Of the bridge itself: what hosts say to each other passes it by.
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: s.bridge.Attrs().Index})
	}
	if err != nil {
		c.socket.Close()
		return nil, fmt.Errorf("packet socket on the bridge: %w", err)
	}
	context.AfterFunc(ctx, func() { c.socket.Close() })
	go c.run()
	return c, nil
}

func (c *Counter) run() {
	buffer := make([]byte, maxFrame)
	for {
		n, err := c.socket.Read(buffer)
		if errors.Is(err, unix.ENETDOWN) {
			continue
		}
		if err != nil {
			return
		}
		c.count(buffer[:n], time.Now())
	}
}

// count looks at one Ethernet frame.
func (c *Counter) count(frame []byte, now time.Time) {
	p, ok := parse(frame)
	if !ok || !c.outside(p.to.Addr()) {
		return
	}
	k := key{host: c.host[p.sender], protocol: p.protocol, address: p.to}
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.found[k]
	if d == nil {
		d = &Destination{Host: k.host, Protocol: k.protocol, Address: k.address, First: now}
		c.found[k] = d
	}
	d.Packets++
	d.Bytes += int64(len(frame))
	d.Last = now
	if p.protocol == "udp" && p.to.Port() == 53 {
		var query dnsmessage.Parser
		if _, err := query.Start(p.payload); err == nil {
			if q, err := query.Question(); err == nil {
				c.names[q.Name.String()] = true
			}
		}
	}
}

// outside: neither another host nor everybody on the link.
func (c *Counter) outside(to netip.Addr) bool {
	switch {
	case to == c.plan.Gateway:
		return true
	case to.IsMulticast(), to.IsUnspecified(), to == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return false
	case to.Is6() && to.IsLinkLocalUnicast():
		return false
	}
	return !c.plan.Subnet.Contains(to)
}

// Outside returns what was counted so far.
func (c *Counter) Outside() Outside {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.missed += lost(c.socket)
	o := Outside{Destinations: []Destination{}, Names: []string{}, Missed: c.missed}
	for _, d := range c.found {
		o.Packets += d.Packets
		o.Bytes += d.Bytes
		o.Destinations = append(o.Destinations, *d)
	}
	slices.SortFunc(o.Destinations, func(a, b Destination) int {
		return cmp.Or(cmp.Compare(b.Packets, a.Packets), strings.Compare(a.Host, b.Host),
			strings.Compare(a.Protocol, b.Protocol), a.Address.Compare(b.Address))
	})
	for name := range c.names {
		o.Names = append(o.Names, name)
	}
	slices.Sort(o.Names)
	return o
}

// Reset begins to count anew.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	lost(c.socket)
	c.missed = 0
	clear(c.found)
	clear(c.names)
}

// lost is how many packets the socket had no room for since last asked.
func lost(socket *os.File) (n int64) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		if stats, err := unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			n = int64(stats.Drops)
		}
	})
	return n
}

// packet is what counts of an IP packet.
type packet struct {
	sender   [6]byte
	protocol string
	to       netip.AddrPort
	payload  []byte // of UDP
}

const (
	ethernetHeader = 14
	ipv6Header     = 40
	udpHeader      = 8
)

// parse reads an Ethernet frame; extension headers of IPv6 count as protocols
// of their own.
func parse(frame []byte) (packet, bool) {
	if len(frame) < ethernetHeader {
		return packet{}, false
	}
	p := packet{sender: [6]byte(frame[6:12])}
	ip := frame[ethernetHeader:]
	var protocol byte
	var to netip.Addr
	var segment []byte
	switch binary.BigEndian.Uint16(frame[12:14]) {
	case unix.ETH_P_IP:
		if len(ip) < 20 || len(ip) < int(ip[0]&0xf)*4 {
			return packet{}, false
		}
		protocol, to = ip[9], netip.AddrFrom4([4]byte(ip[16:20]))
		if binary.BigEndian.Uint16(ip[6:8])&0x1fff == 0 { // the first fragment
			segment = ip[int(ip[0]&0xf)*4:]
		}
	case unix.ETH_P_IPV6:
		if len(ip) < ipv6Header {
			return packet{}, false
		}
		protocol, to, segment = ip[6], netip.AddrFrom16([16]byte(ip[24:40])), ip[ipv6Header:]
	default:
		return packet{}, false
	}
	var port uint16
	switch protocol {
	case unix.IPPROTO_TCP, unix.IPPROTO_UDP, unix.IPPROTO_SCTP:
		if len(segment) >= 4 {
			port = binary.BigEndian.Uint16(segment[2:4])
		}
	}
	if protocol == unix.IPPROTO_UDP && len(segment) > udpHeader {
		p.payload = segment[udpHeader:]
	}
	p.protocol, p.to = protocolName(protocol), netip.AddrPortFrom(to, port)
	return p, true
}

func protocolName(n byte) string {
	switch n {
	case unix.IPPROTO_TCP:
		return "tcp"
	case unix.IPPROTO_UDP:
		return "udp"
	case unix.IPPROTO_SCTP:
		return "sctp"
	case unix.IPPROTO_ICMP:
		return "icmp"
	case unix.IPPROTO_ICMPV6:
		return "icmp6"
	}
	return fmt.Sprintf("ip-%d", n)
}
