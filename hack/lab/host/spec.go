// Package host makes a host out of Linux namespaces: a disk of its own, a root
// file system, devices, kernel settings that do not reach the machine, a
// network device, and systemd as the first process.
//
// The first process is this program once more, started in namespaces of its
// own by the lab's supervisor (Start), which prepares everything from inside
// (Main) and then becomes systemd.
package host

import (
	"net/netip"
	"path/filepath"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
)

// Argv0 is the name by which this program knows that it is to be a host.
const Argv0 = "groundwork-lab-host"

// Spec is all that a host's first process must know.
type Spec struct {
	Name string
	// Dir holds the host's files on the machine.
	Dir string
	// RootFS is the tree below every host's root, never written to.
	RootFS string
	// FirstBoot: what makes this host different from others is still to be
	// written.
	FirstBoot bool
	// Addresses of the device, with the subnet's length.
	Addresses []netip.Prefix
	// Gateway is the default route and the name server.
	Gateway netip.Addr
	// Cgroup is the host's, which it sees as the root of all.
	Cgroup cgroup.Group
	// Console is the terminal that the host has as /dev/console.
	Console string
	// User may log in beside root; RootFS has it.
	User string
	// AuthorizedKey is a line of authorized_keys.
	AuthorizedKey string
	// HostKey is sshd's private key, in OpenSSH's format.
	HostKey []byte
}

// Below a host's Dir.
const (
	// ImageFile is the host's disk, a sparse file.
	ImageFile = "disk.img"
	// DiskDir is where the supervisor has the disk mounted.
	DiskDir = "disk"
	// StoreDir, where it exists, is the host's /var/lib/containerd.
	StoreDir = "containerd"
	// ConsoleFile is what the host printed while it started.
	ConsoleFile = "console.log"
	// KeyFile is sshd's private key.
	KeyFile = "ssh_host_ed25519_key"

	rootDir    = "root"
	settingDir = "sysctl"
)

// On the disk.
const (
	// UpperDir holds what differs from RootFS, as overlayfs keeps it.
	UpperDir = "upper"
	// VarDir is the host's /var.
	VarDir  = "var"
	workDir = "work"
)

func (s Spec) disk(name string) string { return filepath.Join(s.Dir, DiskDir, name) }
func (s Spec) root(name string) string { return filepath.Join(s.Dir, rootDir, name) }
