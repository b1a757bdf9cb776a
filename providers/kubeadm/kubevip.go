package kubeadm

import (
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	"sigs.k8s.io/yaml"
)

const (
	kubeVIPManifest = "/etc/kubernetes/manifests/kube-vip.yaml"
	kubeVIPHosts    = "/etc/kube-vip.hosts"
	adminConf       = "/etc/kubernetes/admin.conf"
	superAdminConf  = "/etc/kubernetes/super-admin.conf"
	// APIServerPort is where the API server is reached, at the endpoint and
	// on each machine.
	APIServerPort = 6443
)

// kubeVIPFiles are kube-vip as a static pod, which holds the endpoint's
// address on one control-plane machine after the other, and the command that
// prepares it. There are none where the site has a load balancer of its own.
//
// Since Kubernetes 1.29 admin.conf has no rights until kubeadm init is nearly
// through, and init does not get through without the address: on the first
// machine, the one with kubeadm's init file, kube-vip uses super-admin.conf
// (kube-vip issue 684).
func (n Node) kubeVIPFiles() ([]bootstrapv1.File, []string, error) {
	cp := n.cluster().ControlPlaneConfiguration
	if cp.SkipLoadBalancerDeployment || cp.Endpoint == nil {
		return nil, nil, nil
	}
	data, err := yaml.Marshal(kubeVIP(n.Release.KubeVIP.String(), cp.Endpoint.Host))
	if err != nil {
		return nil, nil, fmt.Errorf("writing kube-vip's pod as YAML: %w", err)
	}
	files := []bootstrapv1.File{
		File(kubeVIPManifest, string(data)),
		// kube-vip speaks to the API server of its own machine under the
		// name kubernetes, which is in its certificate.
		File(kubeVIPHosts, "127.0.0.1 localhost kubernetes\n"),
	}
	var commands []string
	if minor(n.Release.Kubernetes) >= 29 {
		commands = []string{fmt.Sprintf(
			"if [ -f /run/kubeadm/kubeadm.yaml ]; then sed -i 's#path: %s#path: %s#' %s; fi",
			adminConf, superAdminConf, kubeVIPManifest)}
	}
	return files, commands, nil
}

// hostPrefix is the prefix length of the address alone.
func hostPrefix(address string) string {
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() {
		return "128"
	}
	return "32"
}

// kubeVIP is the pod. The environment variables are those of kube-vip's
// pkg/kubevip/config_envvar.go; vip_cidr is what versions before 0.9 call
// vip_subnet.
func kubeVIP(image, address string) corev1.Pod {
	env := func(name, value string) corev1.EnvVar { return corev1.EnvVar{Name: name, Value: value} }
	hostPath := func(name, path string, kind *corev1.HostPathType) corev1.Volume {
		return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
			HostPath: &corev1.HostPathVolumeSource{Path: path, Type: kind},
		}}
	}
	isFile := corev1.HostPathFile
	return corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "kube-vip", Namespace: metav1.NamespaceSystem},
		Spec: corev1.PodSpec{
			HostNetwork: true,
			Containers: []corev1.Container{{
				Name:            "kube-vip",
				Image:           image,
				ImagePullPolicy: corev1.PullIfNotPresent,
				Args:            []string{"manager"},
				Env: []corev1.EnvVar{
					env("vip_arp", "true"),
					env("port", fmt.Sprint(APIServerPort)),
					env("vip_cidr", hostPrefix(address)),
					env("vip_subnet", hostPrefix(address)),
					env("cp_enable", "true"),
					env("cp_namespace", metav1.NamespaceSystem),
					env("vip_ddns", "false"),
					env("vip_leaderelection", "true"),
					env("vip_leaseduration", "15"), // seconds, as the two below
					env("vip_renewdeadline", "10"),
					env("vip_retryperiod", "2"),
					env("address", address),
				},
				SecurityContext: &corev1.SecurityContext{Capabilities: &corev1.Capabilities{
					Add: []corev1.Capability{"NET_ADMIN", "NET_RAW"},
				}},
				VolumeMounts: []corev1.VolumeMount{
					{Name: "kubeconfig", MountPath: adminConf},
					{Name: "etchosts", MountPath: "/etc/hosts"},
				},
			}},
			Volumes: []corev1.Volume{
				// Untyped: kubeadm writes it after the pod's manifest.
				hostPath("kubeconfig", adminConf, nil),
				hostPath("etchosts", kubeVIPHosts, &isFile),
			},
		},
	}
}
