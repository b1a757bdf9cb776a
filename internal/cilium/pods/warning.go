package pods

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/kubernetes"
)

// stuckAfter is when a pod whose containers are not even made is asked after.
const stuckAfter = 10 * time.Second

// LastWord is the first unready pod of a list and what was last said of it.
// Where the pod itself says nothing of use, because its sandbox cannot be made
// or a volume is missing, it is the kubelet's last warning.
func LastWord(ctx context.Context, clients kubernetes.Interface, list []corev1.Pod, now time.Time) (pod *corev1.Pod, word string) {
	pod, word = FirstUnready(list)
	if pod == nil || !stuck(pod, now) {
		return pod, word
	}
	if said := lastWarning(ctx, clients, pod); said != "" {
		word = said
	}
	return pod, word
}

func stuck(pod *corev1.Pod, now time.Time) bool {
	if _, found := TroubleOf(pod); found || now.Sub(pod.CreationTimestamp.Time) < stuckAfter {
		return false
	}
	for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
		if status.State.Waiting == nil {
			return false
		}
	}
	return true
}

// lastWarning is a pod's newest event that is a warning, or "": events are
// asked for to tell more, and missing them is no failure.
func lastWarning(ctx context.Context, clients kubernetes.Interface, pod *corev1.Pod) string {
	events, err := clients.CoreV1().Events(pod.Namespace).List(ctx, metav1.ListOptions{
		FieldSelector: fields.Set{"involvedObject.uid": string(pod.UID), "type": corev1.EventTypeWarning}.String(),
	})
	if err != nil {
		return ""
	}
	var newest *corev1.Event
	for i := range events.Items {
		e := &events.Items[i]
		if newest == nil || newest.LastTimestamp.Before(&e.LastTimestamp) {
			newest = e
		}
	}
	if newest == nil {
		return ""
	}
	return newest.Reason + ": " + newest.Message
}
