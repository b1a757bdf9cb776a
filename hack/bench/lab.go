package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
	"groundwork.dev/bootstrap/hack/lab/lab"
)

const (
	labConfiguration = "test/e2e/one-worker.yaml"
	labCluster       = "one-worker"
	// labHosts are the cluster's control plane and worker.
	labHosts = 2
)

// labSuite is what the benchmarks of real clusters share.
type labSuite struct {
	*suite
	built artifacts.Artifacts
	// nodeFiles is the exported bundle, golden a containerd store with its
	// images. Both lie on the disk that hosts lie on.
	nodeFiles, golden string
}

// benchLab makes the same cluster with the tool and by hand, on the same
// hosts, with the images in place and on empty hosts.
func benchLab(ctx context.Context, s *suite) (err error) {
	built, err := artifacts.Build(ctx, artifacts.Options{Log: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("/var/tmp", "groundwork-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l := &labSuite{suite: s, built: built, nodeFiles: filepath.Join(dir, "node-files"), golden: filepath.Join(dir, "golden")}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if err := l.creates(ctx); err != nil {
		return err
	}
	return l.copies(ctx)
}

// prepare exports the bundle, for which the configuration needs a lab's
// known_hosts, and makes the store of it.
func (l *labSuite) prepare(ctx context.Context) error {
	err := l.onHosts(ctx, labHosts, "", func(site *lab.Lab) error {
		config, err := l.configuration(site)
		if err != nil {
			return err
		}
		_, err = l.measure(ctx, "images", "export", "-f", config, "--releases", l.built.Catalogue,
			"--archives", l.built.Archives, "--files", l.built.Binaries, "-o", l.nodeFiles)
		return err
	})
	if err != nil {
		return err
	}
	return lab.MakeGolden(ctx, l.golden, l.nodeFiles, slog.New(slog.DiscardHandler))
}

// onHosts brings a lab up for the time of work.
func (l *labSuite) onHosts(ctx context.Context, hosts int, golden string, work func(*lab.Lab) error) (err error) {
	site, err := lab.Up(ctx, lab.Options{Name: "bench", Hosts: hosts, RootFS: l.built.RootFS, Golden: golden})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Down(context.WithoutCancel(ctx))) }()
	return work(site)
}

// configuration writes the cluster's configuration for a lab.
func (l *labSuite) configuration(site *lab.Lab) (string, error) {
	text, err := os.ReadFile(labConfiguration)
	if err != nil {
		return "", err
	}
	for name, path := range map[string]string{
		"keyFile: id_ed25519": site.KeyFile, "knownHostsFile: known_hosts": site.KnownHostsFile, "location: node-files": l.nodeFiles,
	} {
		key, _, _ := strings.Cut(name, " ")
		if !bytes.Contains(text, []byte(name)) {
			return "", fmt.Errorf("%s has no %q", labConfiguration, name)
		}
		text = bytes.Replace(text, []byte(name), []byte(key+" "+path), 1)
	}
	file := filepath.Join(l.dir, "lab.yaml")
	return file, os.WriteFile(file, text, 0o600)
}

// labCreate is a run of the tool and what the hosts received meanwhile.
type labCreate struct {
	usage
	received []int64 // bytes, by host
}

func (l *labSuite) create(ctx context.Context, golden string) (c labCreate, err error) {
	err = l.onHosts(ctx, labHosts, golden, func(site *lab.Lab) error {
		config, err := l.configuration(site)
		if err != nil {
			return err
		}
		state, err := os.MkdirTemp(l.dir, "create-")
		if err != nil {
			return err
		}
		if c.usage, err = l.measure(ctx, "create", "cluster", "-f", config, "--releases", l.built.Catalogue,
			"--check-connectivity=false", "-o", "json", "--state-dir", state); err != nil {
			return err
		}
		status, err := site.Status(ctx)
		for _, h := range status.Hosts {
			c.received = append(c.received, h.Traffic.ReceivedBytes)
		}
		return err
	})
	return c, err
}

// creates compares whole creates: the tool's until Cilium is healthy on every
// node, the hand-made cluster's until Cilium is rolled out on every node.
func (l *labSuite) creates(ctx context.Context) error {
	var rows [][]string
	for _, mode := range []struct{ title, golden string }{{"images in place", l.golden}, {"empty hosts", ""}} {
		var hand, tool []float64
		var last labCreate
		for range l.runs {
			err := l.onHosts(ctx, labHosts, mode.golden, func(site *lab.Lab) error {
				begun := time.Now()
				err := l.byHand(ctx, site, mode.golden == "")
				hand = append(hand, time.Since(begun).Seconds())
				return err
			})
			if err != nil {
				return fmt.Errorf("by hand, %s: %w", mode.title, err)
			}
			if last, err = l.create(ctx, mode.golden); err != nil {
				return err
			}
			tool = append(tool, last.wall)
		}
		rows = append(rows, []string{mode.title,
			fmt.Sprintf("%.1f", median(hand)), fmt.Sprintf("%.1f", median(tool)), fmt.Sprintf("%.2f", median(tool)/median(hand)),
			fmt.Sprintf("%.0f + %.0f", last.usage.tool, last.child), mebibytes(last.received[0]), mebibytes(last.received[1])})
	}
	table("A real cluster of 1+1", []string{"hosts", "by hand s", "bootstrap s", "ratio",
		"peak MiB, tool + bootstrap cluster", "MiB to the control plane", "MiB to the worker"}, rows)
	return nil
}

func mebibytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }
