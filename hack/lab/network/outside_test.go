package network

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"
)

var (
	testMAC  = [6]byte{2, 0x1a, 172, 30, 0, 11}
	testPlan = Plan{
		Subnet: netip.MustParsePrefix("172.30.0.0/24"), Gateway: netip.MustParseAddr("172.30.0.1"),
	}
)

// ethernet is a frame with an IP packet to an address.
func ethernet(to string, protocol byte, segment []byte) []byte {
	address := netip.MustParseAddr(to)
	frame := append(append(make([]byte, 6), testMAC[:]...), 0, 0)
	var ip []byte
	if address.Is4() {
		binary.BigEndian.PutUint16(frame[12:], unix.ETH_P_IP)
		ip = make([]byte, 24) // with four bytes of options
		ip[0], ip[9] = 0x46, protocol
		copy(ip[16:], address.AsSlice())
	} else {
		binary.BigEndian.PutUint16(frame[12:], unix.ETH_P_IPV6)
		ip = make([]byte, ipv6Header)
		ip[0], ip[6] = 0x60, protocol
		copy(ip[24:], address.AsSlice())
	}
	return append(append(frame, ip...), segment...)
}

// ports begins a TCP or UDP header.
func ports(to uint16) []byte {
	header := make([]byte, udpHeader)
	binary.BigEndian.PutUint16(header[2:], to)
	return header
}

func query(name string) []byte {
	m := dnsmessage.Message{Questions: []dnsmessage.Question{{
		Name: dnsmessage.MustNewName(name), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET,
	}}}
	text, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return text
}

func TestCount(t *testing.T) {
	laterFragment := ethernet("192.0.2.1", unix.IPPROTO_TCP, ports(443))
	laterFragment[ethernetHeader+7] = 1
	for name, c := range map[string]struct {
		frame []byte
		want  string
	}{
		"TCP":                    {ethernet("192.0.2.1", unix.IPPROTO_TCP, ports(443)), "host-1 tcp 192.0.2.1:443"},
		"name server":            {ethernet("172.30.0.1", unix.IPPROTO_UDP, append(ports(53), query("a.example.")...)), "host-1 udp 172.30.0.1:53 a.example."},
		"no DNS":                 {ethernet("192.0.2.1", unix.IPPROTO_UDP, append(ports(53), 1, 2, 3)), "host-1 udp 192.0.2.1:53"},
		"ping":                   {ethernet("192.0.2.1", unix.IPPROTO_ICMP, []byte{8, 0, 1, 2, 3, 4}), "host-1 icmp 192.0.2.1:0"},
		"later fragment":         {laterFragment, "host-1 tcp 192.0.2.1:0"},
		"cloud's metadata":       {ethernet("169.254.169.254", unix.IPPROTO_TCP, ports(80)), "host-1 tcp 169.254.169.254:80"},
		"IPv6":                   {ethernet("2001:db8::1", unix.IPPROTO_TCP, ports(443)), "host-1 tcp [2001:db8::1]:443"},
		"another host":           {ethernet("172.30.0.12", unix.IPPROTO_TCP, ports(443)), ""},
		"multicast":              {ethernet("224.0.0.22", 2, nil), ""},
		"broadcast":              {ethernet("255.255.255.255", unix.IPPROTO_UDP, ports(67)), ""},
		"neighbour discovery":    {ethernet("ff02::1", unix.IPPROTO_ICMPV6, nil), ""},
		"IPv6 on the link":       {ethernet("fe80::1", unix.IPPROTO_TCP, ports(1)), ""},
		"ARP":                    {append(make([]byte, 12), 0x08, 0x06, 1, 2, 3), ""},
		"cut off":                {ethernet("192.0.2.1", unix.IPPROTO_TCP, ports(443))[:20], ""},
		"cut off after Ethernet": {make([]byte, 3), ""},
	} {
		t.Run(name, func(t *testing.T) {
			counter := &Counter{plan: testPlan, host: map[[6]byte]string{testMAC: "host-1"}, found: map[key]*Destination{}, names: map[string]bool{}}
			now := time.Unix(100, 0)
			counter.count(c.frame, now)
			counter.count(c.frame, now.Add(time.Second))
			got := ""
			for _, d := range counter.found {
				got = fmt.Sprintf("%s %s %s", d.Host, d.Protocol, d.Address)
				if d.Packets != 2 || d.Bytes != int64(2*len(c.frame)) || d.Last.Sub(d.First) != time.Second {
					t.Errorf("%+v", d)
				}
			}
			for name := range counter.names {
				got += " " + name
			}
			if got != c.want || len(counter.found) > 1 {
				t.Errorf("counted %q, want %q", got, c.want)
			}
		})
	}
}
