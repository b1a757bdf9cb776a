package main

import (
	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/plan"
)

// printCiliumValues prints the values, or what the chart makes of them. It
// needs the release only, and no provider.
func printCiliumValues(c *cobra.Command, cfg *v1alpha1.Config, catalogue string, manifest bool) error {
	known, err := plan.Catalogue(catalogue)
	if err != nil {
		return err
	}
	release, err := known.Find(string(cfg.Cluster.Spec.KubernetesVersion))
	if err != nil {
		return err
	}
	o := cilium.Options{Config: cfg, Release: release}
	var out []byte
	if manifest {
		out, err = cilium.Manifest(c.Context(), o)
	} else {
		values, valuesErr := cilium.Values(o)
		if valuesErr != nil {
			return valuesErr
		}
		out, err = yaml.Marshal(values)
	}
	if err != nil {
		return err
	}
	_, err = c.OutOrStdout().Write(out)
	return err
}
