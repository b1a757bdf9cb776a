package hardware

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// separator is between the nameservers and between the labels of a row.
const separator = "|"

// The range of VLAN IDs in IEEE 802.1Q.
const (
	minVLAN = 1
	maxVLAN = 4094
)

// devicePath is a block device: /dev/sda, /dev/nvme0n1, /dev/disk/by-id/….
var devicePath = regexp.MustCompile(`^/dev(/[A-Za-z0-9_.:+=@-]+)+$`)

// checker reads rows and remembers what must be unique.
type checker struct {
	*reader
	// seen are the rows of values that must be unique, by column and value.
	seen map[string]map[string]int
}

func newChecker(r *reader) *checker {
	return &checker{reader: r, seen: map[string]map[string]int{}}
}

// row is one row while it is read.
type row struct {
	*checker
	line   int
	name   string
	values []string
	// position is csv.Reader's FieldPos.
	position func(field int) (line, column int)
}

func (r *row) value(column string) string {
	i, ok := r.columns[column]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.values[i])
}

func (r *row) problem(column, message, remedy string) {
	p := Problem{Row: r.line, Machine: r.name, Column: column, Message: message, Remedy: remedy}
	if i, ok := r.columns[column]; ok {
		_, p.Position = r.position(i)
	}
	r.add(p)
}

// required is the value of a column, and a problem where it is empty though
// every machine must have one.
func (r *row) required(column, remedy string) (string, bool) {
	value := r.value(column)
	if value == "" && slices.Contains(r.format.required, column) {
		r.problem(column, "the value is missing", remedy)
	}
	return value, value != ""
}

// unique reports a value that an earlier row has too.
func (r *row) unique(column, value string) {
	if r.seen[column] == nil {
		r.seen[column] = map[string]int{}
	}
	if first, twice := r.seen[column][value]; twice {
		r.problem(column, fmt.Sprintf("%s is in row %d too", quote(value), first), "give every "+r.format.machine+" a value of its own")
		return
	}
	r.seen[column][value] = r.line
}

// machine reads one row; what is wrong is reported and left empty.
func (c *checker) machine(line int, values []string, position func(int) (int, int)) Machine {
	r := &row{checker: c, line: line, values: values, position: position}
	r.name = r.value(columnHostname)
	m := Machine{Row: line, Labels: r.labels(), Nameservers: r.nameservers()}
	m.Hostname = r.hostname()
	r.addresses(&m)
	m.MAC = r.mac()
	m.Disk = r.disk()
	m.BMC = r.bmc()
	m.VLAN = r.vlan()
	m.SSH = r.ssh()
	return m
}

func (r *row) hostname() string {
	name, ok := r.required(columnHostname, "write the "+r.format.machine+"'s name")
	if !ok {
		return ""
	}
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		r.problem(columnHostname, fmt.Sprintf("%s is not a valid name", quote(name)), "use lower-case letters, digits, dashes and dots; begin and end with a letter or digit")
		return ""
	}
	r.unique(columnHostname, name)
	return name
}

// addresses reads address, netmask and gateway, which must fit together.
func (r *row) addresses(m *Machine) {
	address, hasAddress := r.ip(columnIP, "write the "+r.format.machine+"'s address")
	gateway, hasGateway := r.ip(columnGateway, "write the address of the network's gateway")
	if hasAddress {
		r.unique(columnIP, address.String())
	}
	bits, ok := r.netmask()
	if hasAddress && r.value(columnNetmask) == "" {
		m.Address = netip.PrefixFrom(address, address.BitLen())
	}
	if !ok || !hasAddress || !hasGateway {
		return
	}
	m.Address, m.Gateway = netip.PrefixFrom(address, bits), gateway
	network := m.Address.Masked()
	switch {
	case !network.Contains(gateway):
		r.problem(columnGateway, fmt.Sprintf("the gateway %s is outside the server's network %s", gateway, network), "correct the gateway, the address or the netmask")
	case gateway == address:
		r.problem(columnGateway, "the gateway is the server itself", "write the address of the network's gateway")
	case address == network.Addr() || address == broadcast(network):
		r.problem(columnIP, fmt.Sprintf("%s is the network's own or its broadcast address in %s", address, network), "use another address")
	}
}

func broadcast(network netip.Prefix) netip.Addr {
	a := network.Addr().As4()
	for bit := network.Bits(); bit < 32; bit++ {
		a[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(a)
}

func (r *row) ip(column, remedy string) (netip.Addr, bool) {
	text, ok := r.required(column, remedy)
	if !ok {
		return netip.Addr{}, false
	}
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is4() {
		r.problem(column, fmt.Sprintf("%s is not an IPv4 address", quote(text)), remedy)
		return netip.Addr{}, false
	}
	return address, true
}

// netmask reads a dotted netmask and returns its length.
func (r *row) netmask() (bits int, ok bool) {
	const remedy = "write a netmask such as 255.255.255.0"
	text, has := r.required(columnNetmask, remedy)
	if !has {
		return 0, false
	}
	mask, err := netip.ParseAddr(text)
	if err != nil || !mask.Is4() {
		r.problem(columnNetmask, fmt.Sprintf("%s is not a netmask", quote(text)), remedy)
		return 0, false
	}
	raw := mask.As4()
	ones, size := net.IPMask(raw[:]).Size()
	switch {
	case size == 0:
		r.problem(columnNetmask, fmt.Sprintf("%s is not a netmask: its ones are not all on the left", quote(text)), remedy)
		return 0, false
	case ones == 0 || ones > 30:
		r.problem(columnNetmask, fmt.Sprintf("%s is not the netmask of a network with a gateway", quote(text)), remedy)
		return 0, false
	}
	return ones, true
}

func (r *row) nameservers() []string {
	const remedy = "write addresses, with | between them"
	text, ok := r.required(columnNameservers, remedy)
	if !ok {
		return nil
	}
	servers := strings.Split(text, separator)
	for i, server := range servers {
		servers[i] = strings.TrimSpace(server)
		if _, err := netip.ParseAddr(servers[i]); err != nil {
			r.problem(columnNameservers, fmt.Sprintf("%s is not an IP address", quote(servers[i])), remedy)
		}
	}
	return servers
}

func (r *row) mac() net.HardwareAddr {
	const remedy = "write six bytes in hexadecimal, such as 52:54:00:12:34:56"
	text, ok := r.required(columnMAC, remedy)
	if !ok {
		return nil
	}
	mac, err := net.ParseMAC(text)
	switch {
	case err != nil || len(mac) != 6:
		r.problem(columnMAC, fmt.Sprintf("%s is not a MAC address", quote(text)), remedy)
		return nil
	case mac[0]&1 == 1 || mac.String() == "00:00:00:00:00:00":
		r.problem(columnMAC, fmt.Sprintf("%s is not the MAC address of a network card", quote(text)), remedy)
		return nil
	}
	r.unique(columnMAC, mac.String())
	return mac
}

func (r *row) disk() string {
	const remedy = "write the path of a device, such as /dev/sda or /dev/disk/by-id/wwn-0x5000c500a1b2c3d4"
	path, ok := r.required(columnDisk, remedy)
	if ok && (!devicePath.MatchString(path) || strings.Contains(path, "/.")) {
		r.problem(columnDisk, fmt.Sprintf("%s is not the path of a device", quote(path)), remedy)
		return ""
	}
	return path
}

// labels reads "key=value|key=value"; no labels at all are fine.
func (r *row) labels() map[string]string {
	text := r.value(columnLabels)
	if text == "" {
		return nil
	}
	labels := map[string]string{}
	for _, pair := range strings.Split(text, separator) {
		key, value, found := strings.Cut(pair, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		_, twice := labels[key]
		switch {
		case !found:
			r.problem(columnLabels, fmt.Sprintf("%s is not a label", quote(pair)), "write key=value, with | between labels")
		case len(validation.IsQualifiedName(key)) > 0:
			r.problem(columnLabels, fmt.Sprintf("%s is not the name of a label", quote(key)), "use letters, digits, dashes, dots and underscores")
		case len(validation.IsValidLabelValue(value)) > 0:
			r.problem(columnLabels, fmt.Sprintf("%s is not the value of a label", quote(value)), "use at most 63 letters, digits, dashes, dots and underscores")
		case twice:
			r.problem(columnLabels, fmt.Sprintf("the label %s is there twice", quote(key)), "keep one of them")
		default:
			labels[key] = value
		}
	}
	return labels
}

func (r *row) vlan() int {
	text := r.value(columnVLAN)
	if text == "" {
		return 0
	}
	id, err := strconv.Atoi(text)
	if err != nil || id < minVLAN || id > maxVLAN {
		r.problem(columnVLAN, fmt.Sprintf("%s is not a VLAN ID", quote(text)), fmt.Sprintf("write a number from %d to %d, or nothing", minVLAN, maxVLAN))
		return 0
	}
	return id
}
