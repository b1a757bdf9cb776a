package main

import (
	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
)

func goldenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "golden DIR",
		Short: "Make a containerd store with every image, for hosts to begin with",
		Long: `Make a containerd store with every image, for hosts to begin with. It must lie
on the same file system as the labs that use it.`,
		Example: `  lab golden /var/tmp/golden && lab up --golden /var/tmp/golden`,
		Args:    cobra.ExactArgs(1),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		return lab.MakeGolden(c.Context(), args[0], progress(c))
	}
	return c
}
