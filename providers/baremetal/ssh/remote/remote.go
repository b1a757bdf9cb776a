// Package remote is a host reached over SSH: its key pinned, commands run as
// root, files copied in parallel, resumably and verified.
//
// A host needs a POSIX sh, coreutils and, where the user is not root, sudo.
// It needs no scp: the receiving end of the protocol is a shell script, sent
// along, so that content goes straight into folders of root's and is verified
// there before it gets its name.
package remote

import (
	"context"
	"net"
	"strconv"

	"groundwork.dev/bootstrap/internal/secret"
)

// Target says how a host is reached.
type Target struct {
	// Name is what the host is called in messages.
	Name    string
	Address string
	// Port is 1 to 65535; 0 means 22.
	Port int
	User string
	// Key is the private key in PEM or OpenSSH format.
	Key secret.String
	// HostKeyFingerprint is the host key's SHA-256 as ssh-keygen -lf prints
	// it: "SHA256:…". A host with another key is refused.
	HostKeyFingerprint string
	// SudoPassword is what sudo asks for; empty where it asks nothing.
	SudoPassword secret.String
}

// hostPort is where the host's SSH server listens.
func (t Target) hostPort() string {
	port := t.Port
	if port == 0 {
		port = 22
	}
	return net.JoinHostPort(t.Address, strconv.Itoa(port))
}

// object names the host in errors.
func (t Target) object() string {
	name := "host " + t.Name
	if t.Name == "" || t.Name == t.Address {
		return "host " + t.hostPort()
	}
	return name + " at " + t.hostPort()
}

// Client is a connection to a host. It is safe for concurrent use.
type Client struct {
	target Target
	conn   *connection
	become become
}

// Dial connects, and sees that the user is root or may become root. The
// errors are *failure.Error with the cause ErrUnreachable, ErrHostKey,
// ErrLogin or ErrSudo.
func Dial(ctx context.Context, t Target) (*Client, error) {
	conn, err := connect(ctx, t)
	if err != nil {
		return nil, err
	}
	c := &Client{target: t, conn: conn}
	if c.become, err = findBecome(ctx, c); err != nil {
		_ = conn.Close() // the refusal is the error to tell
		return nil, err
	}
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }
