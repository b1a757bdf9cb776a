package controlplane

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestIdentityIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := loadIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	token, err := Token(dir)
	if err != nil || len(token.Reveal()) < 40 {
		t.Fatalf("a token of %d characters: %v", len(token.Reveal()), err)
	}
	again, err := loadIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := Token(dir); err != nil || same != token || string(again.caPEM) != string(first.caPEM) {
		t.Errorf("another identity: %v", err)
	}
	other, err := loadIdentity(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if otherToken, err := Token(other.dir); err != nil || otherToken == token {
		t.Error("two clusters have one token")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v: %v", entry.Name(), info.Mode(), err)
		}
	}
}

func TestServingCertificateIsTrusted(t *testing.T) {
	id, err := loadIdentity(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	config, err := id.tlsConfig("test")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(id.caPEM)
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ServerName, "127.0.0.1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if config.MinVersion < tls.VersionTLS12 {
		t.Error("old TLS is accepted")
	}
}

func TestPortsAreKeptWhereTheyAreFree(t *testing.T) {
	id, err := loadIdentity(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	open := func() (net.Listener, net.Listener) {
		t.Helper()
		a, w, err := id.listeners()
		if err != nil {
			t.Fatal(err)
		}
		if !a.Addr().(*net.TCPAddr).IP.IsLoopback() || !w.Addr().(*net.TCPAddr).IP.IsLoopback() {
			t.Fatalf("they listen on %v and %v", a.Addr(), w.Addr())
		}
		return a, w
	}
	a, w := open()
	firstAPI, firstWebhooks := port(a), port(w)
	_ = w.Close()
	again, w := open() // a is still open
	if port(again) == firstAPI || port(w) != firstWebhooks {
		t.Errorf("with %d taken: %d and %d, were %d and %d", firstAPI, port(again), port(w), firstAPI, firstWebhooks)
	}
	for _, l := range []net.Listener{a, again, w} {
		_ = l.Close()
	}
	next := port(again)
	a, w = open()
	defer func() { _, _ = a.Close(), w.Close() }()
	if port(a) != next || port(w) != firstWebhooks {
		t.Errorf("all free: %d and %d, were %d and %d", port(a), port(w), next, firstWebhooks)
	}
	if _, err := os.Stat(filepath.Join(id.dir, portsFile)); err != nil {
		t.Error(err)
	}
}
