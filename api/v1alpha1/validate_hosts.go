package v1alpha1

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"groundwork.dev/bootstrap/providers/baremetal/hardware"
)

// hosts validates the hosts and what they share.
func (v *validator) hosts(d *SSHDatacenterConfig) {
	names, addresses := map[string]int{}, map[string]int{}
	noUser, noKey := 0, 0
	for i := range d.Spec.Hosts {
		host := &d.Spec.Hosts[i]
		v.hostName(i, host, names)
		v.hostAddress(i, host, addresses)
		v.hostLogin(i, host, &d.Spec)
		v.hostKey(i, host, &d.Spec)
		v.hostLabels(i, host)
		noUser, noKey = noUser+count(host.User == ""), noKey+count(host.KeyFile == "")
	}
	// What all hosts lack is missing once.
	v.missingLogin(d, "user", "nothing says which user logs in", "write root, or a user who may use sudo", noUser, func(h *SSHHost) string { return h.User })
	v.missingLogin(d, "keyFile", "nothing says with which private key to log in", "write the path of one, such as ~/.ssh/id_ed25519", noKey, func(h *SSHHost) string { return h.KeyFile })
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// missingLogin reports hosts without a user or key: at the datacenter where
// none has one.
func (v *validator) missingLogin(d *SSHDatacenterConfig, field, message, remedy string, missing int, value func(*SSHHost) string) {
	if missing == len(d.Spec.Hosts) && missing > 1 {
		v.add(d, "spec."+field, message, remedy)
		return
	}
	for i := range d.Spec.Hosts {
		if missing > 0 && value(&d.Spec.Hosts[i]) == "" {
			v.host(i, field, message, remedy+", here or for all hosts in spec."+field)
		}
	}
}

// host adds a problem with a field of a host.
func (v *validator) host(host int, field, message, remedy string) {
	if len(v.problems) > maxProblems {
		return // never shown
	}
	v.problems = append(v.problems, v.config.hostProblem(host, field, message, remedy))
}

// maxNodeName is the length that the label kubernetes.io/hostname can have.
const maxNodeName = validation.LabelValueMaxLength

func (v *validator) hostName(i int, host *SSHHost, seen map[string]int) {
	if host.Name == "" {
		v.host(i, "name", "the host has no name", "write one; the node will have it")
		return
	}
	if len(validation.IsDNS1123Subdomain(host.Name)) > 0 {
		v.host(i, "name", fmt.Sprintf("%s is not a name that a node can have", quote(host.Name)), "use lower-case letters, digits, dashes and dots; begin and end with a letter or digit")
	} else if len(host.Name) > maxNodeName {
		v.host(i, "name", fmt.Sprintf("the name has %d characters, and a node's at most %d", len(host.Name), maxNodeName), "use a shorter name")
	}
	if first, twice := seen[host.Name]; twice {
		v.host(i, "name", fmt.Sprintf("%s has the same name %s", v.config.hostPlace(first), quote(host.Name)), "give one of them another name, or remove one")
		return
	}
	seen[host.Name] = i
}

// hostPlace says where a host stands: "hosts[0]" or "row 2 of hosts.csv".
func (c *Config) hostPlace(host int) string {
	if row, ok := c.hardwareRows[host]; ok {
		return fmt.Sprintf("row %d of %s", row.row, row.file)
	}
	return fmt.Sprintf("hosts[%d]", host)
}

func (v *validator) hostAddress(i int, host *SSHHost, seen map[string]int) {
	const remedy = "write the host's IPv4 address, such as 10.0.0.21"
	if host.Address == "" {
		v.host(i, "address", "the host has no address", remedy)
		return
	}
	address, err := netip.ParseAddr(host.Address)
	switch {
	case err != nil && isHost(host.Address):
		v.host(i, "address", fmt.Sprintf("%s is a host name, and the node needs an IP address", quote(host.Address)), remedy)
	case err != nil:
		message := fmt.Sprintf("%s is not an IP address", quote(host.Address))
		if _, err := netip.ParseAddrPort(host.Address); err == nil {
			message = fmt.Sprintf("%s is an address with a port, which is a field of its own", quote(host.Address))
		}
		v.host(i, "address", message, remedy)
	case !address.Is4():
		v.host(i, "address", fmt.Sprintf("%s is not an IPv4 address, and the node would have it in a cluster whose networks are IPv4", quote(host.Address)), remedy+"; IPv6 clusters are not supported")
	case !isUnicast(address):
		v.host(i, "address", fmt.Sprintf("%s is not an address by which other machines reach the host", quote(host.Address)), remedy)
	}
	if first, twice := seen[host.Address]; twice {
		v.host(i, "address", fmt.Sprintf("%s has the same address %s", v.config.hostPlace(first), quote(host.Address)), "correct one of them, or remove one")
		return
	}
	seen[host.Address] = i
}

// hostLogin validates what differs from the datacenter's values, which are
// validated once.
func (v *validator) hostLogin(i int, host *SSHHost, common *SSHDatacenterConfigSpec) {
	if host.Port != common.Port {
		v.sshPort(host.Port, func(message, remedy string) { v.host(i, "port", message, remedy) })
	}
	if host.User != common.User {
		v.sshUser(host.User, func(message, remedy string) { v.host(i, "user", message, remedy) })
	}
	if host.KeyFile != common.KeyFile {
		v.keyFile(host.KeyFile, func(message, remedy string) { v.host(i, "keyFile", message, remedy) })
	}
}

func (v *validator) sshPort(port int, add func(message, remedy string)) {
	if port < 1 || port > 65535 {
		add(fmt.Sprintf("%d is not a port", port), "write a number from 1 to 65535, or leave the field out for 22")
	}
}

// sshUser takes users of directories too: admin@example.com.
func (v *validator) sshUser(user string, add func(message, remedy string)) {
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ':' || r == '/' }
	if strings.HasPrefix(user, "-") || strings.ContainsFunc(user, odd) {
		add(fmt.Sprintf("%s is not the name of a user", quote(user)), "write only the name, such as admin")
	}
}

// isKeyMaterial reports whether what should be a path is a key itself.
func isKeyMaterial(path string) bool {
	return strings.Contains(path, "PRIVATE KEY") || strings.ContainsAny(path, "\n\r")
}

// keyFile validates a path and never quotes it: what is pasted by mistake may
// be the key. Whether the file is there is a matter of the preflight.
func (v *validator) keyFile(path string, add func(message, remedy string)) {
	switch {
	case isKeyMaterial(path):
		add("this is a key, and the file must hold only the path of one", "write the key to a file that only you can read, and its path here; and replace the key pair if anyone else has seen this file")
	case strings.HasSuffix(path, ".pub"):
		add("this is the path of a public key", "write that of the private key, which is the same without .pub")
	case isURL(path):
		add("this is a URL, and it must be the path of a file", "write the path of the private key")
	}
}

// hostKey validates that the host is pinned. Where a known_hosts file has not
// been read, it may be there.
func (v *validator) hostKey(i int, host *SSHHost, common *SSHDatacenterConfigSpec) {
	const field = "hostKeyFingerprint"
	if host.HostKeyFingerprint == "" {
		if common.KnownHostsFile == "" {
			v.host(i, field, "nothing says which key the host has, and whoever answers at its address would be trusted", pinRemedy(host))
		}
		return
	}
	fingerprint, err := hardware.HostKeyFingerprint(host.HostKeyFingerprint)
	switch {
	case err != nil:
		v.host(i, field, err.Error(), pinRemedy(host))
	case fingerprint != host.HostKeyFingerprint:
		v.host(i, field, "this is a key or has spaces around it, and the field takes the key's fingerprint", "write "+fingerprint)
	}
}

func isLabel(key, value string) bool {
	return len(validation.IsQualifiedName(key)) == 0 && len(validation.IsValidLabelValue(value)) == 0
}

func (v *validator) hostLabels(i int, host *SSHHost) {
	for _, key := range slices.Sorted(maps.Keys(host.Labels)) {
		if value := host.Labels[key]; !isLabel(key, value) {
			v.host(i, "labels["+key+"]", fmt.Sprintf("%s: %s is not a label", quote(key), quote(value)), "use at most 63 letters, digits, dashes, dots and underscores, such as type: cp")
		}
	}
}
