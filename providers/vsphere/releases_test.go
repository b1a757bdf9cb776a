package vsphere

import (
	"slices"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// The preflight compares every template with the release of its own group.
func TestReleasesOfEveryGroupAreUsed(t *testing.T) {
	p := newProvider(t, fullConfig(t, func(cfg *v1alpha1.Config) {
		older := v1alpha1.KubernetesVersion("1.34")
		cfg.Cluster.Spec.KubernetesVersion = "1.35"
		for i := range cfg.Cluster.Spec.WorkerNodeGroupConfigurations {
			cfg.Cluster.Spec.WorkerNodeGroupConfigurations[i].KubernetesVersion = nil
		}
		cfg.Cluster.Spec.WorkerNodeGroupConfigurations[0].KubernetesVersion = &older
	}))
	var minors []string
	for _, release := range p.usedReleases() {
		minors = append(minors, release.Kubernetes)
	}
	if !slices.Contains(minors, "1.35") || !slices.Contains(minors, "1.34") {
		t.Errorf("the releases are %q", minors)
	}
}
