// Package hardware reads the hardware file: a CSV with one bare-metal server
// a row, in EKS Anywhere's format (pkg/providers/tinkerbell/hardware). With
// ForSSH it reads hosts that already run Linux: fewer columns are required,
// and some of its own are known.
package hardware

import (
	"net"
	"net/netip"

	"groundwork.dev/bootstrap/internal/secret"
)

// Machine is one server.
type Machine struct {
	// Row is the line in the file, from 1 (the header's).
	Row      int
	Hostname string
	// Address is the server's address with the length of its netmask; 32
	// for an SSH host without one.
	Address     netip.Prefix
	Gateway     netip.Addr
	Nameservers []string
	MAC         net.HardwareAddr
	// Disk is the device that the operating system is installed on, such as
	// /dev/sda or /dev/disk/by-id/wwn-0x5000c500a1b2c3d4.
	Disk string
	// Labels choose the server's role in the cluster.
	Labels map[string]string
	// BMC is nil for a server without a management controller.
	BMC *BMC
	// VLAN is 1 to 4094, or 0 for untagged traffic.
	VLAN int
	// SSH is how a host that runs Linux is reached; zero without ForSSH.
	SSH SSH
}

// SSH is how a host is reached; each field may be empty.
type SSH struct {
	User string
	// Port is 1 to 65535, or 0.
	Port int
	// KeyFile is the path of a private key, as it is written.
	KeyFile string
	// HostKeyFingerprint is "SHA256:…", as ssh-keygen -lf prints it.
	HostKeyFingerprint string
}

// BMC is a server's management controller.
type BMC struct {
	Address  netip.Addr
	Username string
	Password secret.String
}

// Columns of the file, by the names in its first row.
const (
	columnHostname    = "hostname"
	columnIP          = "ip_address"
	columnNetmask     = "netmask"
	columnGateway     = "gateway"
	columnNameservers = "nameservers"
	columnMAC         = "mac"
	columnDisk        = "disk"
	columnLabels      = "labels"
	columnBMCIP       = "bmc_ip"
	columnBMCUsername = "bmc_username"
	columnBMCPassword = "bmc_password"
	columnVLAN        = "vlan_id"
	columnSSHUser     = "ssh_user"
	columnSSHPort     = "ssh_port"
	columnSSHKeyFile  = "ssh_key_file"
	columnSSHHostKey  = "ssh_host_key"
)

// format is which columns a file has.
type format struct {
	required, optional []string
	// machine is what a row is, in messages.
	machine string
}

// netboot are servers that are installed over the network.
var netboot = format{
	required: []string{
		columnHostname, columnIP, columnNetmask, columnGateway,
		columnNameservers, columnMAC, columnDisk, columnLabels,
	},
	optional: []string{columnBMCIP, columnBMCUsername, columnBMCPassword, columnVLAN},
	machine:  "server",
}

// sshHosts are hosts that already run Linux. What only an installation needs is
// checked where it is given, so that one file serves both.
var sshHosts = format{
	required: []string{columnHostname, columnIP, columnLabels},
	optional: []string{
		columnSSHUser, columnSSHPort, columnSSHKeyFile, columnSSHHostKey,
		columnNetmask, columnGateway, columnNameservers, columnMAC, columnDisk,
		columnBMCIP, columnBMCUsername, columnBMCPassword, columnVLAN,
	},
	machine: "host",
}

// Option changes how a file is read.
type Option func(*reader)

// ForSSH reads hosts that already run Linux and are reached over SSH: only
// hostname, ip_address and labels are required, and ssh_user, ssh_port,
// ssh_key_file and ssh_host_key are known. ssh_host_key is the SHA-256
// fingerprint of the host's key, or the public key itself.
func ForSSH() Option { return func(r *reader) { r.format = sshHosts } }
