// Package vcenter knows one vCenter Server: how to connect to it and trust
// it, what is in it, what its user may do, and whether a cluster of a
// configuration can be made there.
package vcenter

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
)

// dialTimeout bounds one attempt to open a connection. A vCenter that takes
// longer to accept one is as good as down; a slow answer is another matter
// and bounded by the caller's context alone.
const dialTimeout = 10 * time.Second

// Site is a vCenter as a configuration and its user's environment name it.
type Site struct {
	// Server is a host name or address, with a port where it is not 443.
	Server string
	// Thumbprint pins the certificate: its SHA-1 or SHA-256 in hexadecimal,
	// with or without colons. Empty trusts the system's authorities alone.
	Thumbprint string
	// Insecure accepts every certificate.
	Insecure bool
	Credentials
	// Proxy chooses the proxy of a request, nil with nil for none; without
	// it the environment's HTTPS_PROXY and NO_PROXY count.
	Proxy func(*http.Request) (*url.URL, error)
}

// url is the address of the vSphere API. It never carries the credentials,
// because errors and logs quote it.
func (s Site) url() (*url.URL, error) {
	server := s.Server
	if address, err := netip.ParseAddr(server); err == nil && address.Is6() {
		server = "[" + server + "]"
	}
	u, err := url.Parse("https://" + server + "/sdk")
	if err != nil || u.Hostname() == "" || u.User != nil || u.Path != "/sdk" || u.RawQuery != "" {
		return nil, &failure.Error{Code: failure.Configuration, Summary: fmt.Sprintf("%q is not the name or address of a vCenter", withoutUser(s.Server)),
			Remedy: "Write a bare host name or address in the VSphereDatacenterConfig's server, without https:// and path."}
	}
	return u, nil
}

// withoutUser drops what may be credentials in front of an @.
func withoutUser(server string) string {
	return server[strings.LastIndex(server, "@")+1:]
}

func (s Site) proxy() func(*http.Request) (*url.URL, error) {
	if s.Proxy != nil {
		return s.Proxy
	}
	return http.ProxyFromEnvironment
}

// arrange makes t reach the vCenter of s and trust what trusts it: the one
// way to the network that checks, SOAP, REST and storage policies share.
//
// govmomi's own thumbprint check is not used: it steps aside when a proxy is
// in the way, and its connections cannot be cancelled.
func (s Site) arrange(t *http.Transport, config *tls.Config) {
	t.DialTLSContext = nil
	t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	t.TLSHandshakeTimeout = dialTimeout
	t.TLSClientConfig = config
	// Go keeps two, and would shake hands anew for most of many calls at once.
	t.MaxIdleConnsPerHost = browseCalls
	t.Proxy = s.proxy()
	t.OnProxyConnectResponse = refuseProxyErrors
}
