// Command lab makes hosts on this machine for tests of real clusters:
//
//	go run ./hack/lab up --hosts 2 -o json
//	go run ./hack/lab fault power-off host-2
//	go run ./hack/lab down
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/internal/failure"
)

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, restore)
	err := rootCommand().ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		if remedy := failure.Remedy(err); remedy != "" {
			fmt.Fprintln(os.Stderr, "remedy:", remedy)
		}
	}
	os.Exit(int(failure.ExitCode(err)))
}

func rootCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lab",
		Short: "Hosts on this machine for tests of real clusters",
		Long: `Hosts on this machine for tests of real clusters: each has systemd, sshd, a
disk and a network device of its own, and nothing of Kubernetes. It needs
Linux, root and mkfs.ext4; the first start also builds what hosts consist of.

Nothing of the machine is changed that "lab down" does not put back.`,
		Example: `  lab up --hosts 4 -o json
  ssh -i KEYFILE -o UserKnownHostsFile=KNOWNHOSTS root@172.30.0.11
  lab fault power-off host-2
  lab down`,
		SilenceUsage: true, SilenceErrors: true,
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return &failure.Error{Code: failure.Usage, Summary: err.Error()}
	})
	c.AddCommand(upCommand(), downCommand(), statusCommand(), faultCommand(), changesCommand(), buildCommand(), goldenCommand())
	return c
}

// nameFlag is the flag that says which lab is meant.
func nameFlag(c *cobra.Command) *string {
	return c.Flags().String("name", lab.DefaultName, "the lab")
}

// outputFlag is the flag for the form of the result: text or json.
func outputFlag(c *cobra.Command) *string {
	return c.Flags().StringP("output", "o", "text", "form of the result: text or json")
}

// printResult prints value as JSON, or as text does.
func printResult(c *cobra.Command, output string, value any, text func(io.Writer)) error {
	switch output {
	case "json":
		e := json.NewEncoder(c.OutOrStdout())
		e.SetIndent("", "  ")
		return e.Encode(value)
	case "text":
		text(c.OutOrStdout())
		return nil
	}
	return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("output %q: text and json are possible", output)}
}

// progress is where a command says what goes on, apart from its result.
func progress(c *cobra.Command) *slog.Logger {
	return slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
}
