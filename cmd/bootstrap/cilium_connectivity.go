package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

func newCiliumConnectivity() *cobra.Command {
	c := &cobra.Command{
		Use:   "connectivity CLUSTER|--kubeconfig FILE",
		Short: "Let pods on all nodes speak to each other, and a policy stop them",
		Long: `Let pods on all nodes speak to each other, to services, by name, and against a
network policy that must stop them. The pods run in a namespace of their own,
from an image that every node has, and are removed again. The exit code is 7
where something does not work.`,
		Example: "  bootstrap cilium connectivity demo\n  bootstrap cilium connectivity --kubeconfig demo.kubeconfig -o json",
	}
	flags := ciliumFlags(c, 5*time.Minute)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, args []string) error {
		o, err := flags.options(c, args)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(c.Context(), *flags.timeout)
		defer cancel()
		o.Sink = event.Tee(console.New(c.OutOrStdout(), console.Format(*format)))
		checks, err := cilium.CheckConnectivity(ctx, o)
		var failed []string
		for _, check := range checks {
			o.Sink.Emit(event.Event{Kind: event.Checked, Check: &check})
			if check.Result == event.Failed {
				failed = append(failed, check.Name)
			}
		}
		if err != nil || len(failed) == 0 {
			return err
		}
		return &failure.Error{
			Code: failure.AddOns, Summary: fmt.Sprintf("pods do not reach each other as they should: %s", strings.Join(failed, ", ")),
			Remedy: "do what each check says; bootstrap cilium status asks the agents",
		}
	}
	return c
}
