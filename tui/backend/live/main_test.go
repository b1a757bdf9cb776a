package live

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/bootstrapcluster"
)

// TestMain lets the test program be the bootstrap cluster's process.
func TestMain(m *testing.M) {
	if len(os.Args) < 3 || os.Args[1] != bootstrapcluster.Command {
		os.Exit(m.Run())
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := bootstrapcluster.Main(ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// example is examples/vsphere.yaml with fewer machines.
func example(t *testing.T, controlPlane, workers int) *v1alpha1.Config {
	t.Helper()
	config, err := v1alpha1.Load("../../../examples/vsphere.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config.Cluster.Spec.ControlPlaneConfiguration.Count = controlPlane
	config.Cluster.Spec.WorkerNodeGroupConfigurations[0].Count = &workers
	return config
}

func open(t *testing.T, o Options) *Backend {
	t.Helper()
	if o.StateRoot == "" {
		o.StateRoot = t.TempDir()
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}
