// Command bench measures what docs/benchmarks.md records and prints it as
// Markdown: the start of the tool and of the bootstrap cluster, rehearsed
// creates from 3+2 to 3+500 machines, and the same create driven by the stock
// managers; the terminal interface on a pseudo-terminal; and, with -only lab, real
// clusters beside the same made by hand.
// Whole runs of the built binary are timed, never single functions.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// bench is one benchmark: a title and what measures it.
type bench struct {
	name string
	run  func(context.Context, *suite) error
}

// suite is what the benchmarks share.
type suite struct {
	binary string // path of the built tool
	dir    string // scratch
	runs   int
	sizes  []int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	benches := []bench{
		{"version", benchVersion}, {"start", benchStart}, {"create", benchCreate}, {"scale", benchScale}, {"peer", benchPeer}, {"tui", benchTUI},
		{"lab", benchLab},
	}
	// That of the lab needs root, and is asked for by name.
	only := flag.String("only", "version,start,create,scale,peer,tui", "which benchmarks to run, of these and lab")
	runs := flag.Int("runs", 5, "how often to repeat the short ones; medians are printed")
	binary := flag.String("binary", "bin/bootstrap", "the tool")
	large := flag.String("sizes", "100,500", "how many workers the large creates have")
	flag.Parse()
	sizes, err := numbers(*large)
	if err != nil {
		return fmt.Errorf("-sizes: %w", err)
	}

	path, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// The simulator's libraries print through the standard logger.
	log.SetOutput(io.Discard)
	s := &suite{binary: path, dir: dir, runs: *runs, sizes: sizes}
	for _, b := range benches {
		if !slices.Contains(strings.Split(*only, ","), b.name) {
			continue
		}
		if err := b.run(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	return nil
}

// numbers reads a list such as "100,500".
func numbers(list string) ([]int, error) {
	var all []int
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// median of a list that is not empty; for an even number the upper one.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// table prints a Markdown table.
func table(title string, header []string, rows [][]string) {
	fmt.Printf("\n### %s\n\n| %s |\n|%s\n", title, strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	for _, row := range rows {
		fmt.Printf("| %s |\n", strings.Join(row, " | "))
	}
}
