package peer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Usage is what a manager has used since it began.
type Usage struct {
	Name Name `json:"name"`
	// CPU is user and system time.
	CPU time.Duration `json:"cpu"`
	// RSS is the resident memory now and PeakRSS the most there was, in bytes.
	RSS     int64 `json:"rss"`
	PeakRSS int64 `json:"peakRSS"`
}

// Usage tells what each manager has used: now or, after Stop, just before it.
func (m *Managers) Usage() ([]Usage, error) {
	var all []Usage
	for _, p := range m.processes {
		usage := p.last
		select {
		case <-p.exited:
			if usage.Name == "" {
				return nil, fmt.Errorf("the manager %s %w", p.name, p.ending())
			}
		default:
			var err error
			if usage, err = p.usage(); err != nil {
				return nil, err
			}
		}
		all = append(all, usage)
	}
	return all, nil
}

// usage reads /proc. The kernel's own account of an ended process will not
// do: its peak begins with the memory of the process that forked it, which
// execve does not reset.
func (p *process) usage() (Usage, error) {
	u, err := readUsage(p.command.Process.Pid)
	if err != nil {
		return Usage{}, fmt.Errorf("read what the manager %s uses: %w", p.name, err)
	}
	u.Name = p.name
	return u, nil
}

// ticks is the unit of times in /proc/PID/stat: USER_HZ, which is 100 in
// every Linux of a supported architecture.
const ticks = time.Second / 100

func readUsage(pid int) (Usage, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return Usage{}, err
	}
	// proc_pid_stat(5): the name in parentheses may hold anything; utime and
	// stime are the 12th and 13th field after it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return Usage{}, fmt.Errorf("%s/stat is %q", dir, stat)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return Usage{}, err
	}
	u := Usage{CPU: time.Duration(user+system) * ticks}
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		return Usage{}, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		target := map[string]*int64{"VmRSS": &u.RSS, "VmHWM": &u.PeakRSS}[name]
		if target == nil {
			continue
		}
		kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return Usage{}, fmt.Errorf("%s/status: %w", dir, err)
		}
		*target = kilobytes * 1024
	}
	return u, nil
}
