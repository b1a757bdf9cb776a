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
  bootstrap vsphere role -f demo.yaml -o govc --user 'VSPHERE.LOCAL\bootstrap' | less`,
	}
	file := fileFlag(c)
	format := outputFlag(c, vcenter.RoleText, vcenter.RoleJSON, vcenter.RoleGovc)
	user := c.Flags().String("user", "", "whom the govc script gives the role to; where empty, the script takes it as its argument")
	eksAnywhere := c.Flags().Bool("eks-anywhere", false, "the wider role that EKS Anywhere asks for instead")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		grants := vcenter.Role(cfg)
		if *eksAnywhere {
			grants = vcenter.EKSAnywhereRole(cfg)
		}
		return vcenter.WriteRole(c.OutOrStdout(), string(*format), *user, grants)
	}
	return c
}
