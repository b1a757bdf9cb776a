package workload

import (
	"context"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	bootstrapapi "k8s.io/cluster-bootstrap/token/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
)

// providerPrefix is the prefix of the provider IDs of virtual machines.
const providerPrefix = "vsphere://"

// node is the machine's node, Ready at once: there is no network plugin that
// it could wait for.
func node(b *machine.Boot, n Node, shared machine.Configuration) *corev1.Node {
	version := shared.KubernetesVersion
	if n.Kubelet != "" {
		version = n.Kubelet
	}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.Name, Labels: map[string]string{
			corev1.LabelHostname: n.Name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		}},
		Spec: corev1.NodeSpec{Taints: b.Taints},
	}
	if b.ProviderID {
		node.Spec.ProviderID = providerPrefix + n.UUID
	}
	for key, value := range b.Labels {
		node.Labels[key] = value
	}
	if b.IsControlPlane() {
		node.Labels["node-role.kubernetes.io/control-plane"] = ""
		node.Labels[corev1.LabelNodeExcludeBalancers] = ""
	}
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewQuantity(int64(n.CPUs), resource.DecimalSI),
		corev1.ResourceMemory: *resource.NewQuantity(n.MemoryMiB<<20, resource.BinarySI),
		corev1.ResourcePods:   *resource.NewQuantity(110, resource.DecimalSI), // the kubelet's default
	}
	now := metav1.Now()
	node.Status = corev1.NodeStatus{
		Capacity: capacity, Allocatable: capacity,
		NodeInfo: corev1.NodeSystemInfo{
			SystemUUID: n.UUID, MachineID: strings.ReplaceAll(n.UUID, "-", ""), KubeletVersion: version,
			OperatingSystem: "linux", Architecture: "amd64", OSImage: "simulated", ContainerRuntimeVersion: "containerd://simulated",
		},
		Addresses: []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: n.Name}},
	}
	for _, address := range n.Addresses {
		node.Status.Addresses = append(node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: address})
	}
	for condition, status := range map[corev1.NodeConditionType]corev1.ConditionStatus{
		corev1.NodeReady: corev1.ConditionTrue, corev1.NodeMemoryPressure: corev1.ConditionFalse,
		corev1.NodeDiskPressure: corev1.ConditionFalse, corev1.NodePIDPressure: corev1.ConditionFalse,
	} {
		node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{
			Type: condition, Status: status, Reason: "Simulated", LastTransitionTime: now, LastHeartbeatTime: now})
	}
	return node
}

// initialize makes what kubeadm init leaves in a cluster.
func (c *Cluster) initialize(ctx context.Context, b *machine.Boot) error {
	shared, err := machine.ReadConfiguration(b.Configuration)
	if err != nil {
		return err
	}
	objects := []client.Object{}
	for _, name := range []string{metav1.NamespaceDefault, metav1.NamespacePublic, metav1.NamespaceSystem, corev1.NamespaceNodeLease} {
		objects = append(objects, &corev1.Namespace{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelMetadataName: name}},
			Status:     corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
		})
	}
	system := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: name}
	}
	const getNodes = "kubeadm:get-nodes"
	objects = append(objects,
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespacePublic, Name: bootstrapapi.ConfigMapClusterInfo, Annotations: map[string]string{hashAnnotation: hashOf(b.Cluster)}}},
		&corev1.ConfigMap{ObjectMeta: system("kubeadm-config"), Data: map[string]string{"ClusterConfiguration": b.Configuration}},
		&corev1.ConfigMap{ObjectMeta: system("kubelet-config"), Data: map[string]string{
			"kubelet": "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"}},
		&corev1.ConfigMap{ObjectMeta: system("coredns"), Data: map[string]string{"Corefile": corefile}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: getNodes}, Rules: []rbacv1.PolicyRule{{
			Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"nodes"}}}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: getNodes},
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: getNodes},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.GroupKind, Name: "system:bootstrappers:kubeadm:default-node-token"}}},
		&appsv1.Deployment{ObjectMeta: system("coredns"), Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-dns"}},
			Template: template("kube-dns", "coredns", shared.CoreDNSImage)}},
	)
	if b.KubeProxy {
		objects = append(objects, &appsv1.DaemonSet{ObjectMeta: system("kube-proxy"), Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-proxy"}},
			Template: template("kube-proxy", "kube-proxy", shared.ImageRepository+"/kube-proxy:"+shared.KubernetesVersion)}})
	}
	for _, obj := range objects {
		if err := c.create(ctx, obj); err != nil {
			return err
		}
	}
	return nil
}

func template(app, container, image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"k8s-app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: container, Image: image}}},
	}
}

// corefile is the least that Cluster API's CoreDNS upgrade can read.
const corefile = `.:53 {
    errors
    health
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa
    forward . /etc/resolv.conf
    cache 30
}
`
