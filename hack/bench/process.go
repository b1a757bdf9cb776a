package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// usage is what a run of the tool took.
type usage struct {
	wall float64 // seconds
	cpu  float64 // seconds, user and system, children included
	// peak resident memory in MiB: of the tool itself, which holds the
	// simulated site in a rehearsal, and of its child, the bootstrap cluster.
	tool, child float64
	stdout      []byte
}

// measure runs the tool to its end.
func (s *suite) measure(ctx context.Context, args ...string) (usage, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	peaks := watch(cmd.Process.Pid)
	err := cmd.Wait()
	u := usage{wall: time.Since(begun).Seconds(), stdout: stdout.Bytes()}
	u.tool, u.child = peaks()
	if err != nil {
		return u, fmt.Errorf("%s %s: %w\n%s", filepath.Base(s.binary), strings.Join(args, " "), err, stderr.Bytes())
	}
	state := cmd.ProcessState
	u.cpu = (state.UserTime() + state.SystemTime()).Seconds()
	if rusage, ok := state.SysUsage().(*syscall.Rusage); ok && u.tool == 0 {
		u.tool = float64(rusage.Maxrss) / 1024
	}
	return u, nil
}

// samplingInterval is short beside any run; what is sampled remembers its peak.
const samplingInterval = 250 * time.Millisecond

// watch samples the high-water marks of a process and its children until the
// returned function is called.
func watch(pid int) func() (tool, child float64) {
	stop := make(chan struct{})
	var done sync.WaitGroup
	var tool, child float64
	done.Go(func() {
		ticker := time.NewTicker(samplingInterval)
		defer ticker.Stop()
		for {
			tool = max(tool, highWater(pid))
			for _, c := range children(pid) {
				child = max(child, highWater(c))
			}
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	})
	return func() (float64, float64) {
		close(stop)
		done.Wait()
		return tool, child
	}
}

// highWater is the peak resident memory of a process in MiB, 0 when it is
// gone (VmHWM in proc(5)).
func highWater(pid int) float64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib / 1024
}

func children(pid int) []int {
	var found []int
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				found = append(found, child)
			}
		}
	}
	return found
}
