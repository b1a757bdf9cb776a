package kubeadm

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
)

const admissionRulesPath = "/etc/kubernetes/admission-plugin-exclusion-rules.json"

// admissionRule is one exemption from admission webhooks, in the format of
// EKS Distro's patch of the API server.
type admissionRule struct {
	Group     string   `json:"apiGroup"`
	Version   string   `json:"apiVersion"`
	Kind      string   `json:"kind"`
	Scope     string   `json:"scope"`
	Namespace string   `json:"namespace,omitempty"`
	Names     []string `json:"name"`
	Username  string   `json:"username"`
}

func (n Node) skipsAdmission() bool {
	skip := n.cluster().ControlPlaneConfiguration.SkipAdmissionForSystemResources
	return skip != nil && *skip
}

// admissionEnvs is where the patched API server learns of the rules.
func admissionEnvs() *[]bootstrapv1.EnvVar {
	return &[]bootstrapv1.EnvVar{{EnvVar: corev1.EnvVar{Name: "EKS_PATCH_EXCLUSION_RULES_FILE", Value: admissionRulesPath}}}
}

func (n Node) admissionFiles() ([]bootstrapv1.File, error) {
	if !n.skipsAdmission() {
		return nil, nil
	}
	data, err := json.MarshalIndent(admissionRules(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the admission exclusion rules as JSON: %w", err)
	}
	return []bootstrapv1.File{File(admissionRulesPath, string(data)+"\n")}, nil
}

// admissionRules exempt what the control plane itself needs to keep working
// when a webhook does not answer: the writes of its own identities, and the
// workloads without which no webhook can come back.
func admissionRules() []admissionRule {
	const (
		everyone = "*"
		server   = "system:apiserver"
		manager  = "system:kube-controller-manager"
		accounts = "system:serviceaccount:kube-system:"
		rbac     = "rbac.authorization.k8s.io"
		flow     = "flowcontrol.apiserver.k8s.io"
		leases   = "coordination.k8s.io"
	)
	namespaced := func(group, kind, namespace, username string, names ...string) admissionRule {
		return admissionRule{group, "v1", kind, "Namespaced", namespace, names, username}
	}
	cluster := func(group, version, kind string) admissionRule {
		return admissionRule{group, version, kind, "Cluster", "", []string{"*"}, server}
	}
	return []admissionRule{
		namespaced("", "TokenRequest", "kube-system", manager, "*"),
		namespaced("", "ServiceAccount", "kube-system", manager, "*"),
		namespaced(leases, "Lease", "kube-system", everyone,
			"kube-controller-manager", "kube-scheduler", "cilium-operator-resource-lock",
			"cert-manager-controller", "cert-manager-cainjector-leader-election"),
		namespaced(leases, "Lease", "kube-node-lease", everyone, "*"),
		cluster(flow, "*", "FlowSchema"),
		cluster(flow, "*", "PriorityLevelConfiguration"),
		cluster(rbac, "v1", "ClusterRole"),
		cluster(rbac, "v1", "ClusterRoleBinding"),
		namespaced(rbac, "Role", "kube-system", server, "*"),
		namespaced(rbac, "RoleBinding", "kube-system", server, "*"),
		namespaced(rbac, "Role", "kube-public", server, "*"),
		namespaced(rbac, "RoleBinding", "kube-public", server, "*"),
		// The API server's own registrations: which there are changes with
		// every minor, so all that it writes itself.
		cluster("apiregistration.k8s.io", "v1", "APIService"),
		namespaced("", "Pod", "kube-system", accounts+"daemon-set-controller", "*"),
		namespaced("", "Pod", "kube-system", accounts+"replicaset-controller", "*"),
		namespaced("apps", "DaemonSet", "kube-system", everyone, "cilium", "kube-proxy"),
		namespaced("apps", "Deployment", "kube-system", everyone, "cilium-operator", "coredns"),
	}
}
