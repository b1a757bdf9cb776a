package remote_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

// Each of a host's keys can be the pinned one, whichever the server prefers.
func TestDialFindsThePinnedKey(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys := []ssh.Signer{remotetest.NewHostKey(t), remotetest.Signer(t, ec), remotetest.Signer(t, rs)}
	for i, want := range []int{1, 2, 3} {
		s := remotetest.Start(t, remotetest.Options{HostKeys: keys})
		target := s.Target()
		target.HostKeyFingerprint = ssh.FingerprintSHA256(keys[i].PublicKey())
		dial(t, target)
		if got := s.Connections(); got != want {
			t.Errorf("%s took %d connections, want %d", keys[i].PublicKey().Type(), got, want)
		}
		dial(t, target)
		if got := s.Connections(); got != want+1 {
			t.Errorf("%s is searched for again", keys[i].PublicKey().Type())
		}
	}
}

func TestDialRefusesAnotherKey(t *testing.T) {
	target := remotetest.Serve(t, remotetest.Options{})
	shown := target.HostKeyFingerprint
	pinned := ssh.FingerprintSHA256(remotetest.NewHostKey(t).PublicKey())
	target.HostKeyFingerprint = pinned
	_, err := remote.Dial(t.Context(), target)
	f := wantFailure(t, err, remote.ErrHostKey)
	for _, part := range []string{shown, pinned} {
		if !strings.Contains(f.Error(), part) {
			t.Errorf("the error %q lacks %q", f, part)
		}
	}
	if !strings.Contains(f.Remedy, "intercepting") {
		t.Errorf("the remedy %q does not warn", f.Remedy)
	}
	target.HostKeyFingerprint = ""
	_, err = remote.Dial(t.Context(), target)
	wantFailure(t, err, remote.ErrHostKey)
}

func TestDialRefusedLogin(t *testing.T) {
	target := remotetest.Serve(t, remotetest.Options{RefuseKeys: true})
	_, err := remote.Dial(t.Context(), target)
	f := wantFailure(t, err, remote.ErrLogin)
	if !strings.Contains(f.Summary, `"root"`) || !strings.Contains(f.Summary, "SHA256:") {
		t.Errorf("the error %q does not say who came with which key", f.Summary)
	}
	for name, key := range map[string]string{"not a key": "nonsense", "no key": ""} {
		target.Key = secret.New(key)
		_, err = remote.Dial(t.Context(), target)
		if wantFailure(t, err, remote.ErrLogin); key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestDialUnreachable(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	hangsUp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hangsUp.Close() }()
	go func() {
		for {
			c, err := hangsUp.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	for name, test := range map[string]struct {
		at      net.Addr
		summary string
	}{
		"refused":      {closed.Addr(), "refuses SSH connections"},
		"no answer":    {silent.Addr(), "does not answer"},
		"not a server": {hangsUp.Addr(), "did not come about"},
	} {
		t.Run(name, func(t *testing.T) {
			target := remotetest.Serve(t, remotetest.Options{})
			target.Port = test.at.(*net.TCPAddr).Port
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, err := remote.Dial(ctx, target)
			if f := wantFailure(t, err, remote.ErrUnreachable); !strings.Contains(f.Summary, test.summary) {
				t.Errorf("the error is %v", f)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		target := remotetest.Serve(t, remotetest.Options{})
		target.Port = silent.Addr().(*net.TCPAddr).Port
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if _, err := remote.Dial(ctx, target); !errors.Is(err, context.Canceled) || failure.Remedy(err) != "" {
			t.Errorf("the error is %v", err)
		}
	})
}
