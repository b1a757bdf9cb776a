package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/workspace"
	"groundwork.dev/bootstrap/tui"
	"groundwork.dev/bootstrap/tui/backend/live"
	"groundwork.dev/bootstrap/tui/ui"
)

// surroundings are what decides whether there is somebody to ask, and how.
type surroundings struct {
	// terminal says that both input and output are one.
	terminal bool
	getenv   func(string) string
	// noTUI and accessible are the flags.
	noTUI, accessible bool
}

// asking is how questions are asked.
type asking int

const (
	nobody asking = iota
	screens
	plainly // one question after the other, for screen readers
)

// asks says how, or why nobody is asked.
func (s surroundings) asks() (asking, string) {
	accessible := s.accessible || isTrue(s.getenv("ACCESSIBLE"))
	switch {
	case s.noTUI:
		return nobody, "the interface is not opened with --no-tui"
	case isTrue(s.getenv("CI")):
		return nobody, "the interface is not opened where CI is set"
	case !s.terminal:
		return nobody, "the interface needs a terminal for its input and its output"
	case accessible:
		return plainly, ""
	case s.getenv("TERM") == "dumb", s.getenv("TERM") == "":
		return nobody, "the interface needs a terminal that can move its cursor, and TERM says that this one cannot"
	}
	return screens, ""
}

// isTrue reads an environment variable as most programs do.
func isTrue(value string) bool {
	switch strings.ToLower(value) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

// interfaceCommand makes root open the interface when it is called without
// arguments.
func interfaceCommand(root *cobra.Command) {
	stateDir := stateFlag(root)
	catalogue := catalogueFlag(root)
	noTUI := root.Flags().Bool("no-tui", false, "do not open the interface: print what can be done instead")
	accessible := root.Flags().Bool("accessible", false, "ask plain questions, for screen readers; so does ACCESSIBLE=1")
	root.RunE = func(c *cobra.Command, _ []string) error {
		around := surroundings{
			terminal: isTerminal(c.InOrStdin()) && isTerminal(c.OutOrStdout()),
			getenv:   os.Getenv, noTUI: *noTUI, accessible: *accessible,
		}
		how, why := around.asks()
		if how == nobody {
			if err := c.Help(); err != nil {
				return err
			}
			return nothingAsked(why)
		}
		log, file, err := workspace.InterfaceLog(*stateDir)
		if err != nil {
			return err
		}
		defer file.Close()
		workspace.LogTo(log)
		return openInterface(c, how, live.Options{StateRoot: *stateDir, Catalogue: *catalogue, Log: log})
	}
}

func openInterface(c *cobra.Command, how asking, o live.Options) error {
	root, err := workspace.StateRoot(o.StateRoot, false)
	if err != nil {
		return err
	}
	backend, err := live.New(o)
	if err != nil {
		return err
	}
	// What still runs keeps its state before the process ends.
	defer backend.Close()
	err = tui.Run(c.Context(), tui.Options{
		Backend: backend, StateRoot: root, Env: ui.NewEnv(ui.Options{Output: c.OutOrStdout()}),
		Objects: backend.Objects, In: c.InOrStdin(), Out: c.OutOrStdout(), Plain: how == plainly,
	})
	if err != nil {
		o.Log.Error("the interface ended", "error", err)
	}
	if c.Context().Err() != nil {
		return &failure.Error{
			Code: failure.Interrupted, Summary: "the interface was stopped", Err: context.Cause(c.Context()),
			Remedy: "start it again: what it was making, and what was answered, is offered to be gone on with",
		}
	}
	return err
}

// nothingAsked says what to do where nobody can be asked.
func nothingAsked(why string) error {
	return &failure.Error{
		Code: failure.Usage, Summary: "no command is given, and " + why,
		Remedy: "write a configuration with `bootstrap generate config NAME > FILE`, and give it to `bootstrap create cluster -f FILE`",
	}
}

func isTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}
