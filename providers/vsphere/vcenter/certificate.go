package vcenter

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// Certificate is what is known of a vCenter's certificate that was verified.
type Certificate struct {
	// Thumbprint is its SHA-1 with colons, the form that Cluster API Provider
	// vSphere compares. Without one that provider accepts any certificate, so
	// that it is empty only where the configuration says insecure.
	Thumbprint string
	// PEM is the certificate itself, where a process that reaches the vCenter
	// has to be told to trust it: through a proxy govmomi, and with it Cluster
	// API Provider vSphere, asks the system's authorities alone and not the
	// thumbprint. It is nil where it is not needed.
	PEM []byte
}

// Verify makes one TLS handshake with the vCenter of site and verifies its
// certificate by the system's authorities or the site's thumbprint. Where the
// site says insecure nothing is looked at. Errors are *failure.Error, also
// where the certificate is good for us and not for Cluster API Provider
// vSphere, except when ctx was cancelled: then they wrap its cause.
func Verify(ctx context.Context, site Site) (Certificate, error) {
	if site.Insecure {
		return Certificate{}, nil
	}
	met, err := meet(ctx, site)
	if err != nil {
		return Certificate{}, err
	}
	if err := site.accept(met); err != nil {
		return Certificate{}, explain(ctx, site, err)
	}
	c := Certificate{Thumbprint: met.SHA1()}
	proxied, err := site.pinnedThroughProxy(met)
	if err != nil {
		return Certificate{}, err
	}
	if proxied {
		c.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: met.leaf.Raw})
	}
	return c, nil
}

// pinnedThroughProxy reports whether t, which the site accepts, is accepted
// for its thumbprint alone, and reached through a proxy. The error, a
// *failure.Error, says why Cluster API Provider vSphere would refuse it all
// the same.
func (s Site) pinnedThroughProxy(t trust) (bool, error) {
	if s.Insecure || t.untrusted == nil {
		return false, nil
	}
	// govmomi looks at a thumbprint only after these two (soap.IsCertificateUntrusted).
	var unknown x509.UnknownAuthorityError
	var unnamed x509.HostnameError
	if !errors.As(t.untrusted, &unknown) && !errors.As(t.untrusted, &unnamed) {
		return false, &failure.Error{
			Code: failure.Preflight, Object: s.Server, Err: t.untrusted,
			Summary: "the vCenter's certificate is the pinned one, but Cluster API Provider vSphere does not take it",
			Remedy:  "Renew the vCenter's certificate, and set spec.thumbprint of the VSphereDatacenterConfig to the new one's.",
		}
	}
	u, err := s.url()
	if err != nil {
		return false, err
	}
	proxy, err := s.proxy()(&http.Request{URL: u})
	if err != nil {
		return false, fmt.Errorf("choosing a proxy for the vCenter %s: %w", s.Server, err)
	}
	if proxy == nil {
		return false, nil
	}
	// As the child process will verify it, which trusts it by name.
	roots := x509.NewCertPool()
	roots.AddCert(t.leaf)
	if _, err := t.leaf.Verify(x509.VerifyOptions{DNSName: u.Hostname(), Roots: roots}); err != nil {
		return false, &failure.Error{
			Code: failure.Preflight, Object: s.Server, Err: err,
			Summary: "through a proxy, Cluster API Provider vSphere goes by the name in the vCenter's certificate and not by its thumbprint",
			Remedy:  fmt.Sprintf("Add the vCenter to NO_PROXY, or set spec.server of the VSphereDatacenterConfig to a name that the certificate is for (%s).", namesOf(t.leaf)),
		}
	}
	return true, nil
}

// certificateNames are what a certificate is valid for.
func certificateNames(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// namesOf lists them.
func namesOf(c *x509.Certificate) string {
	if names := certificateNames(c); len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "it has none"
}
