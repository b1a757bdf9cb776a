package cilium

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	metadatafake "k8s.io/client-go/metadata/fake"

	"groundwork.dev/bootstrap/internal/failure"
)

// scene is a cluster of two nodes whose Cilium is well, changed.
type scene struct {
	agents   *appsv1.DaemonSet
	operator *appsv1.Deployment
	pods     []*corev1.Pod
	nodes    []*metav1.PartialObjectMetadata
}

func newScene() *scene {
	labels := func(key, value string) map[string]string { return map[string]string{key: value} }
	two := int32(2)
	s := &scene{
		agents: &appsv1.DaemonSet{
			ObjectMeta: metav1.ObjectMeta{Name: agentDaemonSet, Namespace: namespace, Generation: 2},
			Status:     appsv1.DaemonSetStatus{ObservedGeneration: 2, DesiredNumberScheduled: 2, UpdatedNumberScheduled: 2, NumberReady: 2},
		},
		operator: &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Name: operatorName, Namespace: namespace},
			Spec:       appsv1.DeploymentSpec{Replicas: &two},
			Status: appsv1.DeploymentStatus{AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue},
			}},
		},
	}
	for _, node := range []string{"a", "b"} {
		s.pods = append(s.pods, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "cilium-" + node, Namespace: namespace, Labels: labels("k8s-app", "cilium")},
			Spec:       corev1.PodSpec{NodeName: node},
			Status: corev1.PodStatus{
				Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
				ContainerStatuses: []corev1.ContainerStatus{{Name: agentContainer, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}},
			},
		})
		s.nodes = append(s.nodes, &metav1.PartialObjectMetadata{
			TypeMeta: metav1.TypeMeta{APIVersion: "cilium.io/v2", Kind: "CiliumNode"}, ObjectMeta: metav1.ObjectMeta{Name: node},
		})
	}
	return s
}

// unready lets an agent's container wait.
func (s *scene) unready(pod int, reason, message string) {
	p := s.pods[pod]
	p.Status.Conditions[0].Status = corev1.ConditionFalse
	p.Status.ContainerStatuses[0] = corev1.ContainerStatus{
		Name: agentContainer, Image: "example.com/cilium:v1", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
	}
	s.agents.Status.NumberReady--
}

func (s *scene) cluster() *cluster {
	objects := []runtime.Object{
		s.agents, s.operator,
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: configMapName, Namespace: namespace}, Data: map[string]string{"kube-proxy-replacement": "true"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "b"}},
	}
	for _, p := range s.pods {
		objects = append(objects, p)
	}
	scheme := metadatafake.NewTestScheme()
	if err := metav1.AddMetaToScheme(scheme); err != nil {
		panic(err)
	}
	var nodes []runtime.Object
	for _, n := range s.nodes {
		nodes = append(nodes, n)
	}
	return &cluster{clients: fake.NewClientset(objects...), metadata: metadatafake.NewSimpleMetadataClient(scheme, nodes...)}
}

// answers runs every command with the answer of an agent that is well.
func answersWell(context.Context, command) ([]byte, error) { return []byte(well), nil }

func TestStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*scene)
		run    executor
		want   string // the first problem; "" where all is well
	}{
		{name: "well"},
		{name: "one agent not ready", change: func(s *scene) { s.unready(1, "ContainerCreating", "") }, want: "container cilium-agent: ContainerCreating"},
		{name: "an agent that says so", run: func(_ context.Context, c command) ([]byte, error) {
			return []byte(strings.Replace(well, `"state":"Ok"`, `"state":"Failure"`, 1)), nil
		}, want: "cilium: Failure"},
		{name: "an agent that does not answer", run: func(_ context.Context, c command) ([]byte, error) { return nil, errors.New("gone") }, want: "the agent does not answer: gone"},
		{name: "no agent on a node", change: func(s *scene) { s.pods = s.pods[:1] }, want: "no agent runs on the node"},
		{name: "no CiliumNode", change: func(s *scene) { s.nodes = s.nodes[:1] }, want: "the node has no CiliumNode"},
		{name: "old settings", change: func(s *scene) { s.agents.Status.UpdatedNumberScheduled = 1 }, want: "1 of 2 agents run with the newest settings"},
		{name: "unseen settings", change: func(s *scene) { s.agents.Generation = 3 }, want: "the DaemonSet's newest settings are not taken yet"},
		{name: "no operator", change: func(s *scene) { s.operator.Status = appsv1.DeploymentStatus{} }, want: "0 of 2 operators are available"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			if test.change != nil {
				test.change(s)
			}
			run := test.run
			if run == nil {
				run = answersWell
			}
			c := s.cluster()
			w, err := c.look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := c.status(t.Context(), w, run, readiness)
			_, problem := got.first()
			if got.Healthy != (test.want == "") || !strings.HasPrefix(problem, test.want) {
				t.Errorf("healthy %v, %q; want %q", got.Healthy, problem, test.want)
			}
		})
	}
}

func TestWaitHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.unready(0, "ContainerCreating", "")
		c := s.cluster()
		events := &recorder{}
		o := Options{Sink: events}
		var group sync.WaitGroup
		var err error
		group.Go(func() { err = o.waitHealthy(t.Context(), c, answersWell) })
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !strings.Contains(events.text(), "waiting for Cilium to be healthy on Pod kube-system/cilium-a on node a: container cilium-agent: ContainerCreating") {
			t.Errorf("nobody was told: %s", events.text())
		}
		for _, o := range []runtime.Object{newScene().pods[0], newScene().agents} {
			switch o := o.(type) {
			case *corev1.Pod:
				_, err = c.clients.CoreV1().Pods(namespace).Update(t.Context(), o, metav1.UpdateOptions{})
			case *appsv1.DaemonSet:
				_, err = c.clients.AppsV1().DaemonSets(namespace).Update(t.Context(), o, metav1.UpdateOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		group.Wait()
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWaitHealthyGivesUp(t *testing.T) {
	for _, test := range []struct {
		name, reason, message string
		restarts              int32
		after                 time.Duration // 0: never, by itself
		summary               string
	}{
		{"an image that is not there", "ImagePullBackOff", `Back-off pulling image "x": ErrImagePull: x: not found`, 0, 30 * time.Second, "an image of Cilium is not there: example.com/cilium:v1"},
		{"a registry that is not reached", "ErrImagePull", "dial tcp: i/o timeout", 0, 2 * time.Minute, "an image of Cilium cannot be pulled: example.com/cilium:v1"},
		{"an image's name", "InvalidImageName", "couldn't parse", 0, 30 * time.Second, "an image of Cilium is not there"},
		{"crashes", "CrashLoopBackOff", "back-off", 5, 0, "container cilium-agent crashes again and again"},
		{"a container that cannot be made", "CreateContainerError", "no such secret", 0, 2 * time.Minute, "container cilium-agent cannot be made"},
		{"nothing wrong", "ContainerCreating", "", 0, -1, "timed out waiting for Cilium to be healthy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.unready(1, test.reason, test.message)
				s.pods[1].Status.ContainerStatuses[0].RestartCount = test.restarts
				s.pods[1].Status.ContainerStatuses[0].LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, Message: "first\nlevel=fatal msg=\"no BPF\"\n"}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				began := time.Now()
				err := Options{}.waitHealthy(ctx, s.cluster(), answersWell)
				took := time.Since(began)
				var known *failure.Error
				if !errors.As(err, &known) || !strings.HasPrefix(known.Summary, test.summary) || known.Remedy == "" {
					t.Fatalf("got %v", err)
				}
				if test.after < 0 {
					if known.Code != failure.TimedOut {
						t.Errorf("the code is %d", known.Code)
					}
					return
				}
				if known.Code != failure.AddOns || took < test.after || took > test.after+2*time.Second {
					t.Errorf("code %d after %s, want %s", known.Code, took, test.after)
				}
				if test.restarts > 0 && !strings.Contains(err.Error(), `for the 5th time: level=fatal msg="no BPF"`) {
					t.Errorf("its last line is not in %v", err)
				}
			})
		})
	}
}

func TestWaitHealthyCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Options{}).waitHealthy(ctx, newScene().cluster(), answersWell); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
