package gobuild

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// reportInterval is how often a long build says how far it is.
	reportInterval = 20 * time.Second
	// errorLines is how much of a failed build's output its error holds; the
	// first errors cause the others.
	errorLines = 20
	// stopDelay is what the go command has to remove its temporary files after
	// an interruption.
	stopDelay = 5 * time.Second
)

// command is the go command in dir. The C compiler and a workspace of the
// user's would each change what is built.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopDelay
	// Without its parent a build goes on for minutes.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	return cmd
}

// output is what the go command prints, without the spaces around it.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := command(ctx, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(answer)), nil
}

// run builds the group's programs into out.
func run(ctx context.Context, dir string, log func(string), g Group, out string) error {
	cmd := command(ctx, dir, g.arguments(out)...)
	read, write := io.Pipe()
	cmd.Stderr = write
	p := &progress{group: strings.TrimSpace(g.Name + " " + g.Version), log: log, begun: time.Now()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.follow(read)
	}()
	err := cmd.Run()
	write.Close()
	<-done
	if ctxErr := context.Cause(ctx); ctxErr != nil && err != nil {
		return ctxErr
	}
	if err != nil {
		return errors.Join(fmt.Errorf("go build in %s: %w", dir, err), errors.New(strings.Join(p.errors, "\n")))
	}
	return nil
}

// progress reads go build -v: a line for each package, and what goes wrong.
type progress struct {
	group    string
	log      func(string)
	begun    time.Time
	reported time.Duration
	packages int
	errors   []string
}

func (p *progress) follow(output io.Reader) {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.line(lines.Text(), time.Since(p.begun))
	}
	// A line beyond the limit ends the scanner, and the build must not block.
	io.Copy(io.Discard, output)
}

// line takes one line, after the given time.
func (p *progress) line(text string, after time.Duration) {
	if !strings.ContainsAny(text, " \t:") {
		p.packages++
		if after-p.reported >= reportInterval {
			p.reported = after
			p.log(fmt.Sprintf("%s: %d packages compiled in %s", p.group, p.packages, after.Round(time.Second)))
		}
		return
	}
	if len(p.errors) < errorLines && !strings.HasPrefix(text, "go: downloading ") {
		p.errors = append(p.errors, text)
	}
}
