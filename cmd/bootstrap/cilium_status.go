package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/failure"
)

func newCiliumStatus() *cobra.Command {
	c := &cobra.Command{
		Use:   "status CLUSTER|--kubeconfig FILE",
		Short: "Ask every agent of Cilium how it is",
		Long: `Ask every agent of Cilium how it is, and look at its operator and its Helm
release. The exit code is 7 where anything is not well.`,
		Example: "  bootstrap cilium status demo\n  bootstrap cilium status --kubeconfig demo.kubeconfig -o json",
	}
	flags := ciliumFlags(c, time.Minute)
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, args []string) error {
		o, err := flags.options(c, args)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(c.Context(), *flags.timeout)
		defer cancel()
		status, err := cilium.ReadStatus(ctx, o)
		if err != nil {
			return err
		}
		if *format == outputJSON {
			err = json.NewEncoder(c.OutOrStdout()).Encode(status)
		} else {
			err = printCiliumStatus(c.OutOrStdout(), status)
		}
		if err != nil || status.Healthy {
			return err
		}
		return &failure.Error{
			Code: failure.AddOns, Summary: "Cilium is not healthy",
			Remedy: "mend what the problems name; kubectl -n kube-system describe and logs of the pods tell more",
		}
	}
	return c
}

// printCiliumStatus prints a table of agents and the problems below it.
func printCiliumStatus(out io.Writer, s cilium.Status) error {
	var b strings.Builder
	health := "healthy"
	if !s.Healthy {
		health = "NOT HEALTHY"
	}
	fmt.Fprintf(&b, "Cilium %s: %s", cmp.Or(s.Version, "(unknown version)"), health)
	if r := s.Release; r != nil {
		fmt.Fprintf(&b, "; Helm release %s, revision %d, chart %s, %s", r.Name, r.Revision, r.Chart, r.Status)
	} else {
		b.WriteString("; not installed by Helm")
	}
	fmt.Fprintf(&b, "\nOperator: %d of %d available\n\n", s.Operator.Available, s.Operator.Desired)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tAGENT\tSTATE\tVERSION\tKUBE-PROXY REPLACEMENT\tROUTING\tREACHES\tADDRESSES")
	for _, a := range s.Agents {
		row := []string{a.Node, a.Pod, a.State, a.Version, a.KubeProxyReplacement, a.Routing, a.Reachable, a.IPAM}
		for i := range row {
			row[i] = cmp.Or(row[i], "-")
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var problems []string
	for _, a := range s.Agents {
		for _, p := range a.Problems {
			problems = append(problems, a.Node+": "+p)
		}
	}
	for _, p := range s.Operator.Problems {
		problems = append(problems, "operator: "+p)
	}
	problems = append(problems, s.Problems...)
	if len(problems) > 0 {
		b.WriteString("\nProblems:\n")
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "  %s\n", p)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
