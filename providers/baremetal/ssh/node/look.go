package node

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const kibibyte = 1024

// Look says what a host is. It changes nothing there, and what the host does
// not tell is zero.
func Look(ctx context.Context, r Remote) (Facts, error) {
	asked := time.Now()
	rep, err := run(ctx, r, "asking the host what it is", script("look"), nil)
	if err != nil {
		return Facts{}, err
	}
	answered := time.Now()

	facts := Facts{
		Hostname:        rep.get("hostname"),
		MachineID:       rep.get("machine-id"),
		OS:              unquote(rep.get("os")),
		OSVersion:       unquote(rep.get("os-version")),
		OSName:          unquote(rep.get("os-name")),
		Kernel:          rep.get("kernel"),
		Arch:            goArch(rep.get("machine")),
		CPUs:            int(number(rep.get("cpus"))),
		Memory:          number(rep.get("memory-kib")) * kibibyte,
		DiskFree:        number(rep.get("disk-free-kib")) * kibibyte,
		DiskFreeRoot:    number(rep.get("disk-free-root-kib")) * kibibyte,
		NTPSynchronized: rep.get("ntp") == "yes",
		Systemd:         rep.get("systemd") == "yes",
		CgroupV2:        hasControllers(rep.get("cgroup-controllers")),
		ListeningPorts:  ports(rep.values["listen"]),
		Leftovers:       rep.values["leftover"],
		Runtimes:        rep.values["runtime"],
		MissingCommands: rep.values["missing-command"],
		MissingModules:  rep.values["missing-module"],
		Addresses:       rep.values["address"],
		Owner:           rep.owner(),
	}
	for _, size := range rep.values["swap-kib"] {
		facts.Swap += number(size) * kibibyte
	}
	started, ended := unixTime(rep.get("started")), unixTime(rep.get("ended"))
	if !started.IsZero() && !ended.IsZero() {
		facts.Time = started
		// The offset and delay of RFC 5905, section 8: what the script itself
		// took does not count.
		facts.Skew = (started.Sub(asked) + ended.Sub(answered)) / 2
		facts.Uncertainty = max(0, answered.Sub(asked)-ended.Sub(started))
	}
	return facts, nil
}

// unquote takes the quotes off a value of os-release(5).
func unquote(value string) string {
	if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		value = value[1 : len(value)-1]
	}
	return strings.NewReplacer(`\"`, `"`, `\$`, `$`, `\\`, `\`, "\\`", "`").Replace(value)
}

// goArch is GOARCH of what uname -m says.
func goArch(machine string) string {
	switch machine {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	}
	return machine
}

func number(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// unixTime reads seconds since 1970 with or without a fraction; busybox's
// date leaves it out.
func unixTime(text string) time.Time {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}
	}
	var nanoseconds int64
	if _, err := strconv.ParseUint(fraction, 10, 64); err == nil && len(fraction) <= 9 {
		nanoseconds = number((fraction + "000000000")[:9])
	}
	return time.Unix(seconds, nanoseconds)
}

// hasControllers says whether the unified hierarchy can hold pods.
func hasControllers(controllers string) bool {
	have := strings.Fields(controllers)
	for _, needed := range []string{"cpu", "memory", "pids"} {
		if !slices.Contains(have, needed) {
			return false
		}
	}
	return true
}

func ports(hexadecimal []string) []int {
	var list []int
	for _, text := range hexadecimal {
		if port, err := strconv.ParseUint(text, 16, 16); err == nil {
			list = append(list, int(port))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// String names the machine and its cluster.
func (o Owner) String() string {
	return fmt.Sprintf("machine %s of cluster %s", o.Machine, o.Cluster)
}
