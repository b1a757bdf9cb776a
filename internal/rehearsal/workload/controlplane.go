package workload

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cloudv1 "sigs.k8s.io/cluster-api/test/infrastructure/inmemory/pkg/cloud/api/v1alpha1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
)

// components are the static pods of a control-plane machine.
var components = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}

// etcdName is the name of the etcd pod on a node; Cluster API asks for a
// certificate of that name.
func etcdName(node string) string { return "etcd-" + node }

// pod is a running static pod, as the kubelet shows it to the API server.
func pod(component, node string) *corev1.Pod {
	now := metav1.Now()
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceSystem, Name: component + "-" + node,
			Labels: map[string]string{"component": component, "tier": "control-plane"},
			// A drain passes over mirror pods.
			Annotations: map[string]string{corev1.MirrorPodAnnotationKey: component, "kubernetes.io/config.source": "file"},
		},
		Spec:   corev1.PodSpec{NodeName: node, HostNetwork: true, PriorityClassName: "system-node-critical"},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &now},
	}
	for _, condition := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: condition, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	return p
}

// addControlPlane makes the objects of a control-plane machine, its etcd
// membership with them.
func (c *Cluster) addControlPlane(ctx context.Context, b *machine.Boot, n Node) error {
	members, err := c.etcdPods(ctx)
	if err != nil {
		return err
	}
	shared, err := c.configuration(ctx)
	if err != nil {
		return err
	}
	for _, component := range components {
		p := pod(component, n.Name)
		p.Spec.Containers = []corev1.Container{{Name: component, Image: shared.ImageRepository + "/" + component + ":" + shared.KubernetesVersion}}
		if component == "etcd" {
			p.Spec.Containers[0].Image = shared.EtcdImage
			p.Annotations[cloudv1.EtcdClusterIDAnnotationName] = clusterID(members, n)
			p.Annotations[cloudv1.EtcdMemberIDAnnotationName] = memberID(n.UUID)
			if len(members) == 0 {
				lead(p, time.Now().Add(-time.Hour)) // a leadership that is moved later is newer
			}
		}
		if err := c.create(ctx, p); err != nil {
			return err
		}
	}
	return c.create(ctx, node(b, n, shared))
}

// etcdPods are the members of the etcd cluster.
func (c *Cluster) etcdPods(ctx context.Context) ([]corev1.Pod, error) {
	list := &corev1.PodList{}
	err := c.client.List(ctx, list, client.InNamespace(metav1.NamespaceSystem), client.MatchingLabels{"component": "etcd", "tier": "control-plane"})
	if err != nil {
		return nil, fmt.Errorf("listing the etcd members: %w", err)
	}
	return slices.DeleteFunc(list.Items, func(p corev1.Pod) bool {
		_, removed := p.Annotations[cloudv1.EtcdMemberRemoved]
		return removed
	}), nil
}

// clusterID is the etcd cluster's: the members' or, of the first, a new one.
func clusterID(members []corev1.Pod, n Node) string {
	if len(members) > 0 {
		return members[0].Annotations[cloudv1.EtcdClusterIDAnnotationName]
	}
	return memberID("cluster " + n.UUID)
}

// memberID follows from the machine, so that an interrupted join that is
// tried again gives the same. The handlers keep it as an int.
func memberID(uuid string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(uuid))
	return fmt.Sprint(h.Sum32()>>1 | 1)
}

func lead(p *corev1.Pod, from time.Time) {
	p.Annotations[cloudv1.EtcdLeaderFromAnnotationName] = from.UTC().Format(time.RFC3339)
}

// elect gives the etcd cluster a leader where the last one is gone. The
// handlers only know leaders that were moved to before.
func (c *Cluster) elect(ctx context.Context) error {
	members, err := c.etcdPods(ctx)
	if err != nil || len(members) == 0 {
		return err
	}
	for _, p := range members {
		if p.Annotations[cloudv1.EtcdLeaderFromAnnotationName] != "" {
			return nil
		}
	}
	slices.SortFunc(members, func(a, b corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	lead(&members[0], time.Now())
	return c.client.Update(ctx, &members[0])
}
