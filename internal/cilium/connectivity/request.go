package connectivity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/util/exec"
)

const (
	// answerIn is how long an answer may take, in seconds.
	answerIn = 5
	// blockedIn is how long one must be missing to count as blocked.
	blockedIn = 1
	// timedOut is the exit code of the coreutils' timeout; the next three are
	// for commands that it could not run.
	timedOut = 124
)

// open opens a connection; bash looks the name up as every program does.
const open = `exec 3<>"/dev/tcp/$0/$1"`

// get asks for /hello over HTTP with what every image of the agent has.
const get = open + ` && printf 'GET /hello HTTP/1.0\r\nHost: probe\r\n\r\n' >&3 && IFS= read -r line <&3 && printf '%s' "$line"`

// ask lets a probe ask for an answer over HTTP. The error says how it failed
// in a few words.
func (s *stage) ask(ctx context.Context, from probe, host string, port, seconds int) error {
	out, err := s.bounded(ctx, from, seconds, "bash", "-c", get, host, strconv.Itoa(port))
	if err != nil {
		return err
	}
	if line := strings.TrimSpace(string(out)); !strings.Contains(line, " 200 ") {
		return fmt.Errorf("the answer was %q", line)
	}
	return nil
}

// connect lets a probe open a connection.
func (s *stage) connect(ctx context.Context, from probe, host string, port int) error {
	_, err := s.bounded(ctx, from, answerIn, "bash", "-c", open, host, strconv.Itoa(port))
	return err
}

// bounded runs a command in a probe for so many seconds at most.
func (s *stage) bounded(ctx context.Context, from probe, seconds int, args ...string) ([]byte, error) {
	// The kubelet may be slow too.
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second+20*time.Second)
	defer cancel()
	out, err := s.Run(ctx, s.namespace, from.name, append([]string{"timeout", strconv.Itoa(seconds)}, args...)...)
	var exit exec.CodeExitError
	switch {
	case err == nil:
		return out, nil
	case !errors.As(err, &exit), exit.Code > timedOut && exit.Code <= timedOut+3:
		return nil, fmt.Errorf("could not be tried: %w", err)
	case exit.Code == timedOut:
		return nil, &unanswered{fmt.Sprintf("no answer in %d s", seconds)}
	}
	return nil, &unanswered{cmp.Or(said(err), fmt.Sprintf("it ended with exit code %d", exit.Code))}
}

// unanswered is the failure of a command that ran: the answer did not come.
type unanswered struct{ word string }

// Error implements error.
func (u *unanswered) Error() string { return u.word }

// said is the last thing that a command wrote, without bash's own words
// around it: "bash: connect: Connection refused".
func said(err error) string {
	word := err.Error()
	var exit exec.CodeExitError
	if errors.As(err, &exit) && word == exit.Error() {
		return ""
	}
	first, _, _ := strings.Cut(word, "\n")
	return strings.TrimPrefix(strings.TrimPrefix(first, "bash: line 1: "), "bash: ")
}
