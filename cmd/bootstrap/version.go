package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// version is set by the linker.
var version = "development"

func newVersion() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Print the version", Example: "  bootstrap version -o json"}
	format := outputFlag(c, outputText, outputJSON)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *format == outputJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{
				"version": version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
			})
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "bootstrap %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}
	return c
}
