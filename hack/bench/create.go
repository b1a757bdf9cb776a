package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/create"
	"groundwork.dev/bootstrap/internal/event"
)

const exampleFile = "examples/vsphere.yaml"

// createResult is one rehearsed create.
type createResult struct {
	usage
	report create.Report
}

// createCluster rehearses the example with a number of workers.
func (s *suite) createCluster(ctx context.Context, workers int) (createResult, error) {
	state, err := os.MkdirTemp(s.dir, "create-")
	if err != nil {
		return createResult{}, err
	}
	file, err := configuration(state, workers)
	if err != nil {
		return createResult{}, err
	}
	u, err := s.measure(ctx, "create", "cluster", "-f", file, "--rehearse", "-o", "json", "--state-dir", state)
	if err != nil {
		return createResult{}, err
	}
	r := createResult{usage: u}
	for line := range bytes.Lines(u.stdout) {
		e := event.Event{Report: &r.report}
		if err := json.Unmarshal(line, &e); err != nil {
			return r, fmt.Errorf("read an event: %w", err)
		}
	}
	if got, want := len(r.report.VMs), 3+workers; got != want {
		return r, fmt.Errorf("the create made %d VMs instead of %d", got, want)
	}
	return r, nil
}

// configuration writes the example with a number of workers to dir.
func configuration(dir string, workers int) (string, error) {
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		return "", err
	}
	text = bytes.Replace(text, []byte("- count: 2"), fmt.Appendf(nil, "- count: %d", workers), 1)
	// A pod CIDR of /16 has 256 blocks of /24.
	text = bytes.Replace(text, []byte("- 192.168.0.0/16"), []byte("- 172.16.0.0/12"), 1)
	file := filepath.Join(dir, "cluster.yaml")
	return file, os.WriteFile(file, text, 0o600)
}

// benchCreate times the whole command for 3 control-plane machines and 2
// workers, and its phases.
func benchCreate(ctx context.Context, s *suite) error {
	var walls, cpus, tools, kids []float64
	phases := map[string][]float64{}
	var last create.Report
	for range s.runs {
		r, err := s.createCluster(ctx, 2)
		if err != nil {
			return err
		}
		walls, cpus = append(walls, r.wall), append(cpus, r.cpu)
		tools, kids = append(tools, r.tool), append(kids, r.child)
		for _, p := range r.report.Phases {
			phases[p.Title] = append(phases[p.Title], p.Seconds)
		}
		last = r.report
	}
	var rows [][]string
	for _, p := range last.Phases {
		rows = append(rows, []string{p.Title, fmt.Sprintf("%.2f", median(phases[p.Title]))})
	}
	rows = append(rows, []string{"**the whole command**", fmt.Sprintf("**%.2f**", median(walls))})
	table("Rehearsed create of 3+2 machines", []string{"phase", "median s"}, rows)
	fmt.Printf("\nCPU %.1f s; peak memory: bootstrap cluster %.0f MiB, tool with the simulated site %.0f MiB.\n",
		median(cpus), median(kids), median(tools))
	return nil
}

// benchScale shows how time and memory grow with the machines.
func benchScale(ctx context.Context, s *suite) error {
	var rows [][]string
	var before *createResult
	beforeWorkers := 0
	for _, workers := range append([]int{2}, s.sizes...) {
		r, err := s.createCluster(ctx, workers)
		if err != nil {
			return err
		}
		row := []string{
			fmt.Sprintf("3+%d", workers), fmt.Sprintf("%.1f", r.wall), fmt.Sprintf("%.1f", r.cpu),
			fmt.Sprintf("%.0f", r.child), fmt.Sprintf("%.0f", r.tool), "", "", "",
		}
		if before != nil {
			more := float64(workers - beforeWorkers)
			row[5] = fmt.Sprintf("%.2f", (r.cpu-before.cpu)/more)
			row[6] = fmt.Sprintf("%.2f", (r.child-before.child)/more)
			row[7] = fmt.Sprintf("%.2f", (r.tool-before.tool)/more)
		}
		rows = append(rows, row)
		before, beforeWorkers = &r, workers
	}
	table("Growth", []string{
		"machines", "wall s", "CPU s", "bootstrap cluster peak MiB", "tool and simulated site peak MiB",
		"CPU s a machine more", "cluster MiB a machine more", "tool MiB a machine more",
	}, rows)
	return nil
}
