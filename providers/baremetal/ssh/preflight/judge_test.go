package preflight_test

import (
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
)

func TestJudge(t *testing.T) {
	const gib = 1 << 30
	type change = func(*node.Facts, *preflight.Requirement)
	for name, test := range map[string]struct {
		change change
		// check and says are of the one problem; "" for none.
		check, says string
		bearable    bool
	}{
		"fit": {func(*node.Facts, *preflight.Requirement) {}, "", "", false},
		"another address": {func(f *node.Facts, _ *preflight.Requirement) { f.Addresses = []string{"10.0.0.5", "fe80::1"} },
			preflight.CheckAddresses, "10.0.0.5", false},
		"unknown addresses":   {func(f *node.Facts, _ *preflight.Requirement) { f.Addresses = nil }, "", "", false},
		"another processor":   {func(f *node.Facts, _ *preflight.Requirement) { f.Arch = "arm64" }, preflight.CheckArchitecture, "arm64", false},
		"unknown node files":  {func(f *node.Facts, r *preflight.Requirement) { f.Arch, r.Arch = "arm64", "" }, "", "", false},
		"another system":      {func(f *node.Facts, r *preflight.Requirement) { r.OSFamily = v1alpha1.RedHat }, preflight.CheckSystem, "Ubuntu 24.04.1 LTS", false},
		"a clone of Red Hat":  {func(f *node.Facts, r *preflight.Requirement) { f.OS, r.OSFamily = "rocky", v1alpha1.RedHat }, "", "", false},
		"any system":          {func(f *node.Facts, r *preflight.Requirement) { f.OS, r.OSFamily = "void", "" }, "", "", false},
		"an old kernel":       {func(f *node.Facts, _ *preflight.Requirement) { f.Kernel = "5.9.16" }, preflight.CheckKernel, "5.10", false},
		"the oldest kernel":   {func(f *node.Facts, _ *preflight.Requirement) { f.Kernel = "5.10.0-30-amd64" }, "", "", false},
		"old without Cilium":  {func(f *node.Facts, r *preflight.Requirement) { f.Kernel, r.Cilium = "5.4.0-42", false }, "", "", false},
		"too old for kubeadm": {func(f *node.Facts, r *preflight.Requirement) { f.Kernel, r.Cilium = "4.19.0", false }, preflight.CheckKernel, "4.19", true},
		"Red Hat's kernel": {func(f *node.Facts, _ *preflight.Requirement) {
			f.OS, f.OSVersion, f.Kernel = "rhel", "8.10", "4.18.0-553.el8_10.x86_64"
		}, preflight.CheckKernel, "not tested", true},
		"Red Hat's old kernel": {func(f *node.Facts, _ *preflight.Requirement) {
			f.OS, f.OSVersion, f.Kernel = "rhel", "8.9", "4.18.0-513.el8.x86_64"
		}, preflight.CheckKernel, "Cilium needs", false},
		"a strange kernel":        {func(f *node.Facts, _ *preflight.Requirement) { f.Kernel = "custom" }, preflight.CheckKernel, "custom", true},
		"no systemd":              {func(f *node.Facts, _ *preflight.Requirement) { f.Systemd = false }, preflight.CheckSystemd, "systemd", false},
		"cgroup v1":               {func(f *node.Facts, _ *preflight.Requirement) { f.CgroupV2 = false }, preflight.CheckSystemd, "failCgroupV1: false", false},
		"cgroup v1 that is borne": {func(f *node.Facts, r *preflight.Requirement) { f.CgroupV2, r.CgroupV1 = false, true }, preflight.CheckSystemd, "cgroup v1", true},
		"no tar":                  {func(f *node.Facts, _ *preflight.Requirement) { f.MissingCommands = []string{"tar"} }, preflight.CheckCommands, "commands tar", false},
		"no overlay":              {func(f *node.Facts, _ *preflight.Requirement) { f.MissingModules = []string{"overlay"} }, preflight.CheckCommands, "modprobe overlay", false},
		"one CPU":                 {func(f *node.Facts, _ *preflight.Requirement) { f.CPUs = 1 }, preflight.CheckSize, "1 CPU", false},
		"one CPU for a worker":    {func(f *node.Facts, r *preflight.Requirement) { f.CPUs, r.ControlPlane = 1, false }, "", "", false},
		"little memory":           {func(f *node.Facts, _ *preflight.Requirement) { f.Memory = 1_600_000_000 }, preflight.CheckSize, "1700 MB", false},
		"tight memory":            {func(f *node.Facts, _ *preflight.Requirement) { f.Memory = 1_800_000_000 }, preflight.CheckSize, "little room", true},
		"little for a worker":     {func(f *node.Facts, r *preflight.Requirement) { f.Memory, r.ControlPlane = gib, false }, preflight.CheckSize, "little room", true},
		"swap":                    {func(f *node.Facts, _ *preflight.Requirement) { f.Swap = 2 * gib }, preflight.CheckSwap, "2.0 GiB", false},
		"swap that is borne":      {func(f *node.Facts, r *preflight.Requirement) { f.Swap, r.SwapAllowed = gib, true }, "", "", false},
		"ahead":                   {func(f *node.Facts, _ *preflight.Requirement) { f.Skew = 6 * time.Second }, preflight.CheckClock, "6s ahead", false},
		"behind":                  {func(f *node.Facts, _ *preflight.Requirement) { f.Skew = -time.Hour }, preflight.CheckClock, "1h0m0s behind", false},
		"perhaps ahead":           {func(f *node.Facts, _ *preflight.Requirement) { f.Skew, f.Uncertainty = 6*time.Second, 2*time.Second }, "", "", false},
		"no clock":                {func(f *node.Facts, _ *preflight.Requirement) { f.Skew, f.Time = time.Hour, time.Time{} }, "", "", false},
		"nothing keeps the clock": {func(f *node.Facts, _ *preflight.Requirement) { f.NTPSynchronized = false }, preflight.CheckClock, "ntpConfiguration", true},
		"we will keep the clock":  {func(f *node.Facts, r *preflight.Requirement) { f.NTPSynchronized, r.SetsTheClock = false, true }, "", "", false},
		"little disk": {func(f *node.Facts, r *preflight.Requirement) {
			f.DiskFree, r.Binaries, r.Images = 5*gib, gib, gib
		}, preflight.CheckDisk, "6.5 GiB are needed: 4.5 GiB", false},
		"little disk in /usr": {func(f *node.Facts, r *preflight.Requirement) { f.DiskFreeRoot, r.Binaries = gib/2, gib }, preflight.CheckDisk, "in /usr", false},
		"one file system holds both": {func(f *node.Facts, r *preflight.Requirement) {
			f.DiskFree, f.DiskFreeRoot, r.Binaries = 13*gib/4, 13*gib/4, gib
		}, preflight.CheckDisk, "4.0 GiB are needed", false},
		"tight disk":          {func(f *node.Facts, _ *preflight.Requirement) { f.DiskFree = 8 * gib }, preflight.CheckDisk, "images of applications", true},
		"port taken":          {func(f *node.Facts, _ *preflight.Requirement) { f.ListeningPorts = []int{22, 6443} }, preflight.CheckPorts, "sport = :6443", false},
		"etcd on a worker":    {func(f *node.Facts, r *preflight.Requirement) { f.ListeningPorts, r.ControlPlane = []int{2379}, false }, "", "", false},
		"kubelet on a worker": {func(f *node.Facts, r *preflight.Requirement) { f.ListeningPorts, r.ControlPlane = []int{10250}, false }, preflight.CheckPorts, "kubelet", false},
		"Cilium's":            {func(f *node.Facts, _ *preflight.Requirement) { f.ListeningPorts = []int{4240} }, preflight.CheckPorts, "Cilium", false},
		"Cilium's without it": {func(f *node.Facts, r *preflight.Requirement) { f.ListeningPorts, r.Cilium = []int{4240}, false }, "", "", false},
		"kube-proxy's":        {func(f *node.Facts, r *preflight.Requirement) { f.ListeningPorts, r.KubeProxy = []int{10256}, true }, preflight.CheckPorts, "kube-proxy", false},
		"Docker":              {func(f *node.Facts, _ *preflight.Requirement) { f.Runtimes = []string{"dockerd running as process 7"} }, preflight.CheckRuntimes, "dockerd", false},
		"leftovers": {func(f *node.Facts, _ *preflight.Requirement) {
			f.Leftovers = []string{"/etc/kubernetes/admin.conf", "b", "c", "d", "e"}
		}, preflight.CheckLeftovers, "and 1 more", false},
		"another cluster's": {func(f *node.Facts, _ *preflight.Requirement) {
			f.Owner = node.Owner{Cluster: "prod", Machine: "prod-x", UID: "1"}
			f.ListeningPorts, f.Runtimes = []int{6443}, []string{"kubelet"} // its own
		}, preflight.CheckOwner, "the cluster prod", false},
		"ours already": {func(f *node.Facts, _ *preflight.Requirement) {
			f.Owner = node.Owner{Cluster: "demo", Machine: "demo-x", UID: "1"}
			f.ListeningPorts, f.Leftovers, f.DiskFree = []int{6443}, []string{"/etc/kubernetes/admin.conf"}, gib
		}, preflight.CheckOwner, "for this cluster already", true},
	} {
		t.Run(name, func(t *testing.T) {
			facts := fit("172.30.0.11")
			needs := preflight.Requirement{
				Cluster: "demo", Address: "172.30.0.11", ControlPlane: true, Arch: "amd64", OSFamily: v1alpha1.Ubuntu, Cilium: true,
			}
			if strings.Contains(name, "Red Hat's") {
				needs.OSFamily = v1alpha1.RedHat
			}
			test.change(&facts, &needs)
			got := preflight.Judge(facts, needs)
			if test.check == "" {
				if len(got) > 0 {
					t.Errorf("got %+v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("got %d problems: %+v", len(got), got)
			}
			p := got[0]
			if p.Check != test.check || p.Bearable != test.bearable || p.Remedy == "" || !strings.Contains(p.Found+"\n"+p.Remedy, test.says) {
				t.Errorf("got %+v, want %q of %s", p, test.says, test.check)
			}
		})
	}
}
