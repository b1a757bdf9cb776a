package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// patience is how long a screen is waited for, long that of one which comes
// after a whole rehearsal.
const (
	patience = 30 * time.Second
	long     = 5 * time.Minute
)

// terminal is a program in a tmux of its own.
type terminal struct {
	socket        string
	width, height int
}

// startTerminal runs a command in a terminal of that size. Nothing of the
// user's tmux, shell or environment comes into it but PATH.
func startTerminal(ctx context.Context, folder string, width, height int, home string, environment []string, command ...string) (*terminal, error) {
	t := &terminal{socket: filepath.Join(folder, fmt.Sprintf("tmux-%dx%d", width, height)), width: width, height: height}
	settings := filepath.Join(folder, "tmux.conf")
	const text = "set -g status off\nset -g default-terminal tmux-256color\nset -s escape-time 0\nset -g remain-on-exit on\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		return nil, err
	}
	args := []string{"-S", t.socket, "-f", settings, "-u", "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), "-c", home, "env", "-i"}
	args = append(args, environment...)
	args = append(args, "TERM=tmux-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8")
	args = append(args, command...)
	if out, err := exec.CommandContext(ctx, "tmux", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("start tmux: %w: %s", err, out)
	}
	return t, nil
}

// stop ends the program as a lost terminal does, and waits for its end: it
// keeps its state first.
func (t *terminal) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// tmux ends with its last window, and the window with the program.
	for _, args := range [][]string{{"set", "-g", "remain-on-exit", "off"}, {"send-keys", "C-c"}} {
		if _, err := t.run(ctx, args...); err != nil {
			return nil // it has ended already
		}
	}
	look := time.NewTicker(40 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			_, err := t.run(context.Background(), "kill-server")
			return errors.Join(errors.New("the program did not end"), err)
		case <-look.C:
			if _, err := t.run(ctx, "has-session"); err != nil {
				return nil
			}
		}
	}
}

func (t *terminal) run(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "tmux", append([]string{"-S", t.socket}, args...)...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("tmux %s: %w", args[0], err)
	}
	return string(out), nil
}

// press sends keys by tmux's names: "Enter", "C-n", "Tab", "a".
func (t *terminal) press(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if _, err := t.run(ctx, "send-keys", key); err != nil {
			return err
		}
	}
	return nil
}

// typed sends text as it is.
func (t *terminal) typed(ctx context.Context, text string) error {
	_, err := t.run(ctx, "send-keys", "-l", text)
	return err
}

// screen is what is shown, plain or with its colours.
func (t *terminal) screen(ctx context.Context, colours bool) (string, error) {
	args := []string{"capture-pane", "-p"}
	if colours {
		args = append(args, "-e")
	}
	return t.run(ctx, args...)
}

// wait waits until met is true of the screen, and that it stands still: a
// frame may be on its way in pieces.
func (t *terminal) wait(ctx context.Context, most time.Duration, what string, met func(screen string) bool) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	look := time.NewTicker(40 * time.Millisecond)
	defer look.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s, and the screen is\n%s", what, last)
		case <-look.C:
		}
		now, err := t.screen(ctx, false)
		if err != nil {
			if ctx.Err() != nil {
				continue
			}
			return err
		}
		if met(now) && now == last {
			return nil
		}
		last = now
	}
}

// showing is a screen with all of texts on it.
func showing(texts ...string) func(string) bool {
	return func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	}
}
