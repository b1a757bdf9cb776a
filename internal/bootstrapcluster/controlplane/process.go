package controlplane

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// clockTicks is the unit of /proc/self/stat: USER_HZ, 100 on every Linux.
const clockTicks = 100

// sinceProcessStart is how long this process has run, to a hundredth of a
// second; from the start of main where /proc does not tell.
func sinceProcessStart() time.Duration {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return time.Since(mainStart)
	}
	// The name of the program, in parentheses, may hold anything. What follows
	// it are fields 3 and on; the start time is field 22 (proc_pid_stat(5)).
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil || len(fields) < 20 {
		return time.Since(mainStart)
	}
	started, err := strconv.ParseFloat(string(fields[19]), 64)
	if err != nil {
		return time.Since(mainStart)
	}
	up, err := strconv.ParseFloat(string(bytes.Fields(uptime)[0]), 64)
	if err != nil {
		return time.Since(mainStart)
	}
	return time.Duration((up - started/clockTicks) * float64(time.Second))
}

var mainStart = time.Now()

// residentMemory is the RSS of this process in bytes, 0 where /proc does not
// tell.
func residentMemory() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
