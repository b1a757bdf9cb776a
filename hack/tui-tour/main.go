// Command tui-tour walks through the terminal interface as a person would: it
// starts a simulated vCenter and the real program in tmux, answers the
// wizard's questions by keys up to a Ready rehearsal, and keeps the screens on
// the way as text and as pictures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func main() {
	program := flag.String("program", "bin/bootstrap", "the program to show")
	out := flag.String("out", "docs/screens", "the folder for the screens; those in it are replaced")
	file := flag.String("f", "examples/vsphere.yaml", "the configuration that the site is made from, and that the answers make")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *program, *out, *file); err != nil {
		fmt.Fprintln(os.Stderr, "tui-tour:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, out, file string) (err error) {
	if _, err := exec.LookPath("tmux"); err != nil {
		return errors.New("tmux is needed, and it is not installed")
	}
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	painter, err := newPainter()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "tour")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	site, config, err := startSite(ctx, file, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	// All are taken before the old ones go.
	fresh := filepath.Join(folder, "screens")
	if err := os.Mkdir(fresh, 0o755); err != nil {
		return err
	}
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		t := &tour{ctx: ctx, painter: painter, folder: fresh}
		if err := t.at(size[0], size[1], program, folder, site.ProxyURL().String(), config); err != nil {
			return fmt.Errorf("at %d by %d: %w", size[0], size[1], err)
		}
		fmt.Printf("%d by %d: %d screens\n", size[0], size[1], len(t.taken))
	}
	return replace(out, fresh)
}

// home is the home of who walks. It is shown on screens, and so has a name that
// is the same everywhere.
const home = "/tmp/groundwork-tour"

// at walks in a terminal of that size. folder is for what is not shown.
func (t *tour) at(width, height int, program, folder, proxy string, config *v1alpha1.Config) (err error) {
	if err := os.Mkdir(home, 0o700); err != nil {
		return fmt.Errorf("make the home of the tour, which is only there while it runs: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	t.term, err = startTerminal(t.ctx, folder, width, height, home, []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "HTTPS_PROXY=" + proxy, "https_proxy=" + proxy, "NO_PROXY=localhost",
	}, program)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.term.stop()) }()
	t.walk(config)
	return t.err
}

// replace puts the screens in fresh into the folder out, instead of those that
// are there.
func replace(out, fresh string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, pattern := range []string{"*.txt", "*.png"} {
		old, err := filepath.Glob(filepath.Join(out, pattern))
		if err != nil {
			return err
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	screens, err := os.ReadDir(fresh)
	if err != nil {
		return err
	}
	for _, screen := range screens {
		data, err := os.ReadFile(filepath.Join(fresh, screen.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, screen.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
