package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
)

// terminalPatience is how long the interface may take to draw something.
const terminalPatience = 2 * time.Minute

// terminal is the interface on a pseudo-terminal that counts what is written
// to it.
type terminal struct {
	cmd *exec.Cmd
	tty *os.File

	mu      sync.Mutex
	written []byte
	changed chan struct{} // closed and made anew with every write
	ended   bool
}

// openTerminal starts the tool without arguments.
func (s *suite) openTerminal(ctx context.Context, kind string, width, height uint16, state string) (*terminal, error) {
	cmd := exec.CommandContext(ctx, s.binary, "--state-dir", state)
	cmd.Env = []string{"TERM=" + kind, "LANG=C.UTF-8", "HOME=" + s.dir, "PATH=" + os.Getenv("PATH")}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: width, Rows: height})
	if err != nil {
		return nil, err
	}
	t := &terminal{cmd: cmd, tty: tty, changed: make(chan struct{})}
	go t.read()
	return t, nil
}

func (t *terminal) read() {
	block := make([]byte, 64<<10)
	for {
		n, err := t.tty.Read(block)
		t.mu.Lock()
		t.written = append(t.written, block[:n]...)
		t.ended = err != nil // a pseudo-terminal ends with EIO
		close(t.changed)
		t.changed = make(chan struct{})
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// bytes is how many were written so far.
func (t *terminal) bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.written)
}

// until waits until what was written since the offset meets a condition.
func (t *terminal) until(ctx context.Context, since int, what string, met func([]byte) bool) error {
	ctx, cancel := context.WithTimeout(ctx, terminalPatience)
	defer cancel()
	for {
		t.mu.Lock()
		done, ended, changed := met(t.written[since:]), t.ended, t.changed
		t.mu.Unlock()
		switch {
		case done:
			return nil
		case ended:
			return fmt.Errorf("wait for %s: the interface has ended", what)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w; the last that was written:\n%s", what, ctx.Err(), ansi.Strip(string(t.written[max(since, len(t.written)-4000):])))
		}
	}
}

// shows waits for a text.
func (t *terminal) shows(ctx context.Context, since int, text string) error {
	return t.until(ctx, since, fmt.Sprintf("%q", text), func(written []byte) bool {
		return strings.Contains(ansi.Strip(string(written)), text)
	})
}

// press writes a key and waits for a text that it leads to.
func (t *terminal) press(ctx context.Context, key, text string) error {
	since := t.bytes()
	if _, err := t.tty.WriteString(key); err != nil {
		return err
	}
	return t.shows(ctx, since, text)
}

// latency is the time from a key to the end of what is drawn for it first.
func (t *terminal) latency(ctx context.Context, key string) (time.Duration, error) {
	since, begun := t.bytes(), time.Now()
	if _, err := t.tty.WriteString(key); err != nil {
		return 0, err
	}
	err := t.until(ctx, since, "a frame", func(written []byte) bool { return len(bytes.TrimSpace(written)) > 0 })
	return time.Since(begun), err
}

// close ends the interface.
func (t *terminal) close() error {
	err := t.cmd.Process.Kill()
	_ = t.cmd.Wait() // it was killed
	return errors.Join(err, t.tty.Close())
}
