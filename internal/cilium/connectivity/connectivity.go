// Package connectivity lets pods of its own speak to each other: between
// nodes, through services, by name, and against a policy that must stop them.
package connectivity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// mostNodes bounds how many nodes take part.
	mostNodes = 32
	// longest bounds a whole run, whatever the caller's deadline is.
	longest = 5 * time.Minute
	// cleanUpFor bounds the removal after a run.
	cleanUpFor = 30 * time.Second
)

// Cluster is the cluster that is checked.
type Cluster struct {
	Clients kubernetes.Interface
	// Run runs a command in a pod's only container.
	Run func(ctx context.Context, namespace, pod string, args ...string) ([]byte, error)
	// Image is one that every node has, with bash, the coreutils and
	// cilium-health-responder: Cilium's agent's.
	Image string
	// Settings are the agents' (cilium-config).
	Settings map[string]string
	// Waiting is told what is waited for.
	Waiting func(object, lastWord string, ready, all int)
	Log     *slog.Logger
}

// Check makes a namespace with a pod on every ready node and returns what
// works between them, one check each. The namespace is removed again, also
// when ctx ends; so is what an earlier run left that was killed. The error is
// for checks that could not be made.
func Check(ctx context.Context, c Cluster) (checks []event.Check, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := c.sweep(ctx); err != nil {
		return nil, fmt.Errorf("remove what an earlier connectivity check left: %w", err)
	}
	nodes, err := c.readyNodes(ctx)
	if err != nil {
		return nil, err
	}
	namespace, err := c.makeNamespace(ctx)
	if err != nil {
		return nil, fmt.Errorf("make a namespace for the connectivity check: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpFor)
		defer cancel()
		err = errors.Join(err, c.remove(ctx, namespace))
	}()
	s, err := c.stage(ctx, namespace, nodes)
	if err != nil {
		return nil, err
	}
	return s.run(ctx)
}

// readyNodes are the nodes that take part, sorted by name.
func (c Cluster) readyNodes(ctx context.Context) ([]string, error) {
	list, err := c.Clients.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the nodes: %w", err)
	}
	var names []string
	for _, node := range list.Items {
		if ready(&node) {
			names = append(names, node.Name)
		}
	}
	if len(names) == 0 {
		return nil, &failure.Error{
			Code: failure.AddOns, Summary: fmt.Sprintf("no node is ready, of %d", len(list.Items)),
			Remedy: "see kubectl get nodes and `bootstrap cilium status`, and what keeps the nodes from being ready",
		}
	}
	slices.Sort(names)
	return names[:min(len(names), mostNodes)], nil
}

func ready(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}
