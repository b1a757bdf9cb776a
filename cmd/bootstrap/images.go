package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/manifests/releases"
)

func newImages() *cobra.Command {
	c := &cobra.Command{Use: "images", Short: "What a cluster pulls, and the node files of hosts without a registry"}
	c.AddCommand(newImagesList(), newImagesExport(), newImagesVerify())
	return c
}

func newImagesList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list -f FILE",
		Short:   "Print every image that the cluster needs; nothing else is ever pulled",
		Example: "  bootstrap images list -f demo.yaml\n  bootstrap images list -f demo.yaml -o json",
	}
	file := fileFlag(c)
	catalogue := catalogueFlag(c)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		release, err := releaseOf(cfg, *catalogue)
		if err != nil {
			return err
		}
		list := images.For(cfg, release)
		if *format == outputJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(list)
		}
		for _, image := range list {
			if _, err := fmt.Fprintln(c.OutOrStdout(), image); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

// releaseOf is the release of a configuration's Kubernetes version.
func releaseOf(cfg *v1alpha1.Config, catalogue string) (releases.Release, error) {
	known, err := plan.Catalogue(catalogue)
	if err != nil {
		return releases.Release{}, err
	}
	return known.Find(string(cfg.Cluster.Spec.KubernetesVersion))
}
