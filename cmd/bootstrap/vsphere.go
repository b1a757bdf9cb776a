package main

import (
	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

func newVSphere() *cobra.Command {
	c := &cobra.Command{Use: "vsphere", Short: "Commands for a vCenter"}
	c.AddCommand(newVSphereRole())
	return c
}

func newVSphereRole() *cobra.Command {
	c := &cobra.Command{
		Use:   "role -f FILE",
		Short: "Print the least privileges that the vCenter user needs, object by object",
		Example: `  bootstrap vsphere role -f demo.yaml
  bootstrap vsphere role -f demo.yaml -o govc | sh`,
	}
	file := fileFlag(c)
	format := outputFlag(c, outputText, outputJSON, "govc")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		return vcenter.WriteRole(c.OutOrStdout(), cfg, string(*format))
	}
	return c
}
