package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/internal/failure"
)

func faultCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "fault",
		Short: "Switch a host off or on, cut its cable, lose its packets, fill its disk",
		Long: `Switch a host off or on, cut its cable, lose or hold up its packets, fill its
disk. Packets are lost and held up by the lab itself, each way, since kernels
come without netem; a fault of the cable or disk outlasts power off. A host's
clock is the machine's: there is no fault for it.`,
		Example: `  lab fault power-off host-2
  lab fault loss host-1 5
  lab fault clear host-1`,
	}
	wait := new(bool)
	for _, v := range []struct {
		use, short string
		act        func(context.Context, *lab.Lab, string) error
		boots      bool
	}{
		{"power-off", "Pull a host's plug", func(ctx context.Context, l *lab.Lab, h string) error { return l.PowerOff(ctx, h) }, false},
		{"power-on", "Switch a host on", func(ctx context.Context, l *lab.Lab, h string) error { return l.PowerOn(ctx, h) }, true},
		{"reboot", "Pull a host's plug and put it back", func(ctx context.Context, l *lab.Lab, h string) error { return l.Reboot(ctx, h) }, true},
		{"link-down", "Cut a host's cable", func(ctx context.Context, l *lab.Lab, h string) error { return l.SetLink(ctx, h, false) }, false},
		{"link-up", "Mend a host's cable", func(ctx context.Context, l *lab.Lab, h string) error { return l.SetLink(ctx, h, true) }, false},
		{"disk-full", "Take every free block of a host's disk", func(ctx context.Context, l *lab.Lab, h string) error { return l.SetDiskFull(ctx, h, true) }, false},
		{"disk-free", "Give back what disk-full took", func(ctx context.Context, l *lab.Lab, h string) error { return l.SetDiskFull(ctx, h, false) }, false},
	} {
		sub := verb(v.use+" HOST", v.short, cobra.ExactArgs(1), func(ctx context.Context, l *lab.Lab, args []string) error {
			if err := v.act(ctx, l, args[0]); err != nil || !v.boots || !*wait {
				return err
			}
			return l.WaitSSH(ctx, args[0])
		})
		if v.boots {
			sub.Flags().BoolVar(wait, "wait", false, "return when the host can be logged in to")
		}
		c.AddCommand(sub)
	}
	c.AddCommand(verb("loss HOST PERCENT", "Lose a share of a host's packets, each way; 0 ends it", cobra.ExactArgs(2),
		func(ctx context.Context, l *lab.Lab, args []string) error {
			percent, err := strconv.ParseFloat(strings.TrimSuffix(args[1], "%"), 64)
			if err != nil {
				return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("%q is no number of percent", args[1])}
			}
			return l.SetLoss(ctx, args[0], percent)
		}))
	c.AddCommand(verb("delay HOST DURATION", "Hold up each of a host's packets, each way; 0 ends it", cobra.ExactArgs(2),
		func(ctx context.Context, l *lab.Lab, args []string) error {
			delay, err := time.ParseDuration(args[1])
			if err != nil {
				return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("%q is no duration", args[1]), Remedy: "give one such as 50ms"}
			}
			return l.SetDelay(ctx, args[0], delay)
		}))
	c.AddCommand(verb("clear [HOST]", "End every fault of a host, or of all; none is switched on", cobra.MaximumNArgs(1),
		func(ctx context.Context, l *lab.Lab, args []string) error {
			if len(args) == 1 {
				return l.Clear(ctx, args[0])
			}
			for _, h := range l.Hosts {
				if err := l.Clear(ctx, h.Name); err != nil {
					return err
				}
			}
			return nil
		}))
	return c
}

// verb is a command about one host of a lab.
func verb(use, short string, args cobra.PositionalArgs, act func(context.Context, *lab.Lab, []string) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: args}
	name := nameFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		l, err := lab.Open(*name)
		if err != nil {
			return err
		}
		return act(c.Context(), l, args)
	}
	return c
}
