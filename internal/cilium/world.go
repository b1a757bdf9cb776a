package cilium

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/cilium/pods"
)

// world is what the cluster's API says of Cilium.
type world struct {
	nodes     []string // sorted
	daemonSet *appsv1.DaemonSet
	operator  *appsv1.Deployment
	pods      []corev1.Pod // the agents'
	operators []corev1.Pod
	// registered are the nodes that have a CiliumNode; nil where that kind is
	// not there yet.
	registered map[string]bool
	settings   map[string]string // cilium-config
}

func (c *cluster) look(ctx context.Context) (world, error) {
	w := world{}
	nodes, err := c.clients.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return w, err
	}
	for _, n := range nodes.Items {
		w.nodes = append(w.nodes, n.Name)
	}
	slices.Sort(w.nodes)
	apps, core := c.clients.AppsV1(), c.clients.CoreV1()
	daemonSet, err := apps.DaemonSets(namespace).Get(ctx, agentDaemonSet, metav1.GetOptions{})
	if there, err := exists(err); err != nil {
		return w, err
	} else if there {
		w.daemonSet = daemonSet
	}
	operator, err := apps.Deployments(namespace).Get(ctx, operatorName, metav1.GetOptions{})
	if there, err := exists(err); err != nil {
		return w, err
	} else if there {
		w.operator = operator
	}
	settings, err := core.ConfigMaps(namespace).Get(ctx, configMapName, metav1.GetOptions{})
	if there, err := exists(err); err != nil {
		return w, err
	} else if there {
		w.settings = settings.Data
	}
	agents, err := core.Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: agentSelector})
	if err != nil {
		return w, err
	}
	operators, err := core.Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: operatorLabels})
	if err != nil {
		return w, err
	}
	w.pods, w.operators = agents.Items, operators.Items
	w.registered, err = c.ciliumNodes(ctx)
	return w, err
}

// problems are those of the DaemonSet as a whole.
func (w world) problems() []string {
	if w.daemonSet == nil {
		return []string{"Cilium is not installed: there is no DaemonSet " + namespace + "/" + agentDaemonSet}
	}
	s := w.daemonSet.Status
	var problems []string
	switch {
	case s.ObservedGeneration != w.daemonSet.Generation:
		problems = append(problems, "the DaemonSet's newest settings are not taken yet")
	case s.DesiredNumberScheduled == 0:
		problems = append(problems, "no agent is wanted on any node yet")
	case s.UpdatedNumberScheduled != s.DesiredNumberScheduled:
		problems = append(problems, fmt.Sprintf("%d of %d agents run with the newest settings", s.UpdatedNumberScheduled, s.DesiredNumberScheduled))
	case s.NumberReady != s.DesiredNumberScheduled:
		problems = append(problems, fmt.Sprintf("%d of %d agents are ready", s.NumberReady, s.DesiredNumberScheduled))
	}
	return problems
}

// agents has a row for each node and each pod, with what is wrong at sight.
func (w world) agents() []Agent {
	if w.daemonSet == nil {
		return nil
	}
	list := []Agent{}
	for _, node := range w.nodes {
		a := Agent{Node: node}
		if pod := w.agentOn(node); pod == nil {
			a.Problems = []string{"no agent runs on the node"}
		} else {
			a.Pod = pod.Name
			if t, found := pods.TroubleOf(pod); found {
				a.Problems = []string{t.Word}
			} else if !pods.IsReady(pod) {
				a.Problems = []string{pods.PhaseOf(pod)}
			}
		}
		if w.registered != nil && !w.registered[node] && len(a.Problems) == 0 {
			a.Problems = []string{"the node has no CiliumNode: the agent has not registered it"}
		}
		list = append(list, a)
	}
	return list
}

// agentOn is the agent's pod on a node, the newest, or nil.
func (w world) agentOn(node string) *corev1.Pod {
	var newest *corev1.Pod
	for i := range w.pods {
		p := &w.pods[i]
		if p.Spec.NodeName == node && (newest == nil || newest.CreationTimestamp.Before(&p.CreationTimestamp)) {
			newest = p
		}
	}
	return newest
}

// readySince is when each node's agent became ready; a node without a ready
// agent counts as ready from the far future.
func (w world) readySince() map[string]time.Time {
	since := map[string]time.Time{}
	for _, node := range w.nodes {
		since[node] = time.Unix(1<<40, 0)
		if pod := w.agentOn(node); pod != nil {
			for _, c := range pod.Status.Conditions {
				if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
					since[node] = c.LastTransitionTime.Time
				}
			}
		}
	}
	return since
}

// answers reports whether the agent in a pod can be asked.
func answers(pod *corev1.Pod, d depth) bool {
	if d == readiness {
		return pods.IsReady(pod)
	}
	return slices.ContainsFunc(pod.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
		return s.Name == agentContainer && s.State.Running != nil
	})
}

func (w world) operatorStatus() Operator {
	if w.operator == nil {
		if w.daemonSet == nil {
			return Operator{}
		}
		return Operator{Problems: []string{"there is no Deployment " + namespace + "/" + operatorName}}
	}
	o := Operator{Desired: 1, Available: w.operator.Status.AvailableReplicas}
	if w.operator.Spec.Replicas != nil {
		o.Desired = *w.operator.Spec.Replicas
	}
	if containers := w.operator.Spec.Template.Spec.Containers; len(containers) > 0 {
		o.Image = containers[0].Image
	}
	available := slices.ContainsFunc(w.operator.Status.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentAvailable && c.Status == corev1.ConditionTrue
	})
	if !available || w.operator.Status.ObservedGeneration != w.operator.Generation {
		_, word := pods.FirstUnready(w.operators)
		o.Problems = []string{strings.TrimSuffix(fmt.Sprintf("%d of %d operators are available: %s", o.Available, o.Desired, word), ": ")}
	}
	return o
}

// agentImage is the image of the agents, as their pods name it.
func (w world) agentImage() string {
	for _, c := range w.daemonSet.Spec.Template.Spec.Containers {
		if c.Name == agentContainer {
			return c.Image
		}
	}
	return ""
}
