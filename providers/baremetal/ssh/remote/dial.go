package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// connectTimeout bounds the TCP connection.
	connectTimeout = 10 * time.Second
	// handshakeTimeout bounds key exchange and login: sshd may look up names
	// and ask directories before it answers.
	handshakeTimeout = 30 * time.Second
)

// connect makes a connection to the host whose pinned key is the one it
// shows, and logs in.
func connect(ctx context.Context, t Target) (*connection, error) {
	if !strings.HasPrefix(t.HostKeyFingerprint, "SHA256:") {
		return nil, t.unpinned()
	}
	signer, err := t.signer()
	if err != nil {
		return nil, err
	}
	search := newKeySearch(t.HostKeyFingerprint)
	for {
		conn, err := t.handshake(ctx, signer, search)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, t.stopped(ctx, "connecting")
		}
		var negotiation *ssh.AlgorithmNegotiationError
		switch {
		case errors.Is(err, errOtherKey) && len(search.algorithms) > 0:
			continue
		case errors.Is(err, errOtherKey), errors.As(err, &negotiation) && len(search.shown) > 0:
			return nil, t.mismatch(search)
		case errors.As(err, &negotiation):
			return nil, t.outdated(err)
		case search.found && strings.Contains(err.Error(), "unable to authenticate"):
			return nil, t.refused(signer, err)
		}
		return nil, t.unreachable(err)
	}
}

// outdated is the error of a host that knows none of our algorithms.
func (t Target) outdated(err error) error {
	return t.fail(ErrUnreachable, err, "the host's SSH server has no modern algorithms",
		"Update the host's OpenSSH to 7.4 or later, and allow it modern key exchanges, ciphers and host keys (sshd -T shows what it offers).")
}

// handshake makes one attempt.
func (t Target) handshake(ctx context.Context, signer ssh.Signer, search *keySearch) (*connection, error) {
	dialer := net.Dialer{Timeout: connectTimeout}
	raw, err := dialer.DialContext(ctx, "tcp", t.hostPort())
	if err != nil {
		return nil, err
	}
	live := newLiveConn(raw)
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	if err := raw.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		_ = live.Close()
		return nil, err
	}
	modern := ssh.SupportedAlgorithms()
	// NewClientConn closes the connection on an error.
	sshConn, channels, requests, err := ssh.NewClientConn(live, t.hostPort(), &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: modern.KeyExchanges, Ciphers: ciphers, MACs: macs},
		User:              t.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyAlgorithms: search.algorithms,
		HostKeyCallback:   search.check,
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	if !stop() {
		_ = sshConn.Close()
		return nil, ctx.Err()
	}
	if err := raw.SetDeadline(time.Time{}); err != nil {
		_ = sshConn.Close()
		return nil, err
	}
	return newConnection(ssh.NewClient(sshConn, channels, requests), live), nil
}

// ciphers are those with authentication built in, the fastest first; CTR is
// for hosts whose hardening allows nothing else.
var ciphers = []string{
	ssh.CipherAES128GCM, ssh.CipherChaCha20Poly1305, ssh.CipherAES256GCM,
	ssh.CipherAES128CTR, ssh.CipherAES256CTR,
}

// macs go with the CTR ciphers.
var macs = []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM, ssh.HMACSHA256, ssh.HMACSHA512}

// signer is the login key; an RSA key signs without SHA-1.
func (t Target) signer() (ssh.Signer, error) {
	signer, err := ssh.ParsePrivateKey([]byte(t.Key.Reveal()))
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, t.fail(ErrLogin, errors.New("it would have to be typed in"), "the private key has a passphrase",
			"Give a key without one (ssh-keygen -p -f a copy of it), readable by you alone.")
	case err != nil:
		// The parser's text is of the format, never of the content.
		return nil, t.fail(ErrLogin, err, "the private key cannot be read",
			"Give a private key in PEM or OpenSSH format, as ssh-keygen makes it.")
	}
	if signer.PublicKey().Type() == ssh.KeyAlgoRSA {
		if rsa, ok := signer.(ssh.AlgorithmSigner); ok {
			return ssh.NewSignerWithAlgorithms(rsa, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
		}
	}
	return signer, nil
}

// refused says whom the host did not let in, and with which key.
func (t Target) refused(signer ssh.Signer, err error) error {
	offered := fmt.Sprintf("%s key %s", strings.TrimPrefix(signer.PublicKey().Type(), "ssh-"), ssh.FingerprintSHA256(signer.PublicKey()))
	return t.fail(ErrLogin, err, fmt.Sprintf("the host refuses to log in the user %q with the %s", t.User, offered),
		fmt.Sprintf("Add the public key to ~%s/.ssh/authorized_keys on the host (ssh-copy-id -i KEY.pub %s@%s), see that the file and its folder belong to the user and that sshd allows the user to log in with a key (PubkeyAuthentication, AllowUsers, PermitRootLogin).", t.User, t.User, t.Address))
}
