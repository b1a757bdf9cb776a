package main

import (
	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
)

func downCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "down",
		Short: "Remove every trace of a lab",
		Long: `Remove every trace of a lab, whatever state it is in: up, half made, killed, or
half removed. Where there is none, nothing happens.`,
		Example: `  lab down
  lab down --all`,
		Args: cobra.NoArgs,
	}
	name := nameFlag(c)
	dir := c.Flags().String("dir", "", "the lab's folder, if it was given to up and up was killed before it could note it")
	all := c.Flags().Bool("all", false, "every lab")
	c.MarkFlagsMutuallyExclusive("name", "all")
	c.MarkFlagsMutuallyExclusive("dir", "all")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if !*all {
			return lab.Down(c.Context(), *name, *dir)
		}
		names, err := lab.Names()
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := lab.Down(c.Context(), name, ""); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}
