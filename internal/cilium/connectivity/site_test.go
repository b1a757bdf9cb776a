package connectivity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	ktesting "k8s.io/client-go/testing"
	utilexec "k8s.io/client-go/util/exec"
)

// site is a cluster whose pods come up at once and whose network is a
// function.
type site struct {
	clients  *fake.Clientset
	settings map[string]string
	// down says why a pod does not reach a host; nil where all do.
	down func(from, host string) error
	// podTrouble is what pods wait with; empty where they run.
	podTrouble string
	// ignoresPolicies lets a request through in spite of a policy.
	ignoresPolicies bool
}

func newSite(nodes ...string) *site {
	s := &site{settings: map[string]string{}}
	var objects []runtime.Object
	for _, name := range nodes {
		status := corev1.ConditionTrue
		if strings.HasPrefix(name, "down") {
			status = corev1.ConditionFalse
		}
		objects = append(objects, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}},
		})
	}
	s.clients = fake.NewClientset(objects...)
	s.clients.PrependReactor("create", "namespaces", func(action ktesting.Action) (bool, runtime.Object, error) {
		n := action.(ktesting.CreateAction).GetObject().(*corev1.Namespace)
		n.Name = n.GenerateName + "x"
		return false, nil, nil
	})
	addresses := 0
	s.clients.PrependReactor("create", "*", func(action ktesting.Action) (bool, runtime.Object, error) {
		switch o := action.(ktesting.CreateAction).GetObject().(type) {
		case *corev1.Pod:
			s.start(o)
		case *corev1.Service:
			addresses++
			o.Spec.ClusterIP = fmt.Sprintf("10.96.0.%d", addresses)
		}
		return false, nil, nil
	})
	return s
}

// start is what a kubelet does.
func (s *site) start(pod *corev1.Pod) {
	pod.Status.PodIP = "address-of-" + pod.Name
	if s.podTrouble != "" {
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "probe", Image: pod.Spec.Containers[0].Image, State: corev1.ContainerState{
			Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: s.podTrouble},
		}}}
		return
	}
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
}

func (s *site) cluster() Cluster {
	return Cluster{
		Clients: s.clients, Run: s.run, Image: "example.com/cilium:v1", Settings: s.settings,
		Waiting: func(string, string, int, int) {}, Log: slog.New(slog.DiscardHandler),
	}
}

// run is `timeout SECONDS bash -c SCRIPT HOST PORT` in a pod.
func (s *site) run(ctx context.Context, namespace, pod string, args ...string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.down != nil {
		if err := s.down(pod, args[5]); err != nil {
			return nil, err
		}
	}
	if args[5] == "address-of-"+guarded && s.closed(ctx, namespace) && !s.ignoresPolicies {
		return nil, silence
	}
	return []byte("HTTP/1.0 200 OK\r"), nil
}

// closed reports whether policies keep requests from the guarded pod.
func (s *site) closed(ctx context.Context, namespace string) bool {
	list, err := s.clients.NetworkingV1().NetworkPolicies(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false
	}
	i := slices.IndexFunc(list.Items, func(p networkingv1.NetworkPolicy) bool { return p.Name == guarded })
	if i < 0 {
		return s.settings["enable-policy"] == "always"
	}
	return len(list.Items[i].Spec.Ingress) == 0
}

// silence is a request without an answer.
var silence = utilexec.CodeExitError{Err: errors.New("command terminated with exit code 124"), Code: timedOut}
