package remote

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

var (
	// keepaliveInterval is how often the host is asked whether it is there.
	keepaliveInterval = 5 * time.Second
	// deadAfter is how long a host may be silent, though asked. It is looked
	// at every keepaliveInterval.
	deadAfter = 12 * time.Second
)

// maxSessions is how many commands run at once on a connection; sshd allows
// 10 unless MaxSessions says otherwise.
const maxSessions = 8

// connection is an SSH connection that ends when its peer is dead.
type connection struct {
	ssh   *ssh.Client
	slots chan struct{} // one for each session under way
	done  chan struct{}
	once  sync.Once

	mu  sync.Mutex
	err error // why the connection ended
}

func newConnection(client *ssh.Client, live *liveConn) *connection {
	c := &connection{ssh: client, slots: make(chan struct{}, maxSessions), done: make(chan struct{})}
	go c.keepAlive(live, keepaliveInterval, deadAfter)
	go func() {
		err := client.Wait()
		c.end(err)
	}()
	return c
}

// Close ends the connection; it can be repeated.
func (c *connection) Close() error {
	c.end(errors.New("closed on this side"))
	return nil
}

// end keeps the first reason for the end.
func (c *connection) end(why error) {
	c.once.Do(func() {
		c.mu.Lock()
		c.err = why
		c.mu.Unlock()
		close(c.done)
		_ = c.ssh.Close() // it may be closed already
	})
}

// why says why the connection ended; nil while it stands.
func (c *connection) why() error {
	select {
	case <-c.done:
	default:
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return errors.New("the host ended it")
	}
	return c.err
}

// keepAlive asks the host at intervals, and ends the connection when nothing
// at all has come from it for too long. Data counts as an answer: on a slow
// line the answer itself may queue behind it.
func (c *connection) keepAlive(live *liveConn, interval, dead time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	var asked atomic.Bool
	for {
		select {
		case <-c.done:
			return
		case <-tick.C:
		}
		if silence := live.silence(); silence > dead {
			c.end(fmt.Errorf("the host has not answered for %s", silence.Round(time.Second)))
			return
		}
		if asked.CompareAndSwap(false, true) {
			go func() {
				// A host that does not know the request answers all the same.
				_, _, _ = c.ssh.SendRequest("keepalive@openssh.com", true, nil)
				asked.Store(false)
			}()
		}
	}
}

// liveConn knows when something last came from the peer.
type liveConn struct {
	net.Conn
	last atomic.Int64 // nanoseconds since start
	from time.Time
}

func newLiveConn(c net.Conn) *liveConn { return &liveConn{Conn: c, from: time.Now()} }

// Read implements io.Reader.
func (c *liveConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.last.Store(int64(time.Since(c.from)))
	}
	return n, err
}

// silence is how long nothing has come.
func (c *liveConn) silence() time.Duration {
	return time.Since(c.from) - time.Duration(c.last.Load())
}

// endsWithin is how long the end of a connection may take to be known after
// that of its sessions.
const endsWithin = 500 * time.Millisecond

// hasEnded says whether a session ended because its connection did.
func (c *connection) hasEnded() bool {
	timer := time.NewTimer(endsWithin)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		return false
	}
}
