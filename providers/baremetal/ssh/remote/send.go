package remote

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	scp "github.com/bramvdbogaerde/go-scp"
	"golang.org/x/crypto/ssh"
)

//go:embed sink.sh
var sinkScript string

// send sends what is missing of a file, and has the host verify and name it.
func (c *Client) send(ctx context.Context, g gap, sent func(int)) error {
	release, err := c.slot(ctx)
	if err != nil {
		return err
	}
	content, err := g.Open(ctx)
	if err != nil {
		release()
		return c.unreadable(g.File, err)
	}
	reader := newContentReader(ctx, content, g.offset, g.rest(), sent)
	defer reader.close()
	via := &shellConn{Conn: c.conn.ssh.Conn, call: newShellCall(c.become, verifiedScript+sinkScript, []string{
		g.SHA256, strconv.FormatInt(g.Size, 10), strconv.FormatInt(g.offset, 10), fmt.Sprintf("%04o", g.Mode.Perm()), g.Path,
	})}
	ended := make(chan error, 1)
	go func() {
		defer release()
		transfer, err := scp.NewClientBySSH(&ssh.Client{Conn: via})
		if err == nil {
			// The receiving end is our script, which knows the path; what
			// go-scp appends to the command it does not look at.
			transfer.RemoteBinary = via.call.command
			err = transfer.Copy(ctx, reader, path.Base(g.Path), "0600", g.rest())
		}
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-c.conn.done: // see session
		select {
		case err = <-ended:
		case <-time.After(endsWithin):
			return c.target.lost(c.conn.why(), "while "+g.Path+" was copied")
		}
	case <-ctx.Done(): // go-scp closes its session
		return c.target.stopped(ctx, "copying "+g.Path)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return c.target.stopped(ctx, "copying "+g.Path)
	case reader.failure() != nil:
		return c.unreadable(g.File, reader.failure())
	case via.channel == nil:
		return c.explain(ctx, err, "while "+g.Path+" was copied")
	}
	started, said := via.channel.stderr.state()
	switch {
	case said == "" && c.conn.hasEnded():
		return c.explain(ctx, err, "while "+g.Path+" was copied")
	case !started && c.become.sudo:
		return c.target.sudoRefused(said)
	}
	if status := via.channel.status.Load(); status >= 0 {
		err = fmt.Errorf("the receiving end ended with status %d", status)
	}
	return c.copyFailed(g.Path+" cannot be copied", said, err)
}

// copyFailed is the error for what a script of Copy said on the host.
func (c *Client) copyFailed(summary, said string, err error) error {
	if line := lastLine(said); line != "" {
		err = fmt.Errorf("the host says: %s", line)
	}
	switch {
	case strings.Contains(said, "No space left on device"), strings.Contains(said, "quota exceeded"):
		return c.target.fail(ErrDiskFull, err, summary, "Free space on the host's disk, then try again: what was sent is kept.")
	case strings.Contains(said, "other digest"):
		return c.target.fail(ErrContent, err, summary+": its content is not what its digest says",
			"The node files are damaged: export them again (bootstrap images export), or take another copy of them.")
	case strings.Contains(said, "not found"):
		return c.target.fail(nil, err, summary, "Install coreutils (dd, sha256sum, stat, mv), grep and awk on the host.")
	case strings.Contains(said, "Read-only file system"):
		return c.target.fail(nil, err, summary, "See why the host's file system is read-only (dmesg), mend it, then try again.")
	}
	return c.target.fail(nil, err, summary, "See what the host says, and its log (journalctl), then try again: what was sent is kept.")
}

// unreadable is the error for content that cannot be read on this side.
func (c *Client) unreadable(f File, err error) error {
	return fmt.Errorf("the content of %s for %s cannot be read: %w", f.Path, c.target.object(), err)
}

// readSize is how much is read and handed to the connection at a time, in
// bytes: large enough for content that comes over a network.
const readSize = 1 << 20

// contentReader reads a stretch of content. go-scp may still read when its
// Copy has returned, as it does when ctx ends: close waits for that.
type contentReader struct {
	ctx  context.Context
	sent func(int)

	mu      sync.Mutex
	content Content // nil when closed
	at, end int64
	err     error
}

func newContentReader(ctx context.Context, content Content, offset, length int64, sent func(int)) *contentReader {
	return &contentReader{ctx: ctx, content: content, at: offset, end: offset + length, sent: sent}
}

// WriteTo implements io.WriterTo, so that io.Copy goes by readSize.
func (r *contentReader) WriteTo(w io.Writer) (int64, error) {
	buffer := make([]byte, readSize)
	var total int64
	for {
		n, err := r.Read(buffer)
		if n > 0 {
			written, err := w.Write(buffer[:n])
			total += int64(written)
			if r.sent != nil {
				r.sent(written)
			}
			if err != nil {
				return total, err
			}
		}
		switch {
		case err == io.EOF:
			return total, nil
		case err != nil:
			return total, err
		}
	}
}

// Read implements io.Reader. Content that is too short is an error.
func (r *contentReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.content == nil:
		return 0, errors.New("closed")
	case r.ctx.Err() != nil:
		return 0, r.ctx.Err()
	case r.at == r.end:
		return 0, io.EOF
	}
	n, err := r.content.ReadAt(p[:min(int64(len(p)), r.end-r.at)], r.at)
	r.at += int64(n)
	switch {
	case r.at == r.end:
		return n, nil
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		r.err = err
	}
	return n, err
}

// failure is why the content could not be read.
func (r *contentReader) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *contentReader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.content != nil {
		_ = r.content.Close() // it was only read
		r.content = nil
	}
}
