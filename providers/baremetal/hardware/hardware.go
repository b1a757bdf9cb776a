// Package hardware reads the hardware file: a CSV with one bare-metal server
// a row, in EKS Anywhere's format (pkg/providers/tinkerbell/hardware).
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
	// Address is the server's address with the length of its netmask.
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
}

// BMC is a server's management controller.
type BMC struct {
	Address  netip.Addr
	Username string
	Password secret.String
}

// Columns of the file, by the names in its first row. Those after
// requiredColumns may be missing.
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
)

var requiredColumns = []string{
	columnHostname, columnIP, columnNetmask, columnGateway,
	columnNameservers, columnMAC, columnDisk, columnLabels,
}

var optionalColumns = []string{columnBMCIP, columnBMCUsername, columnBMCPassword, columnVLAN}
