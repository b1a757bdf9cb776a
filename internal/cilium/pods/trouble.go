// Package pods reads why pods do not run.
package pods

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Trouble is what keeps a pod from running.
type Trouble struct {
	Kind      Kind
	Namespace string
	Pod       string
	Node      string
	// What is the image, the container or the pod that is in trouble.
	What string
	// Word is what was said about it, word for word.
	Word string
	// Restarts is how often the container has crashed.
	Restarts int32
}

// Kind is a kind of trouble.
type Kind string

// The kinds of trouble.
const (
	Unscheduled Kind = "unscheduled"
	Pulling     Kind = "pulling"  // the image cannot be pulled
	Missing     Kind = "missing"  // the image is not there
	Unusable    Kind = "unusable" // the container cannot be made
	Crashing    Kind = "crashing"
)

// absent is how registries and container runtimes say that there is no such
// image.
var absent = []string{"not found", "manifest unknown", "name unknown", "does not exist", "repository name not known"}

// TroubleOf returns why a pod does not run, if it says so.
func TroubleOf(pod *corev1.Pod) (Trouble, bool) {
	t := Trouble{Namespace: pod.Namespace, Pod: pod.Name, Node: pod.Spec.NodeName}
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		waiting := status.State.Waiting
		if waiting == nil {
			continue
		}
		t.What, t.Word = "container "+status.Name, strings.TrimSpace(waiting.Reason+": "+waiting.Message)
		switch waiting.Reason {
		case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable":
			t.Kind, t.What = Pulling, status.Image
			if containsAny(waiting.Message, absent) || waiting.Reason == "ErrImageNeverPull" {
				t.Kind = Missing
			}
			return t, true
		case "InvalidImageName":
			t.Kind, t.What = Missing, status.Image
			return t, true
		case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError", "PostStartHookError":
			t.Kind = Unusable
			return t, true
		case "CrashLoopBackOff":
			t.Kind, t.Restarts, t.Word = Crashing, status.RestartCount, crashWord(status)
			return t, true
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			t.Kind, t.What, t.Word = Unscheduled, "pod "+pod.Name, c.Message
			return t, true
		}
	}
	return Trouble{}, false
}

// crashWord is how a container ended: the last line that it wrote, which the
// chart's terminationMessagePolicy keeps.
func crashWord(status corev1.ContainerStatus) string {
	ended := status.LastTerminationState.Terminated
	if ended == nil {
		return status.State.Waiting.Message
	}
	word := fmt.Sprintf("container %s ended with exit code %d for the %s time", status.Name, ended.ExitCode, ordinal(status.RestartCount))
	if line := LastLine(ended.Message); line != "" {
		word += ": " + line
	}
	return word
}

func ordinal(n int32) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		suffix = []string{"th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th"}[n%10]
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// LastLine is the last line of a text, without space around it.
func LastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

// PhaseOf says in a few words where a pod is that has no trouble yet.
func PhaseOf(pod *corev1.Pod) string {
	if pod.DeletionTimestamp != nil {
		return "it is being removed"
	}
	for _, status := range pod.Status.InitContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil {
			return fmt.Sprintf("init container %s: %s", status.Name, cmp.Or(waiting.Reason, "waiting"))
		}
		if status.State.Running != nil {
			return fmt.Sprintf("init container %s runs", status.Name)
		}
	}
	for _, status := range pod.Status.ContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil {
			return fmt.Sprintf("container %s: %s", status.Name, cmp.Or(waiting.Reason, "waiting"))
		}
		if status.State.Running != nil && !status.Ready {
			return fmt.Sprintf("container %s runs and is not ready", status.Name)
		}
	}
	return "pod is " + string(cmp.Or(pod.Status.Phase, corev1.PodPending))
}

// IsReady reports the pod's Ready condition.
func IsReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// FirstUnready is the first pod that is in trouble, or else the first that is
// not ready, and what was last said of it; nil where all are ready.
func FirstUnready(list []corev1.Pod) (pod *corev1.Pod, word string) {
	for i := range list {
		if IsReady(&list[i]) {
			continue
		}
		if t, found := TroubleOf(&list[i]); found {
			return &list[i], t.Word
		}
		if pod == nil {
			pod, word = &list[i], PhaseOf(&list[i])
		}
	}
	return pod, word
}

// CountReady is how many pods are ready.
func CountReady(list []corev1.Pod) int {
	n := 0
	for i := range list {
		if IsReady(&list[i]) {
			n++
		}
	}
	return n
}
