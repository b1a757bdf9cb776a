//go:build e2e

// Package e2e_test makes real clusters with the built binary, kubeadm, etcd
// and Cilium included, on hosts of the lab. It needs root, and what the lab
// needs to be built.
package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
	"groundwork.dev/bootstrap/hack/lab/lab"
)

// binary is the tool as `make build` leaves it.
var binary string

// built is what the clusters consist of, nodeFiles the bundle made of it.
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
	defer os.RemoveAll(filepath.Dir(nodeFiles))
	return m.Run()
}

// prepare builds what clusters consist of, ends labs that a killed run has
// left, and makes the bundle of node files as an admin makes it.
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
	dir, err := os.MkdirTemp("/var/tmp", "groundwork-e2e-")
	if err != nil {
		return err
	}
	nodeFiles = filepath.Join(dir, "node-files")
	export := exec.CommandContext(ctx, binary, "images", "export", "-f", oneWorker+".yaml", "--releases", built.Catalogue,
		"--archives", built.Archives, "--files", built.Binaries, "-o", nodeFiles)
	export.Stdout, export.Stderr = os.Stderr, os.Stderr
	if err := export.Run(); err != nil {
		return fmt.Errorf("%v: %w", export.Args, err)
	}
	return nil
}
