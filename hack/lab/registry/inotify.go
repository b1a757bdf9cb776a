package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// The kernel counts inotify instances by user and user namespace. Hosts
	// are root of the machine's own user namespace, as eBPF demands, so all
	// of them share the machine's limit.
	inotifyLimit = "/proc/sys/fs/inotify/max_user_instances"
	// instancesPerHost is what a control plane opens, rounded up: 29 by
	// systemd, containerd, the kubelet, its static pods and Cilium; a worker
	// opens half as many.
	instancesPerHost = 32
	// instancesOfMachine is for the machine's own processes, such as a
	// bootstrap cluster's.
	instancesOfMachine = 32
	// inotifyBefore holds the machine's own setting while it is raised.
	inotifyBefore = root + "/max_user_instances"
)

// RaiseInotify raises the machine's limit where the hosts of all labs need
// more than it gives, and remembers what it was. Up to three hosts need nothing
// on a machine with the kernel's default of 128.
func RaiseInotify() error {
	hosts, err := countHosts()
	if err != nil {
		return err
	}
	now, err := readNumber(inotifyLimit)
	if err != nil {
		return err
	}
	needed := hosts*instancesPerHost + instancesOfMachine
	if needed <= now {
		return nil
	}
	if _, err := os.Stat(inotifyBefore); errors.Is(err, fs.ErrNotExist) {
		if err := replace(inotifyBefore, []byte(strconv.Itoa(now))); err != nil {
			return err
		}
	}
	return os.WriteFile(inotifyLimit, []byte(strconv.Itoa(needed)), 0)
}

// RestoreInotify puts the machine's limit back once no lab is left.
func RestoreInotify() error {
	before, err := readNumber(inotifyBefore)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if left, err := Names(); err != nil || len(left) > 0 {
		return err
	}
	if err := os.WriteFile(inotifyLimit, []byte(strconv.Itoa(before)), 0); err != nil {
		return fmt.Errorf("put %s back to %d: %w", inotifyLimit, before, err)
	}
	if err := os.Remove(inotifyBefore); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(inotifyBefore))
	return nil
}

func countHosts() (int, error) {
	names, err := Names()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, name := range names {
		l, err := Load(name)
		if err != nil && !errors.Is(err, ErrNone) {
			return 0, err
		}
		n += len(l.Hosts)
	}
	return n, nil
}

func readNumber(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}
