package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/cilium"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
)

func newCilium() *cobra.Command {
	c := &cobra.Command{
		Use: "cilium", Short: "Look at Cilium, the network plugin of a cluster",
		// client-go says through klog what it also returns.
		PersistentPreRun: func(*cobra.Command, []string) { klog.SetLogger(logr.Discard()) },
	}
	c.AddCommand(newCiliumStatus(), newCiliumConnectivity(), newCiliumValues())
	return c
}

// clusterFlags say which cluster a command looks at: one that is known here
// by its name, or any by its kubeconfig.
type clusterFlags struct {
	kubeconfig, stateDir *string
	timeout              *time.Duration
}

func ciliumFlags(c *cobra.Command, timeout time.Duration) clusterFlags {
	c.Args = cobra.MaximumNArgs(1)
	return clusterFlags{
		kubeconfig: c.Flags().String("kubeconfig", "", "look at the cluster of this kubeconfig"),
		stateDir:   stateFlag(c),
		timeout:    c.Flags().Duration("timeout", timeout, "give up after this long"),
	}
}

// options are those of the cluster that the command line names.
func (f clusterFlags) options(c *cobra.Command, args []string) (cilium.Options, error) {
	switch {
	case len(args) == 0 && *f.kubeconfig == "":
		return cilium.Options{}, usage(c, errors.New("no cluster is given: add its name, or --kubeconfig FILE"))
	case len(args) == 1 && *f.kubeconfig != "":
		return cilium.Options{}, usage(c, errors.New("a name and a --kubeconfig are given: which cluster is meant?"))
	case *f.kubeconfig != "":
		kubeconfig, err := os.ReadFile(*f.kubeconfig)
		if err != nil {
			return cilium.Options{}, &failure.Error{
				Code: failure.Usage, Summary: "the kubeconfig cannot be read", Err: err,
				Remedy: "give the path of the cluster's admin kubeconfig",
			}
		}
		return cilium.Options{Kubeconfig: kubeconfig}, nil
	}
	dir, err := findState(*f.stateDir, args[0], false)
	if err != nil {
		return cilium.Options{}, err
	}
	kubeconfig, err := dir.ReadFile(state.KubeconfigFile)
	if errors.Is(err, fs.ErrNotExist) {
		return cilium.Options{}, &failure.Error{
			Code: failure.AddOns, Summary: "the cluster has no kubeconfig yet", Object: "Cluster " + args[0],
			Remedy: "wait until its control plane is up: bootstrap status " + args[0],
		}
	}
	if err != nil {
		return cilium.Options{}, fmt.Errorf("read the cluster's kubeconfig: %w", err)
	}
	return cilium.Options{Kubeconfig: kubeconfig}, nil
}

func newCiliumValues() *cobra.Command {
	c := &cobra.Command{
		Use:   "values -f FILE",
		Short: "Print the values that Cilium's Helm chart gets for a configuration file",
		Long: `Print the values that Cilium's Helm chart gets for a configuration file: the
defaults, with cniConfig.cilium's fields and its helmValues merged over them.
With --manifest: what the chart makes of them.`,
		Example: "  bootstrap cilium values -f demo.yaml\n  bootstrap cilium values -f demo.yaml --manifest",
	}
	file := fileFlag(c)
	catalogue := catalogueFlag(c)
	manifest := c.Flags().Bool("manifest", false, "print the rendered chart instead")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := v1alpha1.Load(*file)
		if err != nil {
			return err
		}
		return printCiliumValues(c, cfg, *catalogue, *manifest)
	}
	return c
}
