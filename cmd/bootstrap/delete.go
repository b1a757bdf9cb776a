package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/destroy"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/workspace"
)

func newDelete() *cobra.Command {
	c := &cobra.Command{Use: "delete", Short: "Delete a cluster"}
	c.AddCommand(newDeleteCluster())
	return c
}

func newDeleteCluster() *cobra.Command {
	c := &cobra.Command{
		Use:   "cluster NAME | -f FILE",
		Short: "Delete a cluster, its machines and its state on this machine",
		Long: `Delete the machines of a cluster and then its state on this machine. The
configuration that the cluster was made from is taken from the state. Interrupted
at any moment, the same command goes on where it was.`,
		Example: `  bootstrap delete cluster demo
  bootstrap delete cluster -f demo.yaml
  bootstrap delete cluster demo --rehearse`,
		Args: cobra.MaximumNArgs(1),
	}
	file := c.Flags().StringP("filename", "f", "", "configuration file that names the cluster")
	catalogue := catalogueFlag(c)
	stateDir := stateFlag(c)
	rehearse := c.Flags().Bool("rehearse", false, "delete the rehearsal, not the cluster")
	timeout := c.Flags().Duration("timeout", workspace.DefaultTimeout, "give up after this long; the same command resumes")
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, args []string) error {
		name, err := clusterName(c, args, *file)
		if err != nil {
			return err
		}
		if _, err := findState(*stateDir, name, *rehearse); err != nil {
			return err
		}
		work := workspace.Workspace{
			Root: *stateDir, Cluster: name, Rehearsal: *rehearse, Command: "delete cluster",
			Timeout: *timeout, Sink: console.New(c.OutOrStdout(), console.Format(*format)),
		}
		return work.Do(c.Context(), func(ctx context.Context, w workspace.Open) error {
			err := destroy.Cluster(ctx, destroy.Options{
				State: w.State, Rehearsal: *rehearse, Catalogue: *catalogue,
				Getenv: os.Getenv, Sink: w.Sink, Log: w.Log,
			})
			if err != nil {
				return err
			}
			w.Sink.Emit(event.Event{Kind: event.Notice, Message: "cluster " + name + " is deleted"})
			return nil
		})
	}
	return c
}

// clusterName is the cluster that an argument or a configuration file names.
func clusterName(c *cobra.Command, args []string, file string) (string, error) {
	switch {
	case len(args) == 1 && file == "":
		return args[0], nil
	case len(args) == 0 && file != "":
		cfg, err := v1alpha1.Load(file)
		if err != nil {
			return "", err
		}
		return cfg.Cluster.Name, nil
	}
	return "", usage(c, errors.New("give either the cluster's name or -f FILE"))
}
