package main

import (
	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
)

func goldenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "golden DIR --node-files BUNDLE",
		Short: "Make a containerd store with every image, for hosts to begin with",
		Long: `Make a containerd store with every image of a bundle that bootstrap images
export has made, for hosts to begin with. It must lie on the same file system
as the labs that use it.`,
		Example: `  lab golden /var/tmp/golden --node-files /var/tmp/node-files
  lab up --golden /var/tmp/golden`,
		Args: cobra.ExactArgs(1),
	}
	nodeFiles := c.Flags().String("node-files", "", "the bundle (required)")
	if err := c.MarkFlagRequired("node-files"); err != nil {
		panic(err) // the flag is above
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		return lab.MakeGolden(c.Context(), args[0], *nodeFiles, progress(c))
	}
	return c
}
