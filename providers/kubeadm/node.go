package kubeadm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/manifests/releases"
)

const (
	// hostname is the machine's name in the instance metadata, which
	// cloud-init fills in on the machine; the node takes the same name.
	hostname = "{{ ds.meta_data.hostname }}"
	// criSocket has the scheme that kubeadm asks for since 1.24.
	criSocket = "unix:///var/run/containerd/containerd.sock"
	// patchesDir is where kubeadm looks for patches to what it writes.
	patchesDir = "/etc/kubernetes/patches"
	// cipherSuites are the only ones that EKS Anywhere lets its components
	// speak (its pkg/crypto).
	cipherSuites = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
)

// Node says what the machines of one group need to become nodes.
type Node struct {
	Config  *v1alpha1.Config
	Release releases.Release

	OSFamily v1alpha1.OSFamily
	Users    []v1alpha1.UserConfiguration
	HostOS   *v1alpha1.HostOSConfiguration

	// ProviderID and NodeIP are the kubelet's arguments of these names; empty
	// leaves them to others. They may hold cloud-init's expressions.
	ProviderID, NodeIP string
	// IgnorePreflightErrors are checks of kubeadm's that may fail.
	IgnorePreflightErrors []string

	// NoProxy are addresses of the provider's own that nodes reach without
	// the proxy.
	NoProxy []string
	// Files and Commands are the provider's own; the commands run before
	// kubeadm and after everything else.
	Files    []bootstrapv1.File
	Commands []string
}

func (n Node) cluster() *v1alpha1.ClusterSpec { return &n.Config.Cluster.Spec }

// common is what every node gets: users, time, certificates, proxy, mirror.
func (n Node) common() bootstrapv1.KubeadmConfigSpec {
	spec := bootstrapv1.KubeadmConfigSpec{Format: bootstrapv1.CloudConfig, Users: n.users()}
	if n.HostOS != nil && n.HostOS.NTPConfiguration != nil && len(n.HostOS.NTPConfiguration.Servers) > 0 {
		enabled := true
		spec.NTP = bootstrapv1.NTP{Enabled: &enabled, Servers: n.HostOS.NTPConfiguration.Servers}
	}

	certificates, trust := n.certBundles()
	proxy := n.proxyFiles()
	mirror, useMirror := n.mirrorFiles()
	spec.Files = slices.Concat(certificates, proxy, mirror, n.Files)
	spec.PreKubeadmCommands = slices.Concat(trust, useMirror)
	if len(spec.PreKubeadmCommands) > 0 || len(proxy) > 0 {
		spec.PreKubeadmCommands = append(spec.PreKubeadmCommands,
			"systemctl daemon-reload",
			"systemctl restart containerd")
	}
	spec.PreKubeadmCommands = append(spec.PreKubeadmCommands, hostnameCommands()...)
	spec.PreKubeadmCommands = append(spec.PreKubeadmCommands, n.Commands...)
	return spec
}

// hostnameCommands make the machine know and resolve its own name; the rest
// of the image's /etc/hosts stays as it is.
func hostnameCommands() []string {
	return []string{
		`hostnamectl set-hostname "` + hostname + `"`,
		`grep -qw "` + hostname + `" /etc/hosts || echo "127.0.0.1 ` + hostname + `" >>/etc/hosts`,
	}
}

// users may all become root, as EKS Anywhere's user may: they are the site's
// administrators.
func (n Node) users() []bootstrapv1.User {
	users := make([]bootstrapv1.User, 0, len(n.Users))
	for _, u := range n.Users {
		var keys []string
		for _, key := range u.SshAuthorizedKeys {
			// An empty key is EKS Anywhere's way to ask for a generated one.
			if key = strings.TrimSpace(key); key != "" {
				keys = append(keys, key)
			}
		}
		users = append(users, bootstrapv1.User{
			Name:              u.Name,
			Sudo:              "ALL=(ALL) NOPASSWD:ALL",
			SSHAuthorizedKeys: keys,
		})
	}
	return users
}

// registration is how the kubelet starts and what the node looks like. taints
// nil leaves kubeadm's default, empty means none.
func (n Node) registration(labels map[string]string, taints *[]corev1.Taint, kubelet *unstructured.Unstructured) bootstrapv1.NodeRegistrationOptions {
	args := newArgs()
	if kubelet == nil {
		args.set("read-only-port", "0")
		args.set("anonymous-auth", "false")
		args.set("tls-cipher-suites", cipherSuites)
		if resolvConf := n.cluster().ClusterNetwork.DNS.ResolvConf; resolvConf != nil {
			args.set("resolv-conf", resolvConf.Path)
		}
	}
	args.set("node-labels", labelArg(labels))
	args.set("provider-id", n.ProviderID)
	args.set("node-ip", n.NodeIP)
	return bootstrapv1.NodeRegistrationOptions{
		Name:                  hostname,
		CRISocket:             criSocket,
		Taints:                taints,
		KubeletExtraArgs:      args.list(),
		IgnorePreflightErrors: n.IgnorePreflightErrors,
	}
}

func labelArg(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+"="+labels[key])
	}
	return strings.Join(pairs, ",")
}

// kubeletFile is the user's kubelet configuration as a patch of kubeadm's;
// the flags that it replaces become its defaults.
func (n Node) kubeletFile(kubelet *unstructured.Unstructured) ([]bootstrapv1.File, error) {
	if kubelet == nil {
		return nil, nil
	}
	patch := kubelet.DeepCopy().Object
	defaults := map[string]any{
		"apiVersion":      kubeletv1beta1.SchemeGroupVersion.String(),
		"kind":            "KubeletConfiguration",
		"tlsCipherSuites": []any{cipherSuites},
	}
	if resolvConf := n.cluster().ClusterNetwork.DNS.ResolvConf; resolvConf != nil {
		defaults["resolvConf"] = resolvConf.Path
	}
	for key, value := range defaults {
		if _, set := patch[key]; !set {
			patch[key] = value
		}
	}
	data, err := yaml.Marshal(patch)
	if err != nil {
		return nil, fmt.Errorf("writing the kubelet configuration as YAML: %w", err)
	}
	return []bootstrapv1.File{File(KubeletPatch(0), string(data))}, nil
}

// KubeletPatch is the path of the nth patch of the kubelet's configuration;
// kubeadm applies them in this order, and the user's is number 0.
func KubeletPatch(n int) string {
	return fmt.Sprintf("%s/kubeletconfiguration%d+strategic.yaml", patchesDir, n)
}
