// Command runc stands before the real runc on a lab host and takes
// CAP_SYS_RESOURCE out of what containers ask for. Inside the lab that
// capability may be missing altogether, even from the bounding set, and runc
// fails to set what it does not have; pods that name it, such as Cilium's
// agent, then run without.
package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// places are where a host's runc may lie: what the node files install comes
// first.
var places = []string{"/usr/local/sbin/runc", "/usr/sbin/runc", "/usr/bin/runc"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runc of the lab:", err)
		os.Exit(1)
	}
}

// run returns only what kept it from becoming the real runc.
func run(args []string) error {
	if path := configuration(args); path != "" {
		if err := edit(path); err != nil {
			return fmt.Errorf("edit %s: %w", path, err)
		}
	}
	for _, place := range places {
		err := syscall.Exec(place, append([]string{place}, args...), os.Environ())
		if err != syscall.ENOENT {
			return fmt.Errorf("run %s: %w", place, err)
		}
	}
	return fmt.Errorf("there is none at %s", strings.Join(places, ", "))
}

// configuration is the file with the capabilities of the process that this
// call of runc starts: the bundle's configuration, or for exec the process's.
// It is empty for calls that start none.
func configuration(args []string) string {
	verb, bundle, process := "", ".", ""
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		switch name {
		case "--bundle", "-bundle", "-b":
			bundle = value
		case "--process", "-process", "-p":
			process = value
		case "create", "run", "restore", "exec":
			if verb == "" {
				verb = name
			}
		}
	}
	switch verb {
	case "create", "run", "restore":
		return bundle + "/config.json"
	case "exec":
		return process
	}
	return ""
}
