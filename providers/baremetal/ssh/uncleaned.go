package ssh

import (
	"context"
	"fmt"
	"slices"
	"strings"

	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// Uncleaned are the cluster's hosts, by name, on which something of a deleted
// machine is left because they did not answer or could not be reset; their
// condition Clean or Reachable says why. They are there for
// controllers.CleaningGrace after the Cluster is gone: once it is, nothing
// that answers is among them.
func Uncleaned(ctx context.Context, c client.Reader, cluster client.ObjectKey) ([]infrav1.SSHHost, error) {
	list := &infrav1.SSHHostList{}
	err := c.List(ctx, list, client.InNamespace(cluster.Namespace), client.MatchingLabels{clusterv1.ClusterNameLabel: cluster.Name})
	if err != nil {
		return nil, fmt.Errorf("list the SSHHosts of Cluster %s: %w", cluster, err)
	}
	dirty := slices.DeleteFunc(list.Items, func(h infrav1.SSHHost) bool {
		return h.Annotations[infrav1.NeedsCleaningAnnotation] == ""
	})
	slices.SortFunc(dirty, func(a, b infrav1.SSHHost) int { return strings.Compare(a.Name, b.Name) })
	return dirty, nil
}
