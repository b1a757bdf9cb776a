package remote_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

func dial(t *testing.T, target remote.Target) *remote.Client {
	t.Helper()
	c, err := remote.Dial(t.Context(), target)
	if err != nil {
		t.Fatalf("%v; remedy: %s", err, failure.Remedy(err))
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRun(t *testing.T) {
	long := strings.Repeat("# a comment of a script that is longer than one argument may be\n", 5000)
	for name, test := range map[string]struct {
		command remote.Command
		want    remote.Result
	}{
		"both outputs and the status": {
			remote.Command{Script: "echo out; echo err >&2; exit 7"},
			remote.Result{Stdout: "out\n", Stderr: "err\n", ExitCode: 7},
		},
		"arguments of every kind": {
			remote.Command{Script: `for a in "$@"; do printf '<%s>' "$a"; done`, Args: []string{"a b", `it's "$HOME"`, "", `back\slash`, "new\nline"}},
			remote.Result{Stdout: "<a b><it's \"$HOME\"><><back\\slash><new\nline>"},
		},
		"stdin begins where the script ends": {
			remote.Command{Script: "read -r first; echo \"first is $first\"; cat", Stdin: strings.NewReader("one\ntwo\n\nend")},
			remote.Result{Stdout: "first is one\ntwo\n\nend"},
		},
		"no stdin": {remote.Command{Script: "cat; echo done"}, remote.Result{Stdout: "done\n"}},
		"quotes, variables and here-documents": {
			remote.Command{Script: "l=1 n=2 s=3\ncat <<'E'\n$l '\"\\\nE\necho \"$l$n$s\" 'it'\"'\"'s'"},
			remote.Result{Stdout: "$l '\"\\\n123 it's\n"},
		},
		"a long script":            {remote.Command{Script: long + "echo done"}, remote.Result{Stdout: "done\n"}},
		"a script that is wrong":   {remote.Command{Script: "if"}, remote.Result{ExitCode: 2}},
		"unread stdin":             {remote.Command{Script: "exit 3", Stdin: bytes.NewReader(make([]byte, 8<<20))}, remote.Result{ExitCode: 3}},
		"stdin that never ends":    {remote.Command{Script: "exit 4", Stdin: endless{}}, remote.Result{ExitCode: 4}},
		"root's tools in the path": {remote.Command{Script: "case $PATH in */usr/sbin*) echo \"yes $LC_ALL\";; esac; umask"}, remote.Result{Stdout: "yes C\n0022\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, remotetest.Serve(t, remotetest.Options{}))
			got, err := c.Run(t.Context(), test.command)
			if err != nil {
				t.Fatal(err)
			}
			if name == "a script that is wrong" { // each shell has its own words for it
				if got.ExitCode == 0 || got.Stderr == "" {
					t.Fatalf("got %+v", got)
				}
				return
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// endless is a reader that never gives anything.
type endless struct{}

func (endless) Read([]byte) (int, error) { select {} }

func TestRunHidesScriptAndStdin(t *testing.T) {
	s := remotetest.Start(t, remotetest.Options{User: "admin", Sudo: remotetest.SudoAsks, SudoPassword: "hunter2"})
	c := dial(t, s.Target())
	if _, err := c.Run(t.Context(), remote.Command{Script: "echo some-script", Args: []string{"an-argument"}, Stdin: strings.NewReader("some-input")}); err != nil {
		t.Fatal(err)
	}
	all := strings.Join(s.Commands(), "\n")
	if !strings.Contains(all, "an-argument") {
		t.Fatalf("the commands are not recorded: %s", all)
	}
	for _, hidden := range []string{"some-script", "some-input", "hunter2"} {
		if strings.Contains(all, hidden) {
			t.Errorf("the process list shows %q", hidden)
		}
	}
}

func TestRunAfterNoise(t *testing.T) {
	c := dial(t, remotetest.Serve(t, remotetest.Options{Noise: "Welcome!\nlast login: today"}))
	got, err := c.Run(t.Context(), remote.Command{Script: "echo out; echo err >&2"})
	if want := (remote.Result{Stdout: "out\n", Stderr: "err\n"}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestRunWithSudo(t *testing.T) {
	for name, test := range map[string]struct {
		sudo     remotetest.Sudo
		password string
		cause    error
		attempts string
	}{
		"free":                        {remotetest.SudoFree, "", nil, "0"},
		"free though there is one":    {remotetest.SudoFree, "right", nil, "0"},
		"asks":                        {remotetest.SudoAsks, "right", nil, "3"}, // at Dial and for each of two
		"remembers":                   {remotetest.SudoRemembers, "right", nil, "1"},
		"asks and gets the wrong one": {remotetest.SudoAsks, "wrong", remote.ErrSudo, "1"},
		"asks and there is none":      {remotetest.SudoAsks, "", remote.ErrSudo, "0"},
		"refuses":                     {remotetest.SudoRefuses, "right", remote.ErrSudo, "0"},
		"wants a terminal":            {remotetest.SudoWantsTTY, "right", remote.ErrSudo, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := remotetest.Start(t, remotetest.Options{User: "admin", Sudo: test.sudo, SudoPassword: "right"})
			target := s.Target()
			target.SudoPassword = secret.New(test.password)
			c, err := remote.Dial(t.Context(), target)
			if test.cause != nil {
				wantFailure(t, err, test.cause)
				if test.password != "" && strings.Contains(err.Error()+failure.Remedy(err), test.password) {
					t.Errorf("the error shows the password: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			got, err := c.Run(t.Context(), remote.Command{Script: "cat", Stdin: strings.NewReader("for the command alone")})
			if want := (remote.Result{Stdout: "for the command alone"}); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
			got, err = c.Run(t.Context(), remote.Command{Script: `cat "$REMOTETEST_DIR/attempts" 2>/dev/null | wc -l`})
			if strings.TrimSpace(got.Stdout) != test.attempts || err != nil {
				t.Errorf("sudo was given %q passwords, %v, want %s", got.Stdout, err, test.attempts)
			}
		})
	}
}

// wantFailure sees that err can be acted on and has the cause.
func wantFailure(t *testing.T, err, cause error) *failure.Error {
	t.Helper()
	var f *failure.Error
	if !errors.As(err, &f) || f.Code != failure.Infrastructure || f.Remedy == "" || f.Object == "" || f.Summary == "" {
		t.Fatalf("the error is %#v, want one that says what to do", err)
	}
	if !errors.Is(err, cause) {
		t.Fatalf("the error is %v, want %v", err, cause)
	}
	return f
}

func TestRunIsCancelledAtOnce(t *testing.T) {
	s := remotetest.Start(t, remotetest.Options{})
	c := dial(t, s.Target())
	ctx, cancel := context.WithCancel(t.Context())
	started, input := io.Pipe()
	go func() { // the command takes a byte: it runs
		_, _ = input.Write([]byte("x"))
		cancel()
	}()
	_, err := c.Run(ctx, remote.Command{Script: "cat; sleep 600", Stdin: started})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the error is %v", err)
	}
	s.WaitIdle() // the command has been told to end
	if _, err := c.Run(t.Context(), remote.Command{Script: ":"}); err != nil {
		t.Errorf("the connection is of no use any more: %v", err)
	}
	s.Freeze()
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Run(ctx, remote.Command{Script: ":"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent host: %v", err)
	}
}

func TestRunManyAtOnce(t *testing.T) {
	c := dial(t, remotetest.Serve(t, remotetest.Options{}))
	errs := make(chan error)
	for range 30 {
		go func() {
			r, err := c.Run(t.Context(), remote.Command{Script: "cat", Stdin: strings.NewReader("x")})
			if err == nil && r.Stdout != "x" {
				err = errors.New("got " + r.Stdout)
			}
			errs <- err
		}()
	}
	for range 30 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestRunOnALostConnection(t *testing.T) {
	s := remotetest.Start(t, remotetest.Options{})
	c := dial(t, s.Target())
	s.CutAfter(1)
	_, err := c.Run(t.Context(), remote.Command{Script: "sleep 600"})
	wantFailure(t, err, remote.ErrLost)
	_, err = c.Run(t.Context(), remote.Command{Script: ":"})
	wantFailure(t, err, remote.ErrLost)
}

func TestRunOnADeadHost(t *testing.T) {
	remote.SetKeepalive(t, 10*time.Millisecond, 100*time.Millisecond)
	s := remotetest.Start(t, remotetest.Options{})
	c := dial(t, s.Target())
	s.Freeze()
	_, err := c.Run(t.Context(), remote.Command{Script: ":"})
	if f := wantFailure(t, err, remote.ErrLost); !strings.Contains(f.Error(), "has not answered") {
		t.Errorf("the error does not say why: %v", f)
	}
}
