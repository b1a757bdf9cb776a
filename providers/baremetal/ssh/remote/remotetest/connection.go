package remotetest

import (
	"bytes"
	"errors"
	"io"
	"net"

	"golang.org/x/crypto/ssh"
)

// serverConfig lets the user in with the login key.
func serverConfig(o Options, login ssh.PublicKey) *ssh.ServerConfig {
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if o.RefuseKeys || c.User() != o.User || !bytes.Equal(key.Marshal(), login.Marshal()) {
				return nil, errors.New("unknown key")
			}
			return nil, nil
		},
	}
	for _, key := range o.HostKeys {
		config.AddHostKey(key)
	}
	return config
}

// accept serves connections until the listener is closed.
func (s *Server) accept() {
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.connections.Add(1)
		s.mu.Lock()
		s.conns[raw] = true
		s.mu.Unlock()
		go func() {
			s.serve(&faultyConn{Conn: raw, server: s})
			_ = raw.Close()
			s.mu.Lock()
			delete(s.conns, raw)
			s.mu.Unlock()
		}()
	}
}

// serve serves one connection.
func (s *Server) serve(raw net.Conn) {
	conn, channels, requests, err := ssh.NewServerConn(raw, s.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		if c.ChannelType() != "session" {
			_ = c.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		channel, requests, err := c.Accept()
		if err != nil {
			break
		}
		go s.session(channel, requests)
	}
	_ = conn.Wait() // it has ended
}

// faultyConn counts what comes, and does the faults that a test wants.
type faultyConn struct {
	net.Conn
	server *Server
}

// Read implements io.Reader.
func (c *faultyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if frozen := c.frozen(); frozen != nil {
		<-frozen
	}
	received := c.server.received.Add(int64(n))
	if at := c.server.cutAt.Load(); at > 0 && received >= at {
		_ = c.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// Write implements io.Writer.
func (c *faultyConn) Write(p []byte) (int, error) {
	if frozen := c.frozen(); frozen != nil {
		<-frozen
	}
	return c.Conn.Write(p)
}

func (c *faultyConn) frozen() chan struct{} {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.frozen
}
