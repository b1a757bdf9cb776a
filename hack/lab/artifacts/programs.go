package artifacts

import (
	"strings"

	"groundwork.dev/bootstrap/hack/lab/artifacts/gobuild"
)

// Versions of what is built; the modules below modules pin the same ones.
const (
	kubernetesVersion = "v1.35.4"
	containerdVersion = "v2.2.1"
	etcdVersion       = "v3.6.6"
	corednsVersion    = "v1.13.1"
	kubeVIPVersion    = "v0.9.1"
	crictlVersion     = "v1.36.0" // the nearest to Kubernetes 1.35 in the module proxy
	helmVersion       = "v3.20.0"
	ciliumVersion     = "v1.19.5"
	// pauseVersion is the tag that kubeadm v1.35.4 asks for
	// (cmd/kubeadm/app/constants); the program is this project's own.
	pauseVersion = "3.10.1"
	// etcdTag is the image tag that kubeadm v1.35.4 asks for.
	etcdTag = "3.6.6-0"
)

const (
	own        = "groundwork.dev/bootstrap/hack/lab/artifacts/"
	stripped   = "-s -w"
	ciliumPath = "github.com/cilium/cilium"
)

// The groups are built in this order: what everything else waits for first.
var (
	containerd = gobuild.Group{
		Name: "containerd", Module: true, Version: containerdVersion,
		LDFlags: stripped + " -X github.com/containerd/containerd/v2/version.Version=" + containerdVersion,
		Commands: commands("github.com/containerd/containerd/v2/cmd/",
			"containerd", "containerd-shim-runc-v2", "ctr"),
	}
	kubernetes = gobuild.Group{
		Name: "kubernetes", Module: true, Version: kubernetesVersion, LDFlags: kubernetesStamp(),
		Commands: commands("k8s.io/kubernetes/cmd/",
			"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubeadm", "kubectl", "kubelet"),
	}
	etcd = gobuild.Group{
		Name: "etcd", Module: true, Version: etcdVersion, LDFlags: stripped,
		Commands: []gobuild.Command{
			{Package: "go.etcd.io/etcd/server/v3", Name: "etcd"},
			{Package: "go.etcd.io/etcd/etcdctl/v3"},
		},
	}
	coredns = gobuild.Group{
		Name: "coredns", Module: true, Version: corednsVersion, LDFlags: stripped,
		Commands: commands("github.com/coredns/", "coredns"),
	}
	kubeVIP = gobuild.Group{
		Name: "kube-vip", Module: true, Version: kubeVIPVersion,
		LDFlags:  stripped + " -X main.Version=" + kubeVIPVersion,
		Commands: commands("github.com/kube-vip/", "kube-vip"),
	}
	crictl = gobuild.Group{
		Name: "crictl", Module: true, Version: crictlVersion,
		LDFlags:  stripped + " -X sigs.k8s.io/cri-tools/pkg/version.Version=" + crictlVersion,
		Commands: commands("sigs.k8s.io/cri-tools/cmd/", "crictl"),
	}
	cilium = gobuild.Group{
		Name: "cilium", Module: true, Version: ciliumVersion, Tags: []string{"osusergo", "ipam_provider_operator"},
		// Version, commit and date, as Cilium's Makefile stamps them; the module
		// proxy names the commit and the date of the tag.
		LDFlags: stripped + ` -X "` + ciliumPath + `/pkg/version.ciliumVersion=` + strings.TrimPrefix(ciliumVersion, "v") + ` 20eaccfe 2026-06-16T10:54:31+00:00"`,
		Commands: []gobuild.Command{
			{Package: ciliumPath + "/daemon", Name: "cilium-agent"},
			{Package: ciliumPath + "/operator", Name: "cilium-operator-generic"},
			{Package: ciliumPath + "/cilium-dbg"},
			{Package: ciliumPath + "/cilium-health"},
			{Package: ciliumPath + "/cilium-health/responder", Name: "cilium-health-responder"},
			{Package: ciliumPath + "/bugtool", Name: "cilium-bugtool"},
			{Package: ciliumPath + "/tools/mount", Name: "cilium-mount"},
			{Package: ciliumPath + "/tools/sysctlfix", Name: "cilium-sysctlfix"},
			{Package: ciliumPath + "/plugins/cilium-cni"},
		},
	}
	helm = gobuild.Group{
		Name: "helm", Module: true, Version: helmVersion,
		LDFlags:  stripped + " -X helm.sh/helm/v3/internal/version.version=" + helmVersion,
		Commands: commands("helm.sh/helm/v3/cmd/", "helm"),
	}
	pause = gobuild.Group{Name: "pause", LDFlags: stripped, Commands: commands(own, "pause")}
	// runcWrapper stands before runc on a lab host.
	runcWrapper = gobuild.Group{Name: "runc-wrapper", LDFlags: stripped, Commands: commands(own, "runc")}
)

var groups = []gobuild.Group{runcWrapper, pause, containerd, kubernetes, etcd, coredns, cilium, kubeVIP, crictl, helm}

func commands(path string, names ...string) []gobuild.Command {
	list := make([]gobuild.Command, len(names))
	for i, name := range names {
		list[i] = gobuild.Command{Package: path + name}
	}
	return list
}

// kubernetesStamp is what Kubernetes' own build stamps (hack/lib/version.sh),
// with a fixed commit and date: neither is in the module.
func kubernetesStamp() string {
	flags := stripped
	for _, path := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		for _, value := range []string{
			"gitVersion=" + kubernetesVersion, "gitMajor=1", "gitMinor=35", "gitTreeState=clean",
			"gitCommit=" + strings.Repeat("0", 40), "buildDate=2026-01-01T00:00:00Z",
		} {
			flags += " -X " + path + "." + value
		}
	}
	return flags
}
