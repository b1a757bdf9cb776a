package main

import (
	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/internal/status"
	"groundwork.dev/bootstrap/internal/workspace"
)

func newStatus() *cobra.Command {
	c := &cobra.Command{
		Use:   "status [NAME]",
		Short: "Show how far a cluster is, or which clusters are known here",
		Long: `Show the steps of a cluster's create or delete with their times, its machines
with their stage, and who works on it now. Without a name: every cluster that
has state on this machine.`,
		Example: "  bootstrap status\n  bootstrap status demo\n  bootstrap status demo --rehearse -o json",
		Args:    cobra.MaximumNArgs(1),
	}
	stateDir := stateFlag(c)
	rehearse := c.Flags().Bool("rehearse", false, "show the rehearsal, not the cluster")
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			root, err := workspace.StateRoot(*stateDir, *rehearse)
			if err != nil {
				return err
			}
			clusters, err := status.All(root)
			if err != nil {
				return err
			}
			return status.PrintAll(c.OutOrStdout(), clusters, *format == outputJSON)
		}
		dir, err := findState(*stateDir, args[0], *rehearse)
		if err != nil {
			return err
		}
		cluster, err := status.Read(dir)
		if err != nil {
			return err
		}
		return status.Print(c.OutOrStdout(), cluster, *format == outputJSON)
	}
	return c
}

// findState is the state of a cluster that is known here.
func findState(flag, cluster string, rehearsal bool) (*state.Dir, error) {
	root, err := workspace.StateRoot(flag, rehearsal)
	if err != nil {
		return nil, err
	}
	return state.Find(root, cluster)
}
