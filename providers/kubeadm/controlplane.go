package kubeadm

import (
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

const (
	auditPolicyPath = "/etc/kubernetes/audit-policy.yaml"
	auditLogDir     = "/var/log/kubernetes"
)

// ControlPlane is what makes the control plane's machines a control plane:
// the first runs kubeadm init, the others join it.
func ControlPlane(n Node) (bootstrapv1.KubeadmConfigSpec, error) {
	cp := n.cluster().ControlPlaneConfiguration
	kubelet, err := n.kubeletFile(cp.KubeletConfiguration)
	if err != nil {
		return bootstrapv1.KubeadmConfigSpec{}, err
	}
	encryption, err := n.encryptionFiles()
	if err != nil {
		return bootstrapv1.KubeadmConfigSpec{}, err
	}
	kubeVIP, useKubeVIP, err := n.kubeVIPFiles()
	if err != nil {
		return bootstrapv1.KubeadmConfigSpec{}, err
	}
	admission, err := n.admissionFiles()
	if err != nil {
		return bootstrapv1.KubeadmConfigSpec{}, err
	}

	spec := n.common()
	spec.Files = slices.Concat(kubelet, encryption, kubeVIP, admission,
		[]bootstrapv1.File{File(auditPolicyPath, n.auditPolicy())}, spec.Files)
	spec.PreKubeadmCommands = append(spec.PreKubeadmCommands, useKubeVIP...)
	spec.ClusterConfiguration = n.clusterConfiguration()

	registration := n.registration(cp.Labels, controlPlaneTaints(cp.Taints), cp.KubeletConfiguration)
	patches := bootstrapv1.Patches{Directory: patchesDir}
	spec.InitConfiguration = bootstrapv1.InitConfiguration{
		NodeRegistration: registration, Patches: patches, SkipPhases: n.skippedPhases(),
	}
	spec.JoinConfiguration = bootstrapv1.JoinConfiguration{NodeRegistration: *registration.DeepCopy(), Patches: patches}
	return spec, nil
}

// skippedPhases leaves kube-proxy out where the network plugin does its work.
func (n Node) skippedPhases() []string {
	if n.Config.Cluster.ReplacesKubeProxy() {
		return []string{"addon/kube-proxy"}
	}
	return nil
}

// controlPlaneTaints keeps workloads off the control plane unless the
// configuration says otherwise; an empty list in it means no taints.
func controlPlaneTaints(taints []corev1.Taint) *[]corev1.Taint {
	if taints == nil {
		return &[]corev1.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}}
	}
	taints = append([]corev1.Taint{}, taints...)
	return &taints
}

func (n Node) clusterConfiguration() bootstrapv1.ClusterConfiguration {
	etcdArgs := newArgs()
	etcdArgs.set("cipher-suites", cipherSuites)

	schedulerArgs := newArgs()
	schedulerArgs.set("profiling", "false")
	schedulerArgs.set("tls-cipher-suites", cipherSuites)

	managerArgs := newArgs()
	managerArgs.set("profiling", "false")
	managerArgs.set("tls-cipher-suites", cipherSuites)
	if nodes := n.cluster().ClusterNetwork.Nodes; nodes != nil && nodes.CIDRMaskSize != nil {
		managerArgs.set("node-cidr-mask-size", strconv.Itoa(*nodes.CIDRMaskSize))
	}

	return bootstrapv1.ClusterConfiguration{
		ImageRepository: n.Release.ImageRepository,
		// kubeadm adds the image's own name to its repository.
		Etcd: bootstrapv1.Etcd{Local: bootstrapv1.LocalEtcd{
			ImageRepository: path.Dir(n.Release.Etcd.Repository),
			ImageTag:        n.Release.Etcd.Tag,
			ExtraArgs:       etcdArgs.list(),
		}},
		DNS: bootstrapv1.DNS{
			ImageRepository: path.Dir(n.Release.CoreDNS.Repository),
			ImageTag:        n.Release.CoreDNS.Tag,
		},
		APIServer:         n.apiServer(),
		ControllerManager: bootstrapv1.ControllerManager{ExtraArgs: managerArgs.list()},
		Scheduler:         bootstrapv1.Scheduler{ExtraArgs: schedulerArgs.list()},
	}
}

// apiServer is the API server's settings. What the user sets in
// apiServerExtraArgs replaces a default of ours.
func (n Node) apiServer() bootstrapv1.APIServer {
	cp := n.cluster().ControlPlaneConfiguration
	args := newArgs()
	args.set("audit-policy-file", auditPolicyPath)
	args.set("audit-log-path", auditLogDir+"/api-audit.log")
	args.set("audit-log-maxage", "30")    // days
	args.set("audit-log-maxbackup", "10") // files
	args.set("audit-log-maxsize", "512")  // megabytes each
	args.set("profiling", "false")
	args.set("tls-cipher-suites", cipherSuites)
	n.setOIDC(args)
	for name, value := range cp.APIServerExtraArgs {
		args.set(name, value)
	}
	n.setEncryption(args)
	// The first issuer signs, every one is accepted. Each is a flag of its
	// own: the API server does not split the flag at commas.
	if pod := n.cluster().PodIAMConfig; pod != nil {
		args.add("service-account-issuer", pod.ServiceAccountIssuer)
	}

	server := bootstrapv1.APIServer{
		ExtraArgs: args.list(),
		ExtraVolumes: []bootstrapv1.HostPathMount{
			mount("audit-policy", auditPolicyPath, auditPolicyPath, corev1.HostPathFile, true),
			mount("audit-log-dir", auditLogDir, auditLogDir, corev1.HostPathDirectoryOrCreate, false),
		},
		CertSANs: cp.CertSANs,
	}
	if n.skipsAdmission() {
		server.ExtraEnvs = admissionEnvs()
		server.ExtraVolumes = append(server.ExtraVolumes,
			mount("admission-exclusion-rules", admissionRulesPath, admissionRulesPath, corev1.HostPathFile, true))
	}
	if len(n.cluster().EtcdEncryption) > 0 {
		server.ExtraVolumes = append(server.ExtraVolumes,
			mount("encryption-config", encryptionHostPath, encryptionMountPath, corev1.HostPathFile, true),
			mount("kms-plugin", kmsSocketDir, kmsSocketDir, corev1.HostPathUnset, false))
	}
	return server
}

func mount(name, hostPath, mountPath string, kind corev1.HostPathType, readOnly bool) bootstrapv1.HostPathMount {
	return bootstrapv1.HostPathMount{Name: name, HostPath: hostPath, MountPath: mountPath, PathType: kind, ReadOnly: &readOnly}
}

// setOIDC lets the API server accept the issuer's tokens.
func (n Node) setOIDC(args arguments) {
	for _, ref := range n.cluster().IdentityProviderRefs {
		oidc := n.Config.OIDC[ref.Name]
		if ref.Kind != v1alpha1.OIDCConfigKind || oidc == nil {
			continue
		}
		args.set("oidc-client-id", oidc.Spec.ClientId)
		args.set("oidc-groups-claim", oidc.Spec.GroupsClaim)
		args.set("oidc-groups-prefix", oidc.Spec.GroupsPrefix)
		args.set("oidc-issuer-url", oidc.Spec.IssuerUrl)
		args.set("oidc-username-claim", oidc.Spec.UsernameClaim)
		args.set("oidc-username-prefix", oidc.Spec.UsernamePrefix)
		for _, claim := range oidc.Spec.RequiredClaims {
			args.add("oidc-required-claim", claim.Claim+"="+claim.Value)
		}
	}
}

// auditPolicy is the user's policy, or ours.
func (n Node) auditPolicy() string {
	if policy := strings.TrimSpace(n.cluster().ControlPlaneConfiguration.AuditPolicyContent); policy != "" {
		return policy + "\n"
	}
	return defaultAuditPolicy
}
