package preflight

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// version is the beginning of a version: major and minor.
type version struct{ major, minor int }

func (v version) less(o version) bool {
	return v.major < o.major || v.major == o.major && v.minor < o.minor
}

// parseVersion reads what a version begins with: "6.8.0-45-generic", "8.10".
func parseVersion(text string) (version, bool) {
	major, rest, _ := strings.Cut(text, ".")
	minor := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	a, err := strconv.Atoi(major)
	if err != nil {
		return version{}, false
	}
	b, err := strconv.Atoi(minor)
	if err != nil {
		return version{a, 0}, minor == ""
	}
	return version{a, b}, true
}

var (
	// ciliumKernel and ciliumRedHatKernel, of Red Hat's 8.10, are what Cilium
	// 1.19 needs (Documentation/operations/system_requirements.rst).
	ciliumKernel       = version{5, 10}
	ciliumRedHatKernel = version{4, 18}
	ciliumRedHat       = version{8, 10}
	// kubeadmKernel is the oldest that kubeadm 1.35 takes without a warning
	// (k8s.io/system-validators v1.12, DefaultSysSpec).
	kubeadmKernel = version{5, 4}
)

func (j *judgement) kernel() {
	kernel, ok := parseVersion(j.facts.Kernel)
	if !ok {
		j.bearable(CheckKernel, "See that the host's kernel is Linux 5.10 or later: uname -r", "its kernel calls itself %q", j.facts.Kernel)
		return
	}
	const remedy = "Update the distribution, or its kernel, to Linux 5.10 or later, and reboot."
	system, _ := parseVersion(j.facts.OSVersion)
	redHat := slices.Contains([]string{"rhel", "rocky", "almalinux", "centos", "ol"}, j.facts.OS) && !system.less(ciliumRedHat)
	switch {
	case j.needs.Cilium && kernel.less(ciliumKernel) && !(redHat && !kernel.less(ciliumRedHatKernel)):
		j.unfit(CheckKernel, remedy, "its kernel is %s, and Cilium needs %d.%d or later", j.facts.Kernel, ciliumKernel.major, ciliumKernel.minor)
	case kernel.less(kubeadmKernel):
		j.bearable(CheckKernel, remedy, "its kernel is %s, which Kubernetes is not tested with", j.facts.Kernel)
	}
}

// bytes writes a size for people.
func bytes(n int64) string {
	const mebibyte, gibibyte = 1 << 20, 1 << 30
	if n < gibibyte {
		return fmt.Sprintf("%d MiB", n/mebibyte)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/gibibyte)
}
