package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/internal/workspace"
)

func newCreate() *cobra.Command {
	c := &cobra.Command{Use: "create", Short: "Make a cluster"}
	c.AddCommand(newCreateCluster())
	return c
}

func newCreateCluster() *cobra.Command {
	c := &cobra.Command{
		Use:   "cluster -f FILE",
		Short: "Make the cluster that a configuration file describes, or go on where it was interrupted",
		Long: `Make the cluster that a configuration file describes. Interrupted at any
moment, even by kill -9, the same command goes on where it was.

With --rehearse the very same workflow and controllers run against a simulated
site made from the file: nothing real is touched and no login is needed.

EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD hold the vCenter login. For
hosts over SSH, GROUNDWORK_SSH_KEY_PASSPHRASE opens the private keys and
GROUNDWORK_SSH_SUDO_PASSWORD answers sudo, where they ask.`,
		Example: `  bootstrap create cluster -f demo.yaml --rehearse
  bootstrap create cluster -f demo.yaml
  bootstrap create cluster -f demo.yaml --rehearse --fault vcenter-down=10s
  bootstrap create cluster -f demo.yaml -o json --timeout 45m`,
	}
	file := fileFlag(c)
	catalogue := catalogueFlag(c)
	stateDir := stateFlag(c)
	rehearse := c.Flags().Bool("rehearse", false, "run against a simulated site made from the file")
	faults := c.Flags().StringArray("fault", nil, "let the simulated site fail: "+strings.Join(rehearsal.FaultExamples(), ", ")+" (with --rehearse; repeatable)")
	accept := c.Flags().Bool("accept-changes", false, "go on with a configuration that differs from the interrupted run's")
	timeout := c.Flags().Duration("timeout", workspace.DefaultTimeout, "give up after this long; the same command resumes")
	connectivity := c.Flags().Bool("check-connectivity", true, "let pods on different nodes speak to each other at the end")
	deadlines := deadlineFlags(c)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, _ []string) error {
		parsed, err := parseFaults(*faults, *rehearse)
		if err != nil {
			return usage(c, err)
		}
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		work := workspace.Workspace{
			Root: *stateDir, Cluster: cfg.Cluster.Name, Rehearsal: *rehearse, Command: create.Command,
			Timeout: *timeout, Sink: console.New(c.OutOrStdout(), console.Format(*format)),
		}
		return work.Do(c.Context(), func(ctx context.Context, w workspace.Open) error {
			report, err := create.Cluster(ctx, create.Options{
				Config: cfg, Catalogue: *catalogue, State: w.State, Rehearsal: *rehearse, Faults: parsed,
				AcceptChanges: *accept, Deadlines: *deadlines, CheckConnectivity: *connectivity, Getenv: os.Getenv, Sink: w.Sink, Log: w.Log,
			})
			if err != nil {
				return err
			}
			w.Sink.Emit(event.Event{Kind: event.Reported, Report: report})
			return nil
		})
	}
	return c
}

// deadlineFlags adds the flags that bound single stages of a machine.
func deadlineFlags(c *cobra.Command) *progress.Deadlines {
	d := progress.DefaultDeadlines()
	c.Flags().DurationVar(&d.Address, "address-timeout", d.Address, "how long a powered-on machine may take to get an address")
	c.Flags().DurationVar(&d.Join, "join-timeout", d.Join, "how long a machine with an address may take to join")
	return &d
}

func parseFaults(texts []string, rehearse bool) ([]rehearsal.Fault, error) {
	if len(texts) > 0 && !rehearse {
		return nil, fmt.Errorf("--fault needs --rehearse: only a simulated site can be made to fail")
	}
	var faults []rehearsal.Fault
	for _, text := range texts {
		fault, err := rehearsal.ParseFault(text)
		if err != nil {
			return nil, err
		}
		faults = append(faults, fault)
	}
	return faults, nil
}
