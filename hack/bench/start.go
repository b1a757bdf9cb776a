package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
)

// smallest is the least that a static Go program can be.
const smallest = `package main

import "fmt"

func main() { fmt.Println("smallest") }
`

// benchVersion times `bootstrap version` beside the smallest Go program.
func benchVersion(ctx context.Context, s *suite) error {
	bare, err := s.buildSmallest(ctx)
	if err != nil {
		return err
	}
	var ours, least []float64
	for range 4*s.runs + 1 {
		u, err := s.measure(ctx, "version")
		if err != nil {
			return err
		}
		b, err := bare.measure(ctx)
		if err != nil {
			return err
		}
		ours, least = append(ours, u.wall*1000), append(least, b.wall*1000)
	}
	table("`bootstrap version`", []string{"program", "median ms", "ratio"}, [][]string{
		{"the smallest Go program", fmt.Sprintf("%.0f", median(least)), "1"},
		{"bootstrap, with Kubernetes linked in", fmt.Sprintf("%.0f", median(ours)), fmt.Sprintf("%.1f", median(ours)/median(least))},
	})
	return nil
}

func (s *suite) buildSmallest(ctx context.Context) (*suite, error) {
	source, program := filepath.Join(s.dir, "smallest.go"), filepath.Join(s.dir, "smallest")
	if err := os.WriteFile(source, []byte(smallest), 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the smallest program: %w\n%s", err, out)
	}
	return &suite{binary: program}, nil
}

// benchStart times the bootstrap cluster from the start of its process to
// each stage. The API server alone is the least that any bootstrap cluster
// needs, so the ratio is to that.
func benchStart(ctx context.Context, s *suite) error {
	seconds, memory := map[string][]float64{}, map[string][]float64{}
	var order []string
	for i := range s.runs {
		cluster, err := bootstrapcluster.Start(ctx, bootstrapcluster.Options{
			Dir: filepath.Join(s.dir, fmt.Sprintf("start-%d", i)), Executable: s.binary,
			OnStage: func(stage bootstrapcluster.Stage) {
				if len(seconds[stage.Name]) == 0 {
					order = append(order, stage.Name)
				}
				seconds[stage.Name] = append(seconds[stage.Name], stage.Seconds)
				memory[stage.Name] = append(memory[stage.Name], float64(stage.RSS)/(1<<20))
			},
		})
		if err != nil {
			return err
		}
		if err := cluster.Stop(ctx); err != nil {
			return err
		}
	}
	least := median(seconds[controlplane.StageAPIServer])
	var rows [][]string
	for _, name := range order {
		at := median(seconds[name])
		rows = append(rows, []string{
			name, fmt.Sprintf("%.2f", at), fmt.Sprintf("%.2f", at/least), fmt.Sprintf("%.0f", median(memory[name])),
		})
	}
	table("Bootstrap cluster, from the start of its process", []string{"stage", "median s", "ratio to the API server alone", "RSS MiB"}, rows)
	return nil
}
