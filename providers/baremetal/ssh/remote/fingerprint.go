package remote

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Fingerprint is the SHA-256 of the key that a host shows first, as
// ssh-keygen -lf prints it: what to pin once a person has seen that it is the
// host's. Nobody logs in, and the target needs neither user nor key. The
// errors are *failure.Error with the cause ErrUnreachable.
func Fingerprint(ctx context.Context, t Target) (string, error) {
	search := newKeySearch("")
	conn, err := t.handshake(ctx, nil, search)
	if err == nil { // no key is the one without a fingerprint
		_ = conn.Close()
	}
	if len(search.shown) > 0 {
		fingerprint, _, _ := strings.Cut(search.shown[0], " ")
		return fingerprint, nil
	}
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "", t.stopped(ctx, "asking for the host key")
	}
	var negotiation *ssh.AlgorithmNegotiationError
	if errors.As(err, &negotiation) {
		return "", t.outdated(err)
	}
	return "", t.unreachable(err)
}
