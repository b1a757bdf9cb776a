package vcenter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

// trusted is a certificate for 127.0.0.1 and vcenter.example.com that the
// machine's authorities vouch for: TestMain makes itself one of them.
var trusted tls.Certificate

// TestMain installs the authority and silences the simulator, which writes to
// the standard logger.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	trusted = issue(filepath.Join(dir, "authority.pem"))
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// issue makes an authority, the only one that this process trusts, and a
// certificate of it.
func issue(file string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		panic(err)
	}
	for name, value := range map[string]string{"SSL_CERT_FILE": file, "SSL_CERT_DIR": filepath.Dir(file)} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "vcenter"}, NotBefore: template.NotBefore, NotAfter: template.NotAfter,
		DNSNames: []string{"vcenter.example.com"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	signed, err := x509.CreateCertificate(rand.Reader, leaf, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
}

func TestTrustedCertificate(t *testing.T) {
	s := newSimTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted}})
	s.furnish()
	stale := strings.Repeat("AB:", 19) + "AB"
	for name, c := range map[string]struct {
		thumbprint string
		result     event.CheckResult
		found      string
	}{
		"no thumbprint":       {"", event.Passed, "valid until"},
		"outdated thumbprint": {stale, event.Warned, "authorities vouch for it, but its thumbprint is"},
		"nonsense":            {"ABCDEFG", event.Warned, "authorities vouch for it"},
	} {
		s.site.Thumbprint = c.thumbprint
		results, err := s.run()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if r := results[CheckCertificate]; r.Result != c.result || !strings.Contains(r.Found, c.found) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	s.site.Thumbprint = ""
	s.site.Server = strings.Replace(s.site.Server, "127.0.0.1", "localhost", 1)
	if _, err := Connect(t.Context(), s.site); err == nil || !strings.Contains(err.Error(), "not localhost") {
		t.Errorf("a certificate of another name gives %v", err)
	}
}

func TestParseThumbprint(t *testing.T) {
	for s, ok := range map[string]bool{
		strings.Repeat("ab", 20): true, strings.Repeat("AB", 32): true, strings.Repeat("AB:", 19) + "AB": true, strings.Repeat("ab ", 31) + "ab": true,
		"": false, "ABCDEFG": false, strings.Repeat("ab", 16): false, strings.Repeat("zz", 20): false,
	} {
		if _, err := parseThumbprint(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}
