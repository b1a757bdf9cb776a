package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
)

func changesCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "changes HOST",
		Short: "List the files of a host that are not as they were when the lab came up",
		Long: `List the files of a host that are not as they were when the lab came up: A for
added, C for changed, D for removed. What was written and put back is no
change. The host may be off.`,
		Example: `  lab changes host-1`,
		Args:    cobra.ExactArgs(1),
	}
	name, output := nameFlag(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		l, err := lab.Open(*name)
		if err != nil {
			return err
		}
		found, err := l.Changes(c.Context(), args[0])
		if err != nil {
			return err
		}
		return printResult(c, *output, found, func(w io.Writer) {
			for _, line := range found {
				fmt.Fprintln(w, line)
			}
		})
	}
	return c
}
