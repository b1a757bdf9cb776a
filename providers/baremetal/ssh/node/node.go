// Package node is what is done on a host to make it a node and to give it
// back: its facts, the node files, kubeadm's bootstrap data, the reset.
// Whatever takes long runs detached from the SSH connection.
package node

import (
	"context"
	"time"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// Remote is a host; *remote.Client implements it.
type Remote interface {
	Run(context.Context, remote.Command) (remote.Result, error)
	Copy(context.Context, []remote.File, func(remote.CopyProgress)) (remote.CopyProgress, error)
}

// Facts are what a host says about itself.
type Facts struct {
	Hostname  string `json:"hostname"`
	MachineID string `json:"machineID"`
	// OS is ID of os-release ("ubuntu"), OSVersion VERSION_ID, OSName
	// PRETTY_NAME.
	OS        string `json:"os"`
	OSVersion string `json:"osVersion"`
	OSName    string `json:"osName"`
	Kernel    string `json:"kernel"` // uname -r
	Arch      string `json:"arch"`   // as Go names it: amd64, arm64
	CPUs      int    `json:"cpus"`
	// Memory is what the machine has, in bytes.
	Memory int64 `json:"memory"`
	// DiskFree is what is free where /var/lib lies, in bytes; DiskFreeRoot
	// where /usr lies.
	DiskFree     int64 `json:"diskFree"`
	DiskFreeRoot int64 `json:"diskFreeRoot"`
	// Swap is the swap in use or ready, in bytes.
	Swap int64 `json:"swap"`
	// Time is the host's clock when it was asked; Skew is how far it is ahead
	// of ours, Uncertainty how long the question took.
	Time        time.Time     `json:"time"`
	Skew        time.Duration `json:"skew"`
	Uncertainty time.Duration `json:"uncertainty"`
	// NTPSynchronized is what timedatectl says; false where it is missing.
	NTPSynchronized bool `json:"ntpSynchronized"`
	Systemd         bool `json:"systemd"`
	// CgroupV2 is true where the unified hierarchy has the controllers.
	CgroupV2 bool `json:"cgroupV2"`
	// ListeningPorts are the TCP ports that something listens on.
	ListeningPorts []int `json:"listeningPorts"`
	// Leftovers are paths of a cluster that was here: /etc/kubernetes/….
	Leftovers []string `json:"leftovers"`
	// Runtimes are container runtimes and kubelets that are installed or run
	// without having been put there by us.
	Runtimes []string `json:"runtimes"`
	// MissingCommands and MissingModules are what a node needs and the host
	// lacks.
	MissingCommands []string `json:"missingCommands"`
	MissingModules  []string `json:"missingModules"`
	// Addresses are the host's own IP addresses.
	Addresses []string `json:"addresses"`
	// Owner is who has claimed the host; zero for nobody.
	Owner Owner `json:"owner"`
}

// Owner is the machine that a host works for.
type Owner struct {
	Cluster string `json:"cluster"`
	Machine string `json:"machine"`
	// UID is the SSHMachine's.
	UID string `json:"uid"`
}

// Work is what a host is to become.
type Work struct {
	Owner Owner
	// Hostname, InstanceID and Address are the metadata that the bootstrap
	// data may refer to.
	Hostname, InstanceID, Address string
	ControlPlane                  bool
	Bundle                        *bundle.Bundle
	// SandboxImage is the image of the pods' sandboxes.
	SandboxImage string
	// BootstrapData is Cluster API's cloud-config; it holds secrets.
	BootstrapData []byte
}

// Phase is how far the work on a host is.
type Phase string

// The phases of a job on a host.
const (
	PhaseNone    Phase = ""
	PhaseRunning Phase = "Running"
	PhaseDone    Phase = "Done"
	PhaseFailed  Phase = "Failed"
)

// Status is the state of the job on a host.
type Status struct {
	// Job is "bootstrap", "reset", or "" where there is none.
	Job   string
	Owner Owner
	Phase Phase
	// Step is what is being done, such as "kubeadm init"; for a failed job
	// what failed.
	Step string
	// Log is the tail of the job's log, a few lines, secrets removed.
	Log string
	// BootID tells a reboot in between.
	BootID string
	// Attempt counts the starts of a bootstrap job, from 1.
	Attempt int
	// Interrupted is true for a failed job that did not end by itself: the
	// host was restarted, or the job was killed. Starting it again is safe.
	Interrupted bool
}
