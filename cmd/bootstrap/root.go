package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/failure"
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// output is the value of -o.
type output string

const (
	outputText output = "text"
	outputJSON output = "json"
)

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) failure.Code {
	root := newRoot(s)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return failure.OK
	}
	format := console.Text
	if f := command.Flags().Lookup("output"); f != nil && f.Value.String() == string(outputJSON) {
		format = console.JSON
	}
	var problems v1alpha1.Problems
	if errors.As(err, &problems) {
		err = &failure.Error{Code: failure.Configuration, Summary: "the configuration cannot be used", Err: problems}
	}
	console.Error(s.err, err, format)
	return failure.ExitCode(err)
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "bootstrap",
		Short: "Turn a vCenter or bare racks into a Kubernetes cluster",
		Long: `bootstrap makes a Kubernetes cluster on the site that a configuration file
describes. It needs nothing else on this machine: the temporary cluster that
runs Cluster API is part of this binary.

Without a command, on a terminal, it opens an interface that leads through
everything. --accessible asks plain questions instead, for screen readers.

Exit codes: 0 done, 2 usage, 3 configuration, 4 preflight, 5 infrastructure,
6 cluster bootstrap, 7 add-ons, 8 timed out (the same command resumes),
9 a gate waits for a person, 130 interrupted, 1 anything else.`,
		Example: `  bootstrap
  bootstrap generate config demo --provider vsphere > demo.yaml
  bootstrap create cluster -f demo.yaml --rehearse
  bootstrap create cluster -f demo.yaml`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(c, err)
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newVersion(), newValidate(), newGenerate(), newPreflight(), newVSphere(),
		newImages(), newCilium(), newCreate(), newDelete(), newStatus(), newLogs(), newControlPlane(),
	)
	interfaceCommand(root)
	everyCommand(root, func(c *cobra.Command) {
		if c.Args == nil {
			c.Args = cobra.NoArgs
		}
		c.Args = usageArgs(c.Args)
		if !c.Runnable() {
			c.RunE = needsSubcommand
		}
	})
	return root
}

func everyCommand(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, do)
	}
}

// usage makes err one that ends in exit code 2 and points at --help, unless
// it knows better what to do.
func usage(c *cobra.Command, err error) error {
	if failure.Remedy(err) != "" {
		return err
	}
	return &failure.Error{
		Code: failure.Usage, Summary: err.Error(),
		Remedy: fmt.Sprintf("see %s --help", c.CommandPath()),
	}
}

func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if c.HasSubCommands() && len(args) > 0 {
			return usage(c, unknownCommand(c, args[0]))
		}
		if err := check(c, args); err != nil {
			return usage(c, err)
		}
		return nil
	}
}

func unknownCommand(c *cobra.Command, name string) error {
	message := fmt.Sprintf("unknown command %q for %q", name, c.CommandPath())
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(name); len(near) > 0 {
		message += fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
	}
	return errors.New(message)
}

// needsSubcommand shows the help of a command that does nothing by itself.
func needsSubcommand(c *cobra.Command, _ []string) error { return c.Help() }

// outputFlag adds -o/--output with the formats a command knows; the first is
// its default.
func outputFlag(c *cobra.Command, formats ...output) *output {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	value := &outputValue{value: formats[0], allowed: formats}
	c.Flags().VarP(value, "output", "o", "output format: "+strings.Join(names, " or "))
	return &value.value
}

type outputValue struct {
	value   output
	allowed []output
}

func (v *outputValue) String() string { return string(v.value) }
func (v *outputValue) Type() string   { return "format" }
func (v *outputValue) Set(text string) error {
	if !slices.Contains(v.allowed, output(text)) {
		return fmt.Errorf("must be one of %v", v.allowed)
	}
	v.value = output(text)
	return nil
}

// fileFlag adds the required -f/--filename.
func fileFlag(c *cobra.Command) *string {
	file := c.Flags().StringP("filename", "f", "", "cluster configuration file (required)")
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		if *file == "" {
			return usage(c, errors.New("no configuration file is given: add -f FILE"))
		}
		return nil
	}
	return file
}

// stateFlag adds --state-dir.
func stateFlag(c *cobra.Command) *string {
	return c.Flags().String("state-dir", "", "where state is kept (default $XDG_STATE_HOME/groundwork)")
}
