package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/logfile"
	"groundwork.dev/bootstrap/internal/session"
	"groundwork.dev/bootstrap/internal/state"
)

func newLogs() *cobra.Command {
	c := &cobra.Command{
		Use:   "logs NAME",
		Short: "Show what was logged while a cluster was made",
		Example: `  bootstrap logs demo
  bootstrap logs demo --component bootstrap-cluster --tail 50 --follow`,
		Args: cobra.ExactArgs(1),
	}
	stateDir := stateFlag(c)
	rehearse := c.Flags().Bool("rehearse", false, "show the rehearsal's log, not the cluster's")
	component := c.Flags().String("component", "workflow", "whose log: workflow or bootstrap-cluster")
	tail := c.Flags().Int("tail", -1, "only the last so many lines; -1 for all")
	follow := c.Flags().Bool("follow", false, "go on with what is added, until interrupted")
	c.RunE = func(c *cobra.Command, args []string) error {
		dir, err := findState(*stateDir, args[0], *rehearse)
		if err != nil {
			return err
		}
		path := dir.Path(state.LogFile)
		switch *component {
		case "workflow":
		case "bootstrap-cluster":
			path = dir.Path(session.BootstrapClusterDir, bootstrapcluster.LogFile)
		default:
			return usage(c, errors.New("--component is workflow or bootstrap-cluster"))
		}
		err = logfile.Print(c.Context(), c.OutOrStdout(), path, *tail, *follow)
		if errors.Is(err, fs.ErrNotExist) {
			return &failure.Error{
				Code: failure.Usage, Summary: "nothing has been logged yet", Object: "Cluster " + args[0], Err: err,
				Remedy: "`bootstrap status " + args[0] + "` shows what was done",
			}
		}
		return err
	}
	return c
}
