package pods

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func waiting(name, reason, message string) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: name, Image: "example.com/cilium:v1", State: corev1.ContainerState{
		Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message},
	}}
}

func TestTroubleOf(t *testing.T) {
	for _, test := range []struct {
		name   string
		status corev1.PodStatus
		want   Trouble
	}{
		{"none", corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("agent", "ContainerCreating", "")}}, Trouble{}},
		{"an init container's image", corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{waiting("config", "ImagePullBackOff", "x: not found")},
			ContainerStatuses:     []corev1.ContainerStatus{waiting("agent", "PodInitializing", "")},
		}, Trouble{Kind: Missing, What: "example.com/cilium:v1", Word: "ImagePullBackOff: x: not found"}},
		{"a registry", corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("agent", "ErrImagePull", "i/o timeout")}},
			Trouble{Kind: Pulling, What: "example.com/cilium:v1", Word: "ErrImagePull: i/o timeout"}},
		{"an image that must be there", corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("agent", "ErrImageNeverPull", "")}},
			Trouble{Kind: Missing, What: "example.com/cilium:v1", Word: "ErrImageNeverPull:"}},
		{"a container", corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("agent", "CreateContainerConfigError", "no secret")}},
			Trouble{Kind: Unusable, What: "container agent", Word: "CreateContainerConfigError: no secret"}},
		{"no node", corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "0/2 nodes are available"}}},
			Trouble{Kind: Unscheduled, What: "pod p", Word: "0/2 nodes are available"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, found := TroubleOf(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n"}, Spec: corev1.PodSpec{NodeName: "a"}, Status: test.status})
			if test.want.Kind != "" {
				test.want.Pod, test.want.Namespace, test.want.Node = "p", "n", "a"
			}
			if got != test.want || found != (test.want.Kind != "") {
				t.Errorf("got %+v, %v", got, found)
			}
		})
	}
}

func TestOrdinal(t *testing.T) {
	for n, want := range map[int32]string{1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 112: "112th"} {
		if got := ordinal(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// TestLastWordOfTheKubelet shows what only events tell: that a pod's sandbox
// cannot be made.
func TestLastWordOfTheKubelet(t *testing.T) {
	made := time.Now()
	pod := corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: "1", CreationTimestamp: metav1.NewTime(made)},
		Status:     corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("agent", "ContainerCreating", "")}},
	}
	event := func(name, message string, at time.Time) *corev1.Event {
		return &corev1.Event{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "n"}, Type: corev1.EventTypeWarning, Reason: "FailedCreatePodSandBox",
			Message: message, LastTimestamp: metav1.NewTime(at), InvolvedObject: corev1.ObjectReference{UID: "1"},
		}
	}
	clients := fake.NewClientset(event("2", "no CNI", made.Add(2*time.Second)), event("1", "no runtime", made.Add(time.Second)))
	for _, test := range []struct {
		name  string
		after time.Duration
		want  string
	}{
		{"at first", time.Second, "container agent: ContainerCreating"},
		{"after a while", stuckAfter, "FailedCreatePodSandBox: no CNI"},
	} {
		if _, got := LastWord(t.Context(), clients, []corev1.Pod{pod}, made.Add(test.after)); got != test.want {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

func TestPatienceStartsAnew(t *testing.T) {
	pod := corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{waiting("agent", "ErrImagePull", "not found")}}}
	var p Patience
	now := time.Now()
	if err := p.Judge([]corev1.Pod{pod}, now); err != nil {
		t.Error(err)
	}
	// It comes up and falls over again: the time counts from then on.
	if err := p.Judge(nil, now.Add(missingFor)); err != nil {
		t.Error(err)
	}
	if err := p.Judge([]corev1.Pod{pod}, now.Add(missingFor+time.Second)); err != nil {
		t.Error(err)
	}
	if err := p.Judge([]corev1.Pod{pod}, now.Add(2*missingFor+time.Second)); err == nil {
		t.Error("there is hope still")
	}
}
