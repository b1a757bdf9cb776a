package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/apply"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/scaffold"
)

func newGenerate() *cobra.Command {
	c := &cobra.Command{Use: "generate", Short: "Print a configuration file or the objects it becomes"}
	c.AddCommand(newGenerateConfig(), newGenerateManifests())
	return c
}

func newGenerateConfig() *cobra.Command {
	c := &cobra.Command{
		Use:     "config NAME",
		Short:   "Print a commented configuration file to begin with",
		Example: "  bootstrap generate config demo --provider vsphere > demo.yaml\n  bootstrap generate config demo --provider ssh > demo.yaml",
		Args:    cobra.ExactArgs(1),
	}
	provider := c.Flags().String("provider", "vsphere", "where the machines come from: vsphere, ssh (hosts that already run Linux) or tinkerbell")
	c.RunE = func(c *cobra.Command, args []string) error {
		text, err := scaffold.Config(*provider, args[0])
		if err != nil {
			return usage(c, err)
		}
		_, err = c.OutOrStdout().Write(text)
		return err
	}
	return c
}

func newGenerateManifests() *cobra.Command {
	c := &cobra.Command{
		Use:   "manifests -f FILE",
		Short: "Print every object that create would make, without credentials",
		Long: `Print every Cluster API object that create cluster would make, as YAML. Works
offline and prints no secret.`,
		Example: "  bootstrap generate manifests -f demo.yaml | less",
	}
	file := fileFlag(c)
	catalogue := catalogueFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		p, err := plan.New(cfg, *catalogue, plan.Access{})
		if err != nil {
			return err
		}
		manifests, err := p.Provider.Manifests()
		if err != nil {
			return err
		}
		for _, o := range append(manifests.Cluster, manifests.HealthChecks...) {
			fields, err := apply.Fields(o)
			if err != nil {
				return err
			}
			text, err := yaml.Marshal(fields)
			if err != nil {
				return fmt.Errorf("print %s %s: %w", o.GetObjectKind().GroupVersionKind().Kind, o.GetName(), err)
			}
			if _, err := fmt.Fprintf(c.OutOrStdout(), "---\n%s", text); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

// catalogueFlag adds --releases.
func catalogueFlag(c *cobra.Command) *string {
	return c.Flags().String("releases", "", "release catalogue file whose releases are added to the built-in ones")
}
