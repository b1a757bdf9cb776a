package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
)

func buildCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "build",
		Short: "Build what hosts and clusters consist of, and say where it is",
		Long: `Build what hosts and clusters consist of, and say where it is. What was built
before is found again; the first time takes tens of minutes.`,
		Example: `  lab build -o json`,
		Args:    cobra.NoArgs,
	}
	output := outputFlag(c)
	cache := c.Flags().String("cache", "", "folder to build in (default: groundwork/lab in the user's cache folder)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		log := progress(c)
		made, err := artifacts.Build(c.Context(), artifacts.Options{Cache: *cache, Log: func(line string) { log.Info(line) }})
		if err != nil {
			return err
		}
		return printResult(c, *output, made, func(w io.Writer) {
			fmt.Fprintf(w, "root file system  %s\nprograms          %s\ntools             %s\nimages            %s\nrelease catalogue %s\n",
				made.RootFS, made.Binaries, made.Tools, made.Archives, made.Catalogue)
		})
	}
	return c
}
