package ssh

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: infrav1.GroupVersion.String(), Kind: kind}
}

func (p *Provider) sshCluster() *infrav1.SSHCluster {
	return &infrav1.SSHCluster{
		TypeMeta:   typeMeta("SSHCluster"),
		ObjectMeta: kubeadm.Meta(p.cluster, p.cluster.Name),
		Spec: infrav1.SSHClusterSpec{ControlPlaneEndpoint: clusterv1.APIEndpoint{
			Host: p.cluster.Spec.ControlPlaneConfiguration.Endpoint.Host,
			Port: kubeadm.APIServerPort,
		}},
	}
}

// hosts are the site's hosts. Their objects' names have the cluster's in
// front: two clusters may have hosts of the same name.
func (p *Provider) hosts() []client.Object {
	var hosts []client.Object
	for _, host := range p.site.Hosts {
		meta := kubeadm.Meta(p.cluster, p.hostName(host))
		labels := maps.Clone(host.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		maps.Copy(labels, meta.Labels)
		meta.Labels = labels
		hosts = append(hosts, &infrav1.SSHHost{
			TypeMeta:   typeMeta("SSHHost"),
			ObjectMeta: meta,
			Spec: infrav1.SSHHostSpec{
				Hostname:           host.Name,
				Address:            host.Address,
				Port:               int32(host.Port),
				User:               host.User,
				HostKeyFingerprint: host.HostKeyFingerprint,
				CredentialsRef:     p.credentialsRef(host),
			},
		})
	}
	return hosts
}

func (p *Provider) hostName(host v1alpha1.SSHHost) string { return p.cluster.Name + "-" + host.Name }

// machineTemplate is what the group's machines are made from. It cannot be
// changed once it is there, so its name follows its content.
func (p *Provider) machineTemplate(base string, machine *v1alpha1.SSHMachineConfig, kubelet *unstructured.Unstructured) (*infrav1.SSHMachineTemplate, error) {
	spec := infrav1.SSHMachineTemplateSpec{Template: infrav1.SSHMachineTemplateResource{Spec: infrav1.SSHMachineSpec{
		HostSelector: metav1.LabelSelector{MatchLabels: machine.Spec.HardwareSelector},
		NodeFiles:    infrav1.NodeFiles{Location: p.site.NodeFiles.Location, Digest: p.site.NodeFiles.Digest},
		SandboxImage: p.options.Release.Pause.String(),
		Requirements: p.requirements(machine, kubelet),
	}}}
	name, err := kubeadm.ContentName(base, spec)
	if err != nil {
		return nil, err
	}
	return &infrav1.SSHMachineTemplate{
		TypeMeta:   typeMeta("SSHMachineTemplate"),
		ObjectMeta: kubeadm.Meta(p.cluster, name),
		Spec:       spec,
	}, nil
}

// requirements are those by which the preflight judges hosts.
func (p *Provider) requirements(machine *v1alpha1.SSHMachineConfig, kubelet *unstructured.Unstructured) infrav1.HostRequirements {
	network, host := p.cluster.Spec.ClusterNetwork.CNIConfig, machine.Spec.HostOSConfiguration
	return infrav1.HostRequirements{
		OSFamily:        string(machine.Spec.OSFamily),
		Cilium:          network == nil || network.Kindnetd == nil,
		KubeProxy:       !p.cluster.ReplacesKubeProxy(),
		SwapAllowed:     isFalse(kubelet, "failSwapOn"),
		CgroupV1Allowed: isFalse(kubelet, "failCgroupV1"),
		SetsTheClock:    host != nil && host.NTPConfiguration != nil && len(host.NTPConfiguration.Servers) > 0,
	}
}

// isFalse reports whether the kubelet's configuration says no to what is yes
// by default.
func isFalse(kubelet *unstructured.Unstructured, field string) bool {
	if kubelet == nil {
		return false
	}
	value, set, err := unstructured.NestedBool(kubelet.Object, field)
	return err == nil && set && !value
}
