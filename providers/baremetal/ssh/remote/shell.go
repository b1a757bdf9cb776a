package remote

import (
	"bytes"
	"crypto/rand"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
)

// A command's script goes over standard input, before what the command
// itself reads there. So it is neither in the host's process list nor, with
// sudo, in its log; it may be of any length; and whatever login shell the
// user has, it sees only plain words in single quotes.
//
// What is sent is, in lines: sudo's password where there is one, the mark,
// the script, the mark. sudo may take the password line or, having nothing to
// ask, leave it: the shell drops what comes before the first mark. It then
// prints the mark on both outputs, by which we know that it runs as root, and
// where its output begins after what login shells and their start-up files
// may have printed. read takes no byte too many (POSIX), so that the rest is
// the command's.
const shellReader = `export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; umask 022; n=$(printf "\nx"); n="${n%x}"; ` +
	`while IFS= read -r l || exit 97; do case "$l" in MARK) break;; esac; done; s=; ` +
	`while IFS= read -r l || exit 97; do case "$l" in MARK) break;; esac; s="$s$l$n"; done; ` +
	`printf "%s\n" MARK; printf "%s\n" MARK >&2; eval "unset l n s;$n$s"`

// shellCall is one use of the shell on the host.
type shellCall struct {
	command  string // for the host's login shell
	preamble []byte
	mark     string
}

// newShellCall makes the call of script with args.
func newShellCall(b become, script string, args []string) shellCall {
	mark := "mark-" + rand.Text()
	var command strings.Builder
	command.WriteString(b.prefix())
	command.WriteString("sh -c " + quote(strings.ReplaceAll(shellReader, "MARK", mark)) + " sh")
	for _, a := range args {
		command.WriteString(" " + quote(a))
	}
	var preamble bytes.Buffer
	if !b.password.Empty() {
		preamble.WriteString(b.password.Reveal() + "\n")
	}
	preamble.WriteString(mark + "\n" + script + "\n" + mark + "\n")
	return shellCall{command.String(), preamble.Bytes(), mark}
}

// quote makes one word of s for any login shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// shellConn is a connection whose one session makes a shellCall: it sends the
// preamble once the command has started and hides what comes before the mark.
// Both our own sessions and go-scp's go through it.
type shellConn struct {
	ssh.Conn
	call    shellCall
	channel *shellChannel // of the session, once it is open
}

// OpenChannel implements ssh.Conn.
func (c *shellConn) OpenChannel(name string, data []byte) (ssh.Channel, <-chan *ssh.Request, error) {
	channel, requests, err := c.Conn.OpenChannel(name, data)
	if err != nil {
		return nil, nil, err
	}
	c.channel = &shellChannel{Channel: channel, call: c.call}
	c.channel.status.Store(-1)
	c.channel.stdout = &afterMark{from: channel, mark: []byte(c.call.mark + "\n")}
	c.channel.stderr = &afterMark{from: channel.Stderr(), mark: []byte(c.call.mark + "\n")}
	return c.channel, c.channel.watch(requests), nil
}

type shellChannel struct {
	ssh.Channel
	call           shellCall
	stdout, stderr *afterMark
	status         atomic.Int64 // the exit status, -1 before it has come
}

// exitStatus is the request that tells it (RFC 4254, section 6.10).
const exitStatus = "exit-status"

// watch passes requests on and notes the exit status, which go-scp drops.
func (c *shellChannel) watch(requests <-chan *ssh.Request) <-chan *ssh.Request {
	passed := make(chan *ssh.Request)
	go func() {
		defer close(passed)
		for r := range requests {
			var message struct{ Status uint32 }
			if r.Type == exitStatus && ssh.Unmarshal(r.Payload, &message) == nil {
				c.status.Store(int64(message.Status))
			}
			passed <- r // the session reads until the end
		}
	}()
	return passed
}

// SendRequest implements ssh.Channel.
func (c *shellChannel) SendRequest(name string, wantReply bool, payload []byte) (bool, error) {
	ok, err := c.Channel.SendRequest(name, wantReply, payload)
	if name == "exec" && ok && err == nil {
		// An error means that the command has ended: its status says why.
		_, _ = c.Channel.Write(c.call.preamble)
	}
	return ok, err
}

// Read implements ssh.Channel.
func (c *shellChannel) Read(p []byte) (int, error) { return c.stdout.Read(p) }

// Stderr implements ssh.Channel.
func (c *shellChannel) Stderr() io.ReadWriter {
	return struct {
		io.Reader
		io.Writer
	}{c.stderr, c.Channel.Stderr()}
}

// afterMark reads what comes after the mark.
type afterMark struct {
	from io.Reader
	mark []byte

	mu     sync.Mutex
	head   []byte // read, and before the mark or not yet handed out
	passed bool
	tail   []byte // the last of what was handed out
}

const (
	// maxNoise is how much may come before the mark.
	maxNoise = 1 << 20
	// tailSize is how much of an output is kept for messages.
	tailSize = 4 << 10
)

// Read implements io.Reader.
func (a *afterMark) Read(p []byte) (int, error) {
	for {
		a.mu.Lock()
		if a.passed && len(a.head) > 0 {
			n := copy(p, a.head)
			a.head = a.head[n:]
			a.keep(p[:n])
			a.mu.Unlock()
			return n, nil
		}
		passed := a.passed
		a.mu.Unlock()
		if passed {
			n, err := a.from.Read(p)
			a.mu.Lock()
			a.keep(p[:n])
			a.mu.Unlock()
			return n, err
		}
		buffer := make([]byte, 4096)
		n, err := a.from.Read(buffer)
		a.mu.Lock()
		a.head = append(a.head, buffer[:n]...)
		if i := bytes.Index(a.head, a.mark); i >= 0 {
			a.head, a.passed = a.head[i+len(a.mark):], true
		} else if len(a.head) > maxNoise {
			a.head = a.head[len(a.head)-len(a.mark):]
		}
		passed = a.passed
		a.mu.Unlock()
		if err != nil && (!passed || len(a.head) == 0) {
			return 0, err
		}
	}
}

func (a *afterMark) keep(p []byte) {
	a.tail = append(a.tail, p...)
	if len(a.tail) > tailSize {
		a.tail = append([]byte(nil), a.tail[len(a.tail)-tailSize:]...)
	}
}

// state says whether the mark has come, and what has: before it, where it has
// not, and the last of it, where it has.
func (a *afterMark) state() (passed bool, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.passed {
		return true, string(a.tail)
	}
	return false, string(a.head)
}
