package node

import (
	_ "embed"
	"fmt"

	"groundwork.dev/bootstrap/images/bundle"
)

//go:embed files/containerd.toml
var containerdTOML string

//go:embed files/containerd.service
var containerdUnit string

//go:embed files/kubelet.service
var kubeletUnit string

//go:embed files/10-kubeadm.conf
var kubeadmDropIn string

//go:embed files/crictl.yaml
var crictlYAML string

const (
	modulesConf = "overlay\nbr_netfilter\n"
	sysctlConf  = "net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nnet.ipv4.ip_forward = 1\n"
)

// containerdConfig is containerd's configuration. The sandbox image is the
// release's, or containerd's own choice where there is none.
func containerdConfig(sandboxImage string) string {
	if sandboxImage == "" {
		return containerdTOML
	}
	return containerdTOML + fmt.Sprintf("\n[plugins.\"io.containerd.cri.v1.images\".pinned_images]\n  sandbox = %q\n", sandboxImage)
}

// setupPlan puts binaries in place and makes containerd run.
func setupPlan(w Work, binaries []bundle.File) *plan {
	p := &plan{}
	p.call("record")
	for _, file := range binaries {
		p.call("binary", file.SHA256, place(file.Name))
	}
	for _, file := range binaries {
		p.call("copied", file.SHA256)
	}
	for _, file := range []struct{ path, content string }{
		{"/etc/containerd/config.toml", containerdConfig(w.SandboxImage)},
		{"/etc/systemd/system/containerd.service", containerdUnit},
		{"/etc/systemd/system/kubelet.service", kubeletUnit},
		{"/etc/systemd/system/kubelet.service.d/10-kubeadm.conf", kubeadmDropIn},
		{"/etc/crictl.yaml", crictlYAML},
		{"/etc/modules-load.d/kubernetes.conf", modulesConf},
		{"/etc/sysctl.d/90-kubernetes.conf", sysctlConf},
	} {
		p.call("config", p.content([]byte(file.content)), "0644", file.path)
	}
	p.call("module", "overlay")
	p.call("module", "br_netfilter")
	p.call("setting", "net.ipv4.ip_forward", "1", "needed")
	p.call("setting", "net.bridge.bridge-nf-call-iptables", "1")
	p.call("setting", "net.bridge.bridge-nf-call-ip6tables", "1")
	p.call("unit", "containerd.service")
	p.call("unit", "kubelet.service")
	return p
}
