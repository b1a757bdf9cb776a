package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// attemptTimeout bounds one attempt to log in: until a host's device is
	// up, nothing refuses the connection.
	attemptTimeout = 2 * time.Second
	retryInterval  = 20 * time.Millisecond
)

// Dial logs in to a host as root. The host's key must be its own.
func (l *Lab) Dial(ctx context.Context, host string) (*ssh.Client, error) {
	h, err := l.Host(host)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(l.KeyFile)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	address := net.JoinHostPort(h.Address.String(), strconv.Itoa(h.SSHPort))
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = raw.SetDeadline(deadline)
	conn, channels, requests, err := ssh.NewClientConn(raw, address, &ssh.ClientConfig{
		User: "root",
		Auth: []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if got := ssh.FingerprintSHA256(key); got != h.HostKeyFingerprint {
				return fmt.Errorf("%s answers with host key %s, not its own", host, got)
			}
			return nil
		},
	})
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("log in to %s: %w", host, err)
	}
	_ = raw.SetDeadline(time.Time{})
	return ssh.NewClient(conn, channels, requests), nil
}

// WaitSSH returns when the host lets the lab's key in.
func (l *Lab) WaitSSH(ctx context.Context, host string) error {
	for {
		client, err := l.Dial(ctx, host)
		if err == nil {
			return client.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for sshd of %s: %w; last: %w", host, ctx.Err(), err)
		case <-time.After(retryInterval):
		}
	}
}

// Run runs a shell command on a host as root and returns what it printed. When
// it fails, the error holds what it complained of.
func (l *Lab) Run(ctx context.Context, host, command string) (string, error) {
	return l.Feed(ctx, host, command, nil)
}

// Feed is Run with something for the command to read.
func (l *Lab) Feed(ctx context.Context, host, command string, input io.Reader) (string, error) {
	client, err := l.Dial(ctx, host)
	if err != nil {
		return "", err
	}
	defer client.Close()
	stop := context.AfterFunc(ctx, func() { client.Close() })
	defer stop()
	session, err := client.NewSession()
	if err != nil {
		return "", err
	}
	defer session.Close()
	var out, complaint bytes.Buffer
	session.Stdin, session.Stdout, session.Stderr = input, &out, &complaint
	if err := session.Run(command); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return out.String(), fmt.Errorf("%s: %s: %w: %s", host, command, err, strings.TrimSpace(complaint.String()))
	}
	return out.String(), nil
}
