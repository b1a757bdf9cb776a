package ssh

import (
	"context"
	"fmt"

	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/providers"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

var _ providers.Residual = (*Provider)(nil)

// Residue implements providers.Residual: the hosts that could not be given
// back as they were.
func (p *Provider) Residue(ctx context.Context, c client.Reader, cluster client.ObjectKey) ([]providers.Residue, error) {
	hosts, err := Uncleaned(ctx, c, cluster)
	if err != nil {
		return nil, err
	}
	var left []providers.Residue
	for i := range hosts {
		host := &hosts[i]
		why := conditions.GetMessage(host, infrav1.ReachableCondition)
		if why == "" {
			why = conditions.GetMessage(host, infrav1.CleanCondition)
		}
		left = append(left, providers.Residue{
			Object:  fmt.Sprintf("Host %s (%s)", host.Name, host.Spec.Address),
			Message: "the node is still on the host, which could not be reset: " + why,
			Remedy:  "when it answers again, run `sh /var/lib/groundwork/reset.sh` on it as root, which takes away what was put there",
		})
	}
	return left, nil
}
