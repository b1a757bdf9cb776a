package preflight_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	runner "groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

const vip = "172.30.0.250"

// site is a configuration, its hosts, and what they say of themselves.
type site struct {
	t       *testing.T
	config  *v1alpha1.Config
	release releases.Release
	facts   map[string]*node.Facts
	// errors are what connecting to a host by its name ends with.
	errors map[string]error
	// sees is what a host prints of the endpoint.
	sees    map[string]string
	answers string
	folder  string
	index   bundle.Index

	mu    sync.Mutex
	open  int
	looks map[string]int
}

// newSite has a control plane of one, two workers, and hosts cp-1 and w-1 to
// w-3, all fit: one of the workers' hosts is a spare.
func newSite(t *testing.T) *site {
	t.Helper()
	cp, workers := 1, 2
	cluster := &v1alpha1.Cluster{}
	cluster.Name = "demo"
	cluster.Spec.KubernetesVersion = "1.35"
	cluster.Spec.DatacenterRef = v1alpha1.Ref{Kind: v1alpha1.SSHDatacenterKind, Name: "demo"}
	cluster.Spec.ClusterNetwork.CNIConfig = &v1alpha1.CNIConfig{Cilium: &v1alpha1.CiliumConfig{}}
	cluster.Spec.ControlPlaneConfiguration.Count = cp
	cluster.Spec.ControlPlaneConfiguration.Endpoint = &v1alpha1.Endpoint{Host: vip}
	cluster.Spec.ControlPlaneConfiguration.MachineGroupRef = &v1alpha1.Ref{Kind: v1alpha1.SSHMachineConfigKind, Name: "cp"}
	cluster.Spec.WorkerNodeGroupConfigurations = []v1alpha1.WorkerNodeGroupConfiguration{{
		Name: "md-0", Count: &workers, MachineGroupRef: &v1alpha1.Ref{Kind: v1alpha1.SSHMachineConfigKind, Name: "worker"},
	}}
	s := &site{
		t: t, release: release(t), facts: map[string]*node.Facts{}, errors: map[string]error{}, sees: map[string]string{},
		folder: t.TempDir(), looks: map[string]int{},
		config: &v1alpha1.Config{Cluster: cluster, SSHDatacenter: &v1alpha1.SSHDatacenterConfig{}, SSHMachines: map[string]*v1alpha1.SSHMachineConfig{
			"cp":     {Spec: v1alpha1.SSHMachineConfigSpec{HardwareSelector: v1alpha1.HardwareSelector{"type": "cp"}, OSFamily: v1alpha1.Ubuntu}},
			"worker": {Spec: v1alpha1.SSHMachineConfigSpec{HardwareSelector: v1alpha1.HardwareSelector{"type": "worker"}}},
		}},
	}
	for i, name := range []string{"cp-1", "w-1", "w-2", "w-3"} {
		kind := "worker"
		if i == 0 {
			kind = "cp"
		}
		s.addHost(name, kind, fmt.Sprintf("172.30.0.%d", 11+i))
	}
	s.index = s.nodeFiles()
	return s
}

func (s *site) addHost(name, kind, address string) {
	spec := &s.config.SSHDatacenter.Spec
	spec.Hosts = append(spec.Hosts, v1alpha1.SSHHost{Name: name, Address: address, Labels: map[string]string{"type": kind}})
	f := fit(address)
	f.MachineID = "id of " + name
	s.facts[name] = &f
	s.sees[name] = vip + " dev eth0 src " + address + " uid 0\n    cache\nbefore \nafter " + vip + " dev eth0 FAILED\n"
}

// fit is a host that nothing speaks against.
func fit(address string) node.Facts {
	return node.Facts{
		Hostname: "host", OS: "ubuntu", OSVersion: "24.04", OSName: "Ubuntu 24.04.1 LTS", Kernel: "6.8.0-45-generic", Arch: "amd64",
		CPUs: 4, Memory: 16 << 30, DiskFree: 80 << 30, DiskFreeRoot: 80 << 30,
		Time: time.Unix(1_800_000_000, 0), Skew: time.Second, Uncertainty: 10 * time.Millisecond, NTPSynchronized: true,
		Systemd: true, CgroupV2: true, ListeningPorts: []int{22, 53}, Addresses: []string{address},
	}
}

func release(t *testing.T) releases.Release {
	t.Helper()
	components := map[string]string{}
	for name, tag := range map[string]string{
		"cilium": "v1.19.4", "cilium-operator": "v1.19.4", "coredns": "v1.13.1", "etcd": "v3.5.21", "kube-apiserver": "v1.35.1-eks-1-35-4",
		"kube-controller-manager": "v1.35.1-eks-1-35-4", "kube-proxy": "v1.35.1-eks-1-35-4", "kube-scheduler": "v1.35.1-eks-1-35-4",
		"kube-vip": "v1.2.0", "kubeadm-pause": "3.10.1", "pause": "v1.35.1-eks-1-35-4",
	} {
		repository := name
		switch name {
		case "kubeadm-pause":
			repository = "kubernetes/pause"
		case "pause", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler":
			repository = "kubernetes/" + name
		case "coredns":
			repository = "coredns/coredns"
		case "etcd":
			repository = "etcd-io/etcd"
		case "cilium":
			repository = "cilium/cilium"
		case "cilium-operator":
			repository = "cilium/operator-generic"
		}
		components[name] = "public.ecr.aws/eks-distro/" + repository + ":" + tag
	}
	r, err := releases.New("1.35", "kubernetes-1-35-eks-4", components)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// nodeFiles makes a bundle of everything that the configuration needs.
func (s *site) nodeFiles() bundle.Index {
	index := bundle.Index{Kubernetes: "1.35", Version: s.release.Version, Arch: "amd64"}
	put := func(path string) (string, int64) {
		content := []byte("content of " + path)
		name := filepath.Join(s.folder, path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			s.t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		return hex.EncodeToString(sum[:]), int64(len(content))
	}
	for _, name := range []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc", "kubeadm", "kubelet", "cni/loopback"} {
		digest, size := put("files/" + name)
		index.Files = append(index.Files, bundle.File{Name: name, Path: "files/" + name, SHA256: digest, Size: size})
	}
	for i, n := range images.Nodes(s.config, s.release) {
		path := fmt.Sprintf("images/%d.tar", i)
		digest, size := put(path)
		index.Images = append(index.Images, bundle.Image{Reference: n.String(), Path: path, SHA256: digest, Size: size, ControlPlane: n.ControlPlane})
	}
	return index
}

// fakeHost is a connection to a host of the site.
type fakeHost struct {
	site *site
	name string
}

func (h *fakeHost) Run(_ context.Context, c remote.Command) (remote.Result, error) {
	return remote.Result{Stdout: h.site.sees[h.name]}, nil
}

func (h *fakeHost) Copy(context.Context, []remote.File, func(remote.CopyProgress)) (remote.CopyProgress, error) {
	panic("a check copies nothing")
}

func (h *fakeHost) Close() error {
	h.site.mu.Lock()
	defer h.site.mu.Unlock()
	h.site.open--
	return nil
}

func (s *site) checkOptions() preflight.Options {
	data, err := json.Marshal(s.index)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, bundle.IndexFile), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return preflight.Options{
		Config: s.config, Release: s.release,
		Target: func(h v1alpha1.SSHHost) (remote.Target, error) { return remote.Target{Name: h.Name}, nil },
		Bundle: func(ctx context.Context) (*bundle.Bundle, error) { return bundle.Open(ctx, s.folder, "") },
		Dial: func(_ context.Context, t remote.Target) (preflight.Host, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if err := s.errors[t.Name]; err != nil {
				return nil, err
			}
			s.open++
			return &fakeHost{s, t.Name}, nil
		},
		Look: func(_ context.Context, r node.Remote) (node.Facts, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			name := r.(*fakeHost).name
			s.looks[name]++
			return *s.facts[name], nil
		},
		Answers: func(context.Context, string) (string, error) { return s.answers, nil },
	}
}

// run makes the checks and returns them by name.
func (s *site) run() map[string]event.Check {
	s.t.Helper()
	results, err := runner.Run(s.t.Context(), preflight.Checks(s.checkOptions()), event.Discard)
	byName := map[string]event.Check{}
	failed := false
	for _, r := range results {
		byName[r.Name] = r
		failed = failed || r.Result == event.Failed
		if r.Want == "" || r.Found == "" {
			s.t.Errorf("%s wants %q and found %q", r.Name, r.Want, r.Found)
		}
		if (r.Result == event.Failed || r.Result == event.Warned) && r.Remedy == "" {
			s.t.Errorf("%s has no remedy: %s", r.Name, r.Found)
		}
	}
	if failed != (err != nil) {
		s.t.Errorf("the error is %v", err)
	}
	if s.open != 0 {
		s.t.Errorf("%d connections are left open", s.open)
	}
	return byName
}

// wantOnly sees that the named checks have the results, and that all others
// pass.
func (s *site) wantOnly(got map[string]event.Check, want map[string]event.CheckResult) {
	s.t.Helper()
	for name, c := range got {
		wanted := want[name]
		if wanted == "" {
			wanted = event.Passed
		}
		if c.Result != wanted {
			s.t.Errorf("%s: %s, want %s: %s", name, c.Result, wanted, c.Found)
		}
	}
	for name := range want {
		if _, there := got[name]; !there {
			s.t.Errorf("there is no check %q", name)
		}
	}
}

// refusal is an error as remote.Dial has them.
func refusal(kind error) error {
	return &failure.Error{Code: failure.Infrastructure, Summary: "it did not work", Object: "host", Remedy: "mend it", Err: kind}
}

func contains(t *testing.T, c event.Check, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(c.Found+"\n"+c.Remedy, p) {
			t.Errorf("%s lacks %q: %s\n%s", c.Name, p, c.Found, c.Remedy)
		}
	}
}
