package machine_test

import (
	"encoding/base64"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/machine/machinetest"
)

const mac = "00:50:56:aa:bb:cc"

func guestinfo(userdata, metadata string) map[string]string {
	return map[string]string{
		"guestinfo.userdata": base64.StdEncoding.EncodeToString([]byte(userdata)), "guestinfo.userdata.encoding": "base64",
		"guestinfo.metadata": base64.StdEncoding.EncodeToString([]byte(metadata)), "guestinfo.metadata.encoding": "base64",
	}
}

var site = machine.Site{Endpoint: machinetest.Endpoint, KubeVIP: true}

func TestRoles(t *testing.T) {
	keys := machinetest.NewKeys(t)
	controlPlane := corev1.Taint{Key: "node.cluster.x-k8s.io/uninitialized", Effect: corev1.TaintEffectNoSchedule}
	for _, tt := range []struct {
		role   machine.Role
		labels map[string]string
		taints []corev1.Taint
		token  string
	}{
		{machine.Init, map[string]string{"tier": "front", "rack": "a"},
			[]corev1.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}}, ""},
		{machine.ControlPlane, map[string]string{"group": "md-0"}, []corev1.Taint{controlPlane}, machinetest.TokenID + "." + machinetest.TokenSecret},
		{machine.Worker, map[string]string{"group": "md-0"}, []corev1.Taint{controlPlane}, machinetest.TokenID + "." + machinetest.TokenSecret},
	} {
		t.Run(string(tt.role), func(t *testing.T) {
			config := guestinfo(keys.Userdata(tt.role), machinetest.Metadata("lab-1", mac, ""))
			role, err := machine.RoleOf(config)
			if err != nil || role != tt.role {
				t.Errorf("the role is %q, %v", role, err)
			}
			b, err := machine.Read(config, "10.20.30.100", site)
			if err != nil {
				t.Fatal(err)
			}
			if b.Role != tt.role || b.NodeName != "lab-1" || b.Endpoint != machinetest.Endpoint+":6443" || b.Token != tt.token || !b.ProviderID {
				t.Errorf("read %+v", b)
			}
			if diff := cmp.Diff(tt.labels, b.Labels); diff != "" {
				t.Error("labels:", diff)
			}
			if diff := cmp.Diff(tt.taints, b.Taints); diff != "" {
				t.Error("taints:", diff)
			}
			if (b.Cluster != nil) != (tt.role != machine.Worker) {
				t.Error("only control-plane machines have the cluster's keys")
			}
		})
	}
}

func TestConfigurationOfTheCluster(t *testing.T) {
	keys := machinetest.NewKeys(t)
	b, err := machine.Read(guestinfo(keys.Userdata(machine.Init), machinetest.Metadata("lab-1", mac, "")), "", site)
	if err != nil {
		t.Fatal(err)
	}
	got, err := machine.ReadConfiguration(b.Configuration)
	if err != nil {
		t.Fatal(err)
	}
	want := machine.Configuration{
		KubernetesVersion: "v1.35.1-eks-1-35-1", ImageRepository: "public.ecr.aws/eks-distro/kubernetes",
		CoreDNSImage: "public.ecr.aws/eks-distro/coredns/coredns:v1.13.1", EtcdImage: "public.ecr.aws/eks-distro/etcd-io/etcd:v3.6.6",
		CertSANs: []string{"api.example.com"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if b.KubeProxy {
		t.Error("kube-proxy is installed though its phase is skipped")
	}
}

// Each row breaks what a real machine needs, and says what it must complain
// about.
func TestWhatKeepsAMachineFromJoining(t *testing.T) {
	keys, others := machinetest.NewKeys(t), machinetest.NewKeys(t)
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.ReplaceAll(s, old, new) }
	}
	without := func(path string) func(string) string { return replace(path, "/elsewhere") }
	for name, tt := range map[string]struct {
		role  machine.Role
		spoil func(string) string
		want  string
	}{
		"no authority":       {machine.Init, without("/etc/kubernetes/pki/ca.crt"), "/etc/kubernetes/pki/ca: the certificate or its key is missing"},
		"no etcd authority":  {machine.ControlPlane, without("/etc/kubernetes/pki/etcd/ca.key"), "/etc/kubernetes/pki/etcd/ca: the certificate"},
		"no front proxy":     {machine.ControlPlane, without("/etc/kubernetes/pki/front-proxy-ca.crt"), "front-proxy-ca"},
		"no service account": {machine.Init, without("/etc/kubernetes/pki/sa.key"), "/etc/kubernetes/pki/sa.key is missing"},
		"another cluster's CA": {machine.Init, func(s string) string {
			return strings.Replace(s, blockOf(keys, "ca.key"), blockOf(others, "ca.key"), 1)
		}, "private key does not match"},
		"no kube-vip":        {machine.Init, without("/etc/kubernetes/manifests/kube-vip.yaml"), "no static pod kube-vip"},
		"kube-vip elsewhere": {machine.ControlPlane, replace("{name: address, value: 10.20.30.10}", "{name: address, value: 10.20.30.11}"), "holds the address 10.20.30.10"},
		"another endpoint":   {machine.Worker, replace("10.20.30.10:6443", "10.9.9.9:6443"), `said to be at "10.9.9.9:6443"`},
		"no token":           {machine.Worker, replace("          token: abcdef.0123456789abcdef\n", ""), "no bootstrap token"},
		"no way to trust":    {machine.Worker, replace("unsafeSkipCAVerification: true", "unsafeSkipCAVerification: false"), "no caCertHashes"},
		"kubeadm is not run": {machine.Worker, replace("kubeadm join", "echo"), "runcmd never runs kubeadm"},
		"no configuration":   {machine.Worker, replace("path: /run/kubeadm/kubeadm-join-config.yaml", "path: /elsewhere"), "has no JoinConfiguration"},
		"an unknown version": {machine.Worker, replace("kubeadm.k8s.io/v1beta4", "kubeadm.k8s.io/v1beta1"), "kubeadm does not read"},
		"no version":         {machine.Init, replace("kubernetesVersion", "someVersion"), "names no kubernetesVersion"},
		"unknown variable":   {machine.Worker, replace("ds.meta_data.hostname", "ds.meta_data.hostnmae"), "knows no value for {{ ds.meta_data.hostnmae }}"},
		"not cloud-config":   {machine.Worker, replace("#cloud-config", "#!/bin/sh"), "is not a #cloud-config"},
		"no YAML":            {machine.Worker, replace("runcmd:", "runcmd: ["), "is not YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			userdata := keys.Userdata(tt.role)
			broken := tt.spoil(userdata)
			if broken == userdata {
				t.Fatal("the row breaks nothing")
			}
			_, err := machine.Read(guestinfo(broken, machinetest.Metadata("lab-1", mac, "")), "", site)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "PRIVATE KEY") {
				t.Error("the error shows a key")
			}
		})
	}
}

// blockOf is a file's entry in the write_files of a first machine.
func blockOf(keys *machinetest.Keys, name string) string {
	data := keys.Userdata(machine.Init)
	data = data[strings.Index(data, "-   path: /etc/kubernetes/pki/"+name):]
	return data[:strings.Index(data[1:], "-   path:")+1]
}

func TestProviderIDHasToBeSet(t *testing.T) {
	keys := machinetest.NewKeys(t)
	for name, tt := range map[string]struct {
		old, new string
		want     bool
	}{
		"by a script":              {"", "", true},
		"by a script never run":    {"  - \"/usr/local/bin/provider-id\"\n", "", false},
		"by the kubelet's command": {"  - \"/usr/local/bin/provider-id\"\n", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			userdata := strings.Replace(keys.Userdata(machine.Worker), tt.old, tt.new, 1)
			if name == "by the kubelet's command" {
				userdata = strings.Replace(userdata, "  kubeletExtraArgs:\n", "  kubeletExtraArgs:\n        - {name: provider-id, value: \"vsphere://1\"}\n", 1)
			}
			b, err := machine.Read(guestinfo(userdata, machinetest.Metadata("lab-1", mac, "")), "", site)
			if err != nil {
				t.Fatal(err)
			}
			if b.ProviderID != tt.want {
				t.Errorf("the provider ID is set: %v", b.ProviderID)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	config := guestinfo("", machinetest.Metadata("lab-1", strings.ToUpper(mac), "10.20.30.40/24"))
	m, err := machine.ReadMetadata(config)
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := m.Static(mac); !ok || at != netip.MustParsePrefix("10.20.30.40/24") {
		t.Errorf("the static address is %v", at)
	}
	if _, ok := m.Static("00:50:56:00:00:00"); ok {
		t.Error("another card has the address too")
	}
	for name, broken := range map[string]map[string]string{
		"none":        {},
		"no hostname": guestinfo("", "instance-id: x\n"),
		"encoding":    {"guestinfo.metadata": "x", "guestinfo.metadata.encoding": "rot13"},
		"base64":      {"guestinfo.metadata": "%", "guestinfo.metadata.encoding": "base64"},
		"gzip":        {"guestinfo.metadata": "eA==", "guestinfo.metadata.encoding": "gzip+base64"},
	} {
		if _, err := machine.ReadMetadata(broken); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
