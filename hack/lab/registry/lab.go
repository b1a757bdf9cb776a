// Package registry records which labs there are on this machine, and what each
// is made of: enough to talk to one, and to remove what is left of it.
package registry

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
)

// Lab is one lab. Its JSON form is what `lab up -o json` prints.
type Lab struct {
	Name string `json:"name"`
	// Dir holds everything of the lab that takes space.
	Dir    string       `json:"dir"`
	Subnet netip.Prefix `json:"subnet"`
	// Gateway is the hosts' default route and name server. Nothing answers
	// there but the routing.
	Gateway netip.Addr `json:"gateway"`
	// Machine is this machine's own address in the subnet.
	Machine netip.Addr `json:"machine"`
	// VIP is an address in the subnet that nobody has.
	VIP     netip.Addr `json:"vip"`
	NoRoute bool       `json:"noRoute,omitempty"`
	// Device is this machine's end of the lab's cable.
	Device string `json:"device"`
	// User may log in to every host with the key, beside root, and may use
	// sudo without a password.
	User           string `json:"user"`
	KeyFile        string `json:"keyFile"`
	KnownHostsFile string `json:"knownHostsFile"`
	Hosts          []Host `json:"hosts"`

	RootFS string `json:"rootFS"`
	// Golden is the containerd store that hosts began with.
	Golden string `json:"golden,omitempty"`
	// DiskBytes is the size of each host's disk.
	DiskBytes int64 `json:"diskBytes"`
	// MachineLoops are the loop devices that the machine had before.
	MachineLoops []int `json:"machineLoops"`
	// Ready says that the lab once came up whole.
	Ready bool `json:"ready"`
}

// Host is one host of a lab.
type Host struct {
	Name string `json:"name"`
	// Address is the first of Addresses, the one SSH answers at.
	Address   netip.Addr   `json:"address"`
	Addresses []netip.Addr `json:"addresses"`
	SSHPort   int          `json:"sshPort"`
	MAC       string       `json:"mac"`
	// HostKeyFingerprint is as ssh-keygen -lf prints it.
	HostKeyFingerprint string `json:"hostKeyFingerprint"`
}

// HardwareAddress is the host's MAC in bytes.
func (h Host) HardwareAddress() net.HardwareAddr {
	mac, _ := net.ParseMAC(h.MAC)
	return mac
}

// Dir is where a host's files lie.
func (l Lab) HostDir(host string) string { return filepath.Join(l.Dir, "hosts", host) }

// Group is the lab's cgroup.
func (l Lab) Group(hierarchies []cgroup.Hierarchy) cgroup.Group {
	return cgroup.Group{Hierarchies: hierarchies, Path: filepath.Join(cgroup.Root, l.Name)}
}

// Names of children of the lab's cgroup; a host's is below HostsGroup.
const (
	SupervisorGroup = "supervisor"
	HostsGroup      = "hosts"
)

// root is on a file system that does not outlive the machine's running.
const root = "/run/groundwork-lab"

const recordFile = "lab.json"

// Path is where a lab's record and socket lie.
func Path(name string) string { return filepath.Join(root, name) }

// Socket is the supervisor's.
func Socket(name string) string { return filepath.Join(Path(name), "supervisor.sock") }

// ErrNone says that there is no record of a lab.
var ErrNone = errors.New("no such lab")

// Load reads the record of a lab, or returns ErrNone.
func Load(name string) (Lab, error) {
	var l Lab
	text, err := os.ReadFile(filepath.Join(Path(name), recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return l, fmt.Errorf("lab %s: %w", name, ErrNone)
	}
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("record of lab %s: %w", name, err)
	}
	return l, nil
}

// Save writes the record whole or not at all.
func (l Lab) Save() error {
	dir := Path(l.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, recordFile), text)
}

func replace(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Names returns the labs there are records of.
func Names() ([]string, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// Remove removes the record; the last one with the folder of them all.
func Remove(name string) error {
	if err := os.RemoveAll(Path(name)); err != nil {
		return err
	}
	// Another lab's record, or a machine setting to be put back, keeps it.
	_ = os.Remove(root)
	return nil
}
