// Package remote is a host reached over SSH: its key pinned, commands run as
// root, files copied in parallel, resumably and verified.
package remote

import (
	"context"
	"io"
	"io/fs"

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

// Client is a connection to a host. It is safe for concurrent use.
type Client struct{}

// Dial connects. The errors are *failure.Error: the host is unreachable, its
// key is another one, or the login is refused.
func Dial(ctx context.Context, t Target) (*Client, error) { panic("to be written") }

// Command is a POSIX shell script run as root, through sudo where the user
// is another.
type Command struct {
	Script string
	// Args are the script's positional parameters. They are visible in the
	// host's process list: no secrets.
	Args []string
	// Stdin is what the script reads; nil for nothing.
	Stdin io.Reader
}

// Result is how a command ended.
type Result struct {
	Stdout, Stderr string
	ExitCode       int
}

// Run runs a command; a non-zero exit code is no error. The error says that
// the command could not be run, or that the connection was lost in between.
func (c *Client) Run(ctx context.Context, cmd Command) (Result, error) { panic("to be written") }

// File is a file to be on the host.
type File struct {
	// Path is absolute, on the host. Folders are made as needed.
	Path   string
	Mode   fs.FileMode
	SHA256 string // hexadecimal
	Size   int64  // bytes
	// Open gives the content.
	Open func(context.Context) (Content, error)
}

// Content is a file's content.
type Content interface {
	io.ReaderAt
	io.Closer
}

// CopyProgress is how far a Copy is, in bytes.
type CopyProgress struct {
	// Total is what has to be on the host, Present what was there already,
	// Sent what was sent.
	Total, Present, Sent int64
}

// Copy brings files to the host. What is there with the right digest stays;
// what an interrupted Copy has sent is not sent again; each file appears
// under its name only when its digest is right. onProgress may be nil.
func (c *Client) Copy(ctx context.Context, files []File, onProgress func(CopyProgress)) (CopyProgress, error) {
	panic("to be written")
}

// Close ends the connection.
func (c *Client) Close() error { panic("to be written") }
