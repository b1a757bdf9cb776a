package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Command is a POSIX shell script run as root, through sudo where the user
// is another.
type Command struct {
	// Script runs with LC_ALL=C, umask 022 and the folders of root's
	// commands in PATH. It does not show in the host's process list.
	Script string
	// Args are the script's positional parameters. They are visible in the
	// host's process list: no secrets.
	Args []string
	// Stdin is what the script reads; nil for nothing. When Run ends early a
	// Read may still be under way.
	Stdin io.Reader
}

// Result is how a command ended.
type Result struct {
	Stdout, Stderr string
	// ExitCode is the script's; 128 and the signal where one ended it.
	ExitCode int
}

// maxOutput is how much a command may print on each output, in bytes.
const maxOutput = 32 << 20

// Run runs a command; a non-zero exit code is no error. The error says that
// the command could not be run (ErrSudo, where it was sudo that refused), that
// the connection was lost in between (ErrLost), or that ctx ended. Whether the
// command goes on then is up to it: SIGTERM is sent, as far as the user may.
func (c *Client) Run(ctx context.Context, cmd Command) (Result, error) {
	result, err := c.run(ctx, c.become, cmd)
	said, refused := isNotStarted(err)
	switch {
	case refused && c.become.sudo:
		return Result{}, c.target.sudoRefused(said)
	case refused:
		return Result{}, c.target.fail(nil, err, "the host does not run commands",
			fmt.Sprintf("See that the user's login shell works: ssh %s@%s true", c.target.User, c.target.Address))
	}
	return result, err
}

// notStarted is a command whose shell never came to run.
type notStarted struct {
	said string
	err  error
}

func (e *notStarted) Error() string {
	if line := lastLine(e.said); line != "" {
		return "the host says: " + line
	}
	return e.err.Error()
}

func isNotStarted(err error) (said string, is bool) {
	var e *notStarted
	if errors.As(err, &e) {
		return e.said, true
	}
	return "", false
}

// run runs cmd with b. Its error is *notStarted where the shell did not run.
func (c *Client) run(ctx context.Context, b become, cmd Command) (Result, error) {
	var stdin io.Reader = bytes.NewReader(nil)
	if cmd.Stdin != nil {
		stdin = cmd.Stdin
	}
	via := &shellConn{Conn: c.conn.ssh.Conn, call: newShellCall(b, cmd.Script, cmd.Args)}
	var stdout, stderr boundedBuffer
	status, err := c.session(ctx, via, via.call.command, stdin, &stdout, &stderr)
	if err != nil {
		return Result{}, err
	}
	if passed, said := via.channel.stderr.state(); !passed {
		_, printed := via.channel.stdout.state()
		return Result{}, &notStarted{said + printed, fmt.Errorf("the shell ended with status %d before it began", status)}
	}
	if stdout.full || stderr.full {
		return Result{}, fmt.Errorf("a command on %s printed more than %d MiB", c.target.object(), maxOutput>>20)
	}
	return Result{Stdout: stdout.String(), Stderr: stderr.String(), ExitCode: status}, nil
}

// once runs a command line as the user, with stdin, and returns its status
// and what it printed.
func (c *Client) once(ctx context.Context, command, stdin string) (int, string, error) {
	var output boundedBuffer
	status, err := c.session(ctx, c.conn.ssh.Conn, command, bytes.NewReader([]byte(stdin)), &output, &output)
	return status, output.String(), err
}

// session runs a command line in a session of its own and returns its exit
// status. When ctx ends it returns at once; nothing is written to the outputs
// by then that its caller would read.
func (c *Client) session(ctx context.Context, via ssh.Conn, command string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	release, err := c.slot(ctx)
	if err != nil {
		return 0, err
	}
	type outcome struct {
		status int
		err    error
	}
	ended := make(chan outcome, 1)
	opened := make(chan *ssh.Session, 1)
	go func() {
		defer release()
		session, err := (&ssh.Client{Conn: via}).NewSession()
		if err != nil {
			ended <- outcome{err: err}
			return
		}
		opened <- session
		defer func() { _ = session.Close() }() // io.EOF where the host has closed it
		session.Stdout, session.Stderr = stdout, stderr
		status, err := wait(ctx, session, command, stdin)
		ended <- outcome{status, err}
	}()
	select {
	case o := <-ended:
		if o.err != nil {
			return 0, c.explain(ctx, o.err, "while a command ran")
		}
		return o.status, nil
	case <-c.conn.done:
		// The session ends with its connection; but one that was being opened
		// at that moment may wait for ever (x/crypto's mux takes new channels
		// when it has given up).
		select {
		case o := <-ended:
			if o.err == nil {
				return o.status, nil
			}
		case <-time.After(endsWithin):
		}
		return 0, c.target.lost(c.conn.why(), "while a command ran")
	case <-ctx.Done():
	}
	select {
	case session := <-opened:
		go func() {
			_ = session.Signal(ssh.SIGTERM) // the host may not know signals
			_ = session.Close()
		}()
	default: // the goroutine closes what it opens: its wait sees ctx
	}
	return 0, c.target.stopped(ctx, "a command")
}

// wait starts the command, feeds it, and waits for its end.
func wait(ctx context.Context, session *ssh.Session, command string, stdin io.Reader) (int, error) {
	in, err := session.StdinPipe()
	if err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err := session.Start(command); err != nil {
		return 0, err
	}
	go func() {
		// A command need not read all: errors show in its status. The
		// session's own copying would make Wait wait for stdin's end.
		_, _ = io.Copy(in, stdin)
		_ = in.Close()
	}()
	err = session.Wait()
	var exit *ssh.ExitError
	switch {
	case errors.As(err, &exit):
		return exit.ExitStatus(), nil
	case err != nil:
		return 0, err
	}
	return 0, nil
}

// slot waits until the connection may have another session.
func (c *Client) slot(ctx context.Context) (release func(), err error) {
	select {
	case c.conn.slots <- struct{}{}:
		return func() { <-c.conn.slots }, nil
	case <-c.conn.done:
		return nil, c.target.lost(c.conn.why(), "it had ended before")
	case <-ctx.Done():
		return nil, c.target.stopped(ctx, "a command")
	}
}

// explain makes the error of a session one to act on.
func (c *Client) explain(ctx context.Context, err error, what string) error {
	var missing *ssh.ExitMissingError
	var open *ssh.OpenChannelError
	switch {
	case ctx.Err() != nil:
		return c.target.stopped(ctx, "a command")
	case errors.As(err, &open) && c.conn.why() == nil:
		return c.target.fail(nil, err, "the host opens no further session",
			"Raise MaxSessions in the host's sshd_config to 10 or more, and see that it allows commands (no ForceCommand).")
	case c.conn.why() != nil:
		return c.target.lost(c.conn.why(), what)
	case errors.As(err, &missing), errors.Is(err, io.EOF):
		return c.target.lost(errors.New("the session ended without a status"), what)
	}
	return c.target.lost(err, what)
}

// boundedBuffer keeps at most maxOutput bytes and lets the rest go by.
type boundedBuffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	full bool
}

// Write implements io.Writer; it takes everything.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.b.Len()+len(p) > maxOutput {
		b.full = true
	} else {
		b.b.Write(p)
	}
	return len(p), nil
}

// String is what was written.
func (b *boundedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
