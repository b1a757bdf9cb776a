package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"groundwork.dev/bootstrap/internal/failure"
)

// The causes that errors.Is tells apart.
var (
	// ErrUnreachable: no SSH server answers at the address.
	ErrUnreachable = errors.New("the host is unreachable")
	// ErrHostKey: the host has not the key that is pinned.
	ErrHostKey = errors.New("the host's key is another one")
	// ErrLogin: the host does not accept the user's key.
	ErrLogin = errors.New("the login is refused")
	// ErrSudo: the user cannot become root.
	ErrSudo = errors.New("the user cannot become root")
	// ErrLost: the connection ended in between. What Copy has sent is kept.
	ErrLost = errors.New("the connection is lost")
	// ErrDiskFull: the host has no room for the files.
	ErrDiskFull = errors.New("the host's disk is full")
	// ErrContent: what was read for a file is not what its digest says.
	ErrContent = errors.New("the content has another digest")
)

// cause is an error of a kind that callers tell apart; its text is the
// error's own, which says more.
type cause struct{ kind, err error }

func (c cause) Error() string   { return c.err.Error() }
func (c cause) Unwrap() []error { return []error{c.kind, c.err} }

// because gives err the kind; without one of them the other is the cause.
func because(kind, err error) error {
	switch {
	case err == nil:
		return kind
	case kind == nil:
		return err
	}
	return cause{kind, err}
}

// fail is an error about the host, with the kind as its cause.
func (t Target) fail(kind, err error, summary, remedy string) error {
	return &failure.Error{
		Code: failure.Infrastructure, Summary: summary, Object: t.object(), Remedy: remedy, Err: because(kind, err),
	}
}

// stopped is the error of a call whose context ended first.
func (t Target) stopped(ctx context.Context, what string) error {
	return fmt.Errorf("%s on %s was stopped: %w", what, t.object(), context.Cause(ctx))
}

// unreachable says why no connection came about, and what each reason asks
// for.
func (t Target) unreachable(err error) error {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return t.fail(ErrUnreachable, err, "the host refuses SSH connections",
			fmt.Sprintf("See that sshd runs on the host (systemctl status sshd, or ssh on Debian and Ubuntu) and listens on %s, and that no firewall rejects it.", t.hostPort()))
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return t.fail(ErrUnreachable, err, "there is no route to the host",
			fmt.Sprintf("See that the host is powered on, that its cable and VLAN are right, and that this machine has a route to it (ip route get %s).", t.Address))
	case errors.As(err, &dns):
		return t.fail(ErrUnreachable, err, "the host's name cannot be resolved",
			"Give the host's IP address, or correct its name or this machine's name servers.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return t.fail(ErrUnreachable, err, "the host does not answer",
			fmt.Sprintf("See that the host is powered on and has the address %s, and that no firewall drops connections to %s.", t.Address, t.hostPort()))
	}
	return t.fail(ErrUnreachable, err, "the SSH connection did not come about",
		fmt.Sprintf("See what the SSH server says on the host (journalctl -u ssh -u sshd); try ssh -p %s %s@%s from this machine.", portOf(t.hostPort()), t.User, t.Address))
}

func portOf(hostPort string) string {
	_, port, _ := net.SplitHostPort(hostPort)
	return port
}

// lost is the error of a connection that ended while what was being done.
func (t Target) lost(err error, what string) error {
	return t.fail(ErrLost, err, "the connection was lost: "+what,
		"See that the host is up and reachable, then try again: what was done stays done.")
}

// lastLine is the last line of text that is not empty, for messages.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
