package pull

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/http"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/download"
	"groundwork.dev/bootstrap/internal/failure"
)

// roads are the ways to registries. They keep insecureSkipVerify to the
// mirror, and everything to HTTPS: the library would try plain HTTP with
// registries whose names look local.
type roads struct {
	mirror   string // host and port, "" for none
	toMirror http.RoundTripper
	others   http.RoundTripper
}

func newRoads(m *v1alpha1.RegistryMirrorConfiguration) (*roads, error) {
	others := download.Transport()
	r := &roads{others: download.Stalling{Base: others}}
	if m == nil {
		return r, nil
	}
	r.mirror = address(m)
	if m.CACertContent != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM([]byte(m.CACertContent)) {
			return nil, &failure.Error{
				Code: failure.Configuration, Object: "registry mirror " + r.mirror,
				Summary: "registryMirrorConfiguration.caCertContent holds no certificate",
				Remedy:  "give the authority's certificate in PEM",
			}
		}
		// A mirror may send to a store of its own for the layers.
		others.TLSClientConfig.RootCAs = pool
	}
	toMirror := others.Clone()
	toMirror.TLSClientConfig.InsecureSkipVerify = m.InsecureSkipVerify
	r.toMirror = download.Stalling{Base: toMirror}
	return r, nil
}

// RoundTrip implements http.RoundTripper.
func (t *roads) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s is not asked: only https is used", r.URL.Redacted())
	}
	host := r.URL.Host
	if r.URL.Port() == "" {
		host = net.JoinHostPort(r.URL.Hostname(), "443")
	}
	if host == t.mirror {
		return t.toMirror.RoundTrip(r)
	}
	return t.others.RoundTrip(r)
}
