package supervisor

import (
	"time"

	"groundwork.dev/bootstrap/hack/lab/cgroup"
	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/network"
)

// Power is whether a host runs.
type Power string

// The states of a host.
const (
	PowerOn  Power = "on"
	PowerOff Power = "off"
)

// Faults are those in force on a host. They outlast its power going off.
type Faults struct {
	LinkDown bool `json:"linkDown,omitempty"`
	// LossPercent of packets are lost, each way.
	LossPercent float64 `json:"lossPercent,omitempty"`
	// Delay is added to every packet, each way, in nanoseconds.
	Delay    time.Duration `json:"delay,omitempty"`
	DiskFull bool          `json:"diskFull,omitempty"`
}

// HostStatus is how a host is.
type HostStatus struct {
	Name  string `json:"name"`
	Power Power  `json:"power"`
	// Reason says why it is off.
	Reason string `json:"reason,omitempty"`
	// Boots counts how often it was started.
	Boots int `json:"boots"`
	// PID is that of its first process, on the machine; 0 when off.
	PID     int             `json:"pid,omitempty"`
	Since   time.Time       `json:"since"`
	Faults  Faults          `json:"faults"`
	Memory  cgroup.Memory   `json:"memory"`
	Disk    host.DiskUsage  `json:"disk"`
	Traffic network.Traffic `json:"traffic"`
}

// Status is how a lab is.
type Status struct {
	// PID is the supervisor's.
	PID   int          `json:"pid"`
	Hosts []HostStatus `json:"hosts"`
	// DiskFreeBytes is what the machine's disk has left for the hosts' disks,
	// whatever size these claim to be. With none left, hosts meet I/O errors.
	DiskFreeBytes int64 `json:"diskFreeBytes"`
	// Outside is what hosts asked for outside the lab.
	Outside network.Outside `json:"outside"`
}
