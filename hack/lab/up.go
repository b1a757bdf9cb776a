package main

import (
	"fmt"
	"io"
	"net/netip"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/internal/failure"
)

func upCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "up",
		Short: "Start a lab, and say where its hosts are",
		Long: `Start a lab, and say where its hosts are. It returns when every host can be
logged in to. The same command again says the same; other options are refused
while a lab of that name is up.`,
		Example: `  lab up --hosts 2
  lab up --hosts 4 --name second --subnet 172.30.1.0/24 --no-route -o json`,
		Args: cobra.NoArgs,
	}
	f := c.Flags()
	name, output := nameFlag(c), outputFlag(c)
	var o lab.Options
	f.IntVar(&o.Hosts, "hosts", 2, "how many hosts")
	f.StringVar(&o.Dir, "dir", "", "folder for everything of the lab, on a disk's file system (default /var/tmp/groundwork-lab/NAME)")
	subnet := f.String("subnet", lab.DefaultSubnet, "IPv4 subnet, different for each lab")
	f.IntVar(&o.ExtraAddresses, "extra-address", 0, "how many addresses each host has beside its first")
	f.BoolVar(&o.NoRoute, "no-route", false, "the hosts' gateway has no route out")
	f.StringVar(&o.Golden, "golden", "", "containerd store that hosts begin with; see lab golden")
	f.StringVar(&o.RootFS, "rootfs", "", "tree that hosts begin with (default: built)")
	disk := f.Int("disk", lab.DefaultDiskBytes>>30, "size of each host's disk, in GiB; takes space as it fills")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if o.Subnet, err = netip.ParsePrefix(*subnet); err != nil {
			return &failure.Error{Code: failure.Usage, Summary: "--subnet: " + err.Error(), Remedy: "give one such as " + lab.DefaultSubnet}
		}
		o.Name, o.DiskBytes, o.Log = *name, int64(*disk)<<30, progress(c)
		l, err := lab.Up(c.Context(), o)
		if err != nil {
			return err
		}
		return printResult(c, *output, l, func(w io.Writer) { describe(w, l) })
	}
	return c
}

func describe(w io.Writer, l *lab.Lab) {
	fmt.Fprintf(w, "Lab %s: subnet %s, gateway and name server %s, free for a VIP %s\n", l.Name, l.Subnet, l.Gateway, l.VIP)
	fmt.Fprintf(w, "Log in as root or %s: ssh -i %s -o UserKnownHostsFile=%s root@%s\n\n", l.User, l.KeyFile, l.KnownHostsFile, l.Hosts[0].Address)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "HOST\tADDRESSES\tPORT\tHOST KEY")
	for _, h := range l.Hosts {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", h.Name, joined(h.Addresses), h.SSHPort, h.HostKeyFingerprint)
	}
	t.Flush()
}

func joined(addresses []netip.Addr) (text string) {
	for i, a := range addresses {
		if i > 0 {
			text += ","
		}
		text += a.String()
	}
	return text
}
