package vcenter

import (
	"crypto/sha1" //nolint:gosec // CAPV and EKS Anywhere pin certificates by it
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/soap"
)

// trust is what is known of a vCenter's certificate.
type trust struct {
	leaf *x509.Certificate
	// untrusted is why the system's authorities do not vouch for it; nil
	// when they do.
	untrusted error
}

// SHA1 and SHA256 are the certificate's thumbprints, as vSphere writes them.
func (t trust) SHA1() string   { return soap.ThumbprintSHA1(t.leaf) }
func (t trust) SHA256() string { return soap.ThumbprintSHA256(t.leaf) }

// judge verifies the certificate of a finished handshake with host against
// the system's authorities.
func judge(state tls.ConnectionState, host string) trust {
	leaf := state.PeerCertificates[0] // a TLS server always shows one
	options := x509.VerifyOptions{DNSName: host, Intermediates: x509.NewCertPool()}
	for _, c := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(options)
	return trust{leaf: leaf, untrusted: err}
}

// pins reports whether thumbprint is the certificate's SHA-1 or SHA-256.
func (t trust) pins(thumbprint string) bool {
	want, err := parseThumbprint(thumbprint)
	if err != nil {
		return false
	}
	sum1, sum256 := sha1.Sum(t.leaf.Raw), sha256.Sum256(t.leaf.Raw) //nolint:gosec // see the import
	return string(want) == string(sum1[:]) || string(want) == string(sum256[:])
}

// parseThumbprint decodes a SHA-1 or SHA-256 written in hexadecimal, with or
// without colons or spaces.
func parseThumbprint(s string) ([]byte, error) {
	sum, err := hex.DecodeString(strings.NewReplacer(":", "", " ", "").Replace(s))
	if err != nil || len(sum) != sha1.Size && len(sum) != sha256.Size {
		return nil, errors.New("a thumbprint is 20 (SHA-1) or 32 (SHA-256) bytes in hexadecimal")
	}
	return sum, nil
}

// untrustedError is a certificate that neither the system's authorities nor
// the configuration's thumbprint vouch for.
type untrustedError struct {
	trust  trust
	pinned string // the configuration's thumbprint, if it has one
}

func (e *untrustedError) Error() string {
	if e.pinned != "" {
		return fmt.Sprintf("the thumbprint of its certificate is %s (SHA-256 %s), not %s", e.trust.SHA1(), e.trust.SHA256(), e.pinned)
	}
	return fmt.Sprintf("its certificate, thumbprint %s, is not trusted: %v", e.trust.SHA1(), e.trust.untrusted)
}

func (e *untrustedError) Unwrap() error { return e.trust.untrusted }

// remedy says how the certificate becomes trusted.
func (e *untrustedError) remedy() string {
	verify := fmt.Sprintf("Compare it with the vCenter itself (openssl x509 -fingerprint -sha1 -noout -in /etc/vmware-vpx/ssl/rui.crt on its console). If it is the same, set spec.thumbprint of the VSphereDatacenterConfig to %q", e.trust.SHA1())
	if e.pinned != "" {
		return verify + "; if not, something else answers at that address."
	}
	return verify + ", or install the authority that signed it on this machine."
}

// tlsConfig trusts, in this order: everything where the configuration says
// insecure, what the system's authorities vouch for, the pinned certificate.
// It is the order in which EKS Anywhere and CAPV do it, so that a file with
// an outdated thumbprint and a signed certificate works here too.
func (s Site) tlsConfig(host string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection does it, with the thumbprint
		VerifyConnection: func(state tls.ConnectionState) error {
			return s.accept(judge(state, host))
		},
	}
}

// accept returns an *untrustedError where t is not to be trusted.
func (s Site) accept(t trust) error {
	if s.Insecure || t.untrusted == nil || s.Thumbprint != "" && t.pins(s.Thumbprint) {
		return nil
	}
	return &untrustedError{trust: t, pinned: s.Thumbprint}
}
