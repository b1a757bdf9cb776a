package connectivity

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"groundwork.dev/bootstrap/internal/cilium/pods"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// port is what the pods listen on, servicePort what services do.
	port, servicePort = 8080, 80
	// nobody is the user that the pods run as.
	nobody = 65534

	nameLabel = "groundwork.dev/probe"
	// upWithin is how long pods may take whose image is there: seconds, on
	// nodes with anything to spare.
	upWithin = 2 * time.Minute
	// guarded is the pod that the policy check closes and opens.
	guarded = "guarded"
)

// stage is what a run has set up.
type stage struct {
	Cluster
	namespace string
	nodes     []string
	// probes are pods that listen and are asked from: one a node, two where
	// there is one node only.
	probes   []probe
	guarded  probe
	services []string // cluster IPs, as probes
}

type probe struct{ name, node, address string }

// next is the probe that probe i speaks to: on another node, if there is one.
func (s *stage) next(i int) probe { return s.probes[(i+1)%len(s.probes)] }

func (c Cluster) stage(ctx context.Context, namespace string, nodes []string) (*stage, error) {
	s := &stage{Cluster: c, namespace: namespace, nodes: nodes}
	for i, node := range nodes {
		s.probes = append(s.probes, probe{name: "probe-" + strconv.Itoa(i), node: node})
	}
	if len(nodes) == 1 {
		s.probes = append(s.probes, probe{name: "probe-1", node: nodes[0]})
	}
	s.guarded = probe{name: guarded, node: s.next(0).node}
	if c.policy() == "always" {
		if err := s.openAll(ctx); err != nil {
			return nil, err
		}
	}
	for _, p := range append(s.probes, s.guarded) {
		if err := s.makePod(ctx, p); err != nil {
			return nil, fmt.Errorf("make a pod on node %s: %w", p.node, err)
		}
	}
	for _, p := range s.probes {
		made, err := c.Clients.CoreV1().Services(namespace).Create(ctx, s.service(p), metav1.CreateOptions{})
		if err != nil {
			return nil, fmt.Errorf("make a service: %w", err)
		}
		s.services = append(s.services, made.Spec.ClusterIP)
	}
	return s, s.await(ctx)
}

// makePod makes a pod; in a new namespace it takes a moment until there is
// the service account that a pod cannot do without.
func (s *stage) makePod(ctx context.Context, p probe) error {
	for began := time.Now(); ; {
		_, err := s.Clients.CoreV1().Pods(s.namespace).Create(ctx, s.pod(p), metav1.CreateOptions{})
		if !apierrors.IsForbidden(err) || time.Since(began) > patiently {
			return err
		}
		s.Waiting("Namespace "+s.namespace, err.Error(), 0, 0)
		if pause(ctx, interval) != nil {
			return err
		}
	}
}

func (s *stage) pod(p probe) *corev1.Pod {
	yes, no, user, grace := true, false, int64(nobody), int64(1)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: p.name, Labels: map[string]string{nameLabel: p.name}},
		Spec: corev1.PodSpec{
			// Past the scheduler, which has no say where a check is made.
			NodeName:                      p.node,
			Tolerations:                   []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
			RestartPolicy:                 corev1.RestartPolicyAlways,
			TerminationGracePeriodSeconds: &grace,
			AutomountServiceAccountToken:  &no,
			EnableServiceLinks:            &no,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: &user, RunAsGroup: &user,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: "probe", Image: s.Image, ImagePullPolicy: corev1.PullIfNotPresent,
				Command: []string{"cilium-health-responder", "--listen", strconv.Itoa(port)},
				ReadinessProbe: &corev1.Probe{
					PeriodSeconds: 1,
					ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/hello", Port: intstr.FromInt32(port)}},
				},
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: &no, ReadOnlyRootFilesystem: &yes,
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
}

func (s *stage) service(p probe) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: p.name},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{nameLabel: p.name},
			Ports:    []corev1.ServicePort{{Port: servicePort, TargetPort: intstr.FromInt32(port)}},
		},
	}
}

// await waits until the pods are ready, and takes their addresses.
func (s *stage) await(ctx context.Context) error {
	var patience pods.Patience
	for began := time.Now(); ; {
		list, err := s.Clients.CoreV1().Pods(s.namespace).List(ctx, metav1.ListOptions{})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			s.Waiting("the cluster's API", err.Error(), 0, 0)
		default:
			if err := patience.Judge(list.Items, time.Now()); err != nil {
				return err
			}
			pod, word := pods.LastWord(ctx, s.Clients, list.Items, time.Now())
			if pod == nil {
				s.takeAddresses(list.Items)
				return nil
			}
			if err := s.late(ctx, pod, word, time.Since(began)); err != nil {
				return err
			}
			s.Waiting("Pod "+s.namespace+"/"+pod.Name+" on node "+pod.Spec.NodeName, word, pods.CountReady(list.Items), len(list.Items))
		}
		if err := pause(ctx, interval); err != nil {
			return err
		}
	}
}

// late says why a pod is not waited for any longer: its node has failed
// meanwhile, or it takes too long.
func (s *stage) late(ctx context.Context, pod *corev1.Pod, word string, waited time.Duration) error {
	object := "Node " + pod.Spec.NodeName
	node, err := s.Clients.CoreV1().Nodes().Get(ctx, pod.Spec.NodeName, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err), err == nil && !ready(node):
		return &failure.Error{
			Code: failure.AddOns, Summary: "a node failed while pods were started on it", Object: object,
			Remedy: "see what keeps the node from being ready: kubectl describe node " + pod.Spec.NodeName,
		}
	case waited > upWithin:
		return &failure.Error{
			Code: failure.AddOns, Summary: "a pod of the connectivity check does not come up", Object: object, Err: errors.New(word),
			Remedy: "mend what the kubelet says; `bootstrap cilium status` tells how Cilium is; then run the same command again",
		}
	}
	return nil
}

func (s *stage) takeAddresses(list []corev1.Pod) {
	addresses := map[string]string{}
	for _, pod := range list {
		addresses[pod.Name] = pod.Status.PodIP
	}
	for i := range s.probes {
		s.probes[i].address = addresses[s.probes[i].name]
	}
	s.guarded.address = addresses[guarded]
}
