// Package runner names processes in objects of a cluster, so that a later one
// sees which of them have ended without cleaning up.
package runner

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// longestHost leaves a label's 63 characters room for the process ID.
const longestHost = 50

var unsafe = regexp.MustCompile(`[^A-Za-z0-9.-]`)

// Name is this process's: host name and process ID, fit for a label.
func Name() string { return name(os.Getpid()) }

func name(pid int) string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	host = strings.Trim(unsafe.ReplaceAllString(host, "-"), ".-")
	return host[:min(len(host), longestHost)] + "_" + strconv.Itoa(pid)
}

// Ended reports whether the process of a name ran on this machine and is no
// more. Of processes elsewhere nothing is known.
func Ended(of string) bool {
	_, number, _ := strings.Cut(of, "_")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 || name(pid) != of {
		return false
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
