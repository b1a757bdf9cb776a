//go:build e2e

// Package e2e_test makes real clusters with the built binary, kubeadm, etcd
// and Cilium included, on hosts of the lab. It needs root, and what the lab
// needs to be built.
package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/test/cli"
)

// binary is the tool as `make build` leaves it.
var binary string

// built is what the clusters consist of, nodeFiles the folder of the bundle
// made of it.
var (
	built     artifacts.Artifacts
	nodeFiles string
)

// The clusters' configurations, which are also their names.
const (
	oneWorker       = "one-worker"
	highlyAvailable = "highly-available"
)

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := prepare(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "prepare the clusters:", err)
		return 1
	}
	defer os.RemoveAll(nodeFiles)
	return m.Run()
}

// prepare builds what clusters consist of and ends a lab that a killed run has
// left.
func prepare(ctx context.Context) error {
	var err error
	if binary, err = filepath.Abs("../../bin/bootstrap"); err != nil {
		return err
	}
	built, err = artifacts.Build(ctx, artifacts.Options{Log: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	if err != nil {
		return err
	}
	if err := lab.Down(ctx, lab.DefaultName, ""); err != nil {
		return err
	}
	nodeFiles, err = os.MkdirTemp("/var/tmp", "groundwork-e2e-")
	return err
}

// exportNodeFiles makes the bundle of node files, once, as an admin makes it.
func exportNodeFiles(t *testing.T, config string) {
	t.Helper()
	tool := &cli.Tool{Binary: binary}
	cli.Finish(t, tool.Stateless(t.Context(), "images", "export", "-f", config, "--releases", built.Catalogue,
		"--archives", built.Archives, "--files", built.Binaries, "-o", nodeFiles)).MustSucceed(t)
}
