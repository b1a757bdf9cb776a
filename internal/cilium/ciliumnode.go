package cilium

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ciliumNodeKind is read without Cilium's Go types: they would bring in most
// of the agent.
var ciliumNodeKind = schema.GroupVersionResource{Group: "cilium.io", Version: "v2", Resource: "ciliumnodes"}

// ciliumNodes are the names of the CiliumNodes; nil where the operator has
// not made their kind yet.
func (c *cluster) ciliumNodes(ctx context.Context) (map[string]bool, error) {
	list, err := c.metadata.Resource(ciliumNodeKind).List(ctx, metav1.ListOptions{})
	if there, err := exists(err); err != nil || !there {
		return nil, err
	}
	names := map[string]bool{}
	for _, n := range list.Items {
		names[n.Name] = true
	}
	return names, nil
}
