package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/hack/lab/supervisor"
)

// labStatus is what lab status prints: what the lab is made of and how it is.
type labStatus struct {
	*lab.Lab
	Status supervisor.Status `json:"status"`
}

func statusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "Show hosts, faults in force, and what was asked for outside the lab",
		Example: `  lab status
  lab status -o json | jq .status.outside`,
		Args: cobra.NoArgs,
	}
	name, output := nameFlag(c), outputFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		l, err := lab.Open(*name)
		if err != nil {
			return err
		}
		s, err := l.Status(c.Context())
		if err != nil {
			return err
		}
		return printResult(c, *output, labStatus{Lab: l, Status: s}, func(w io.Writer) { describeStatus(w, l, s) })
	}
	return c
}

func describeStatus(w io.Writer, l *lab.Lab, s supervisor.Status) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "HOST\tADDRESSES\tPOWER\tBOOTS\tMEMORY\tDISK FREE\tSENT\tRECEIVED\tFAULTS")
	for i, h := range s.Hosts {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", h.Name, joined(l.Hosts[i].Addresses), h.Power, h.Boots,
			mebibytes(h.Memory.Anonymous), mebibytes(h.Disk.Free), mebibytes(h.Traffic.SentBytes), mebibytes(h.Traffic.ReceivedBytes), faults(h.Faults))
	}
	t.Flush()
	fmt.Fprintf(w, "\nLeft on the machine's disk: %s\n", mebibytes(s.DiskFreeBytes))
	fmt.Fprintf(w, "Asked for outside the lab: %d packets, %d bytes\n", s.Outside.Packets, s.Outside.Bytes)
	for _, d := range s.Outside.Destinations {
		fmt.Fprintf(w, "  %s: %s %s, %d packets\n", d.Host, d.Protocol, d.Address, d.Packets)
	}
	for _, n := range s.Outside.Names {
		fmt.Fprintf(w, "  name %s\n", n)
	}
	if s.Outside.Missed > 0 {
		fmt.Fprintf(w, "  and %d packets that came too fast to be looked at\n", s.Outside.Missed)
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

func faults(f supervisor.Faults) string {
	var list []string
	if f.LinkDown {
		list = append(list, "link down")
	}
	if f.LossPercent > 0 {
		list = append(list, fmt.Sprintf("loss %g%%", f.LossPercent))
	}
	if f.Delay > 0 {
		list = append(list, fmt.Sprintf("delay %s", f.Delay))
	}
	if f.DiskFull {
		list = append(list, "disk full")
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}
