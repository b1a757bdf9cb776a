package vcenter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"groundwork.dev/bootstrap/providers/verdict"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// endpointTimeout is how long an unused address is waited for: nothing
// answers there, so the whole of it passes in every good case.
const endpointTimeout = time.Second

// apiServerPort is where the control plane will answer.
const apiServerPort = "6443"

// checkEndpoint looks whether the address of the control plane is an address
// and free. A taken one breaks a cluster in ways that are hard to read.
func (s *survey) checkEndpoint(ctx context.Context, v *verdict.Verdict) error {
	control := s.cfg.Cluster.Spec.ControlPlaneConfiguration
	host := ""
	if control.Endpoint != nil {
		host = control.Endpoint.Host
	}
	if control.SkipLoadBalancerDeployment {
		v.Wants("the name or address of a load balancer")
		if host == "" {
			v.Fails("Set controlPlaneConfiguration.endpoint.host to the load balancer in front of the control plane.", "there is none")
			return nil
		}
		v.Sees("%s, which this site takes care of", host)
		return nil
	}
	v.Wants("an address that nothing uses yet for the control plane: %s", host)
	if _, err := netip.ParseAddr(host); err != nil {
		v.Fails("Set controlPlaneConfiguration.endpoint.host to a free IP address of the machines' network, outside of its DHCP range.", "%q is not an IP address", host)
		return nil
	}
	const remedy = "Choose an address that is free and outside of the DHCP range, or remove what has it: an earlier cluster, perhaps."
	open, refused, err := s.answers(ctx, host)
	switch {
	case err != nil:
		return err
	case open != "":
		v.Fails(remedy, "something answers at %s already", net.JoinHostPort(host, open))
	case refused != "":
		v.Warns(remedy, "something refuses connections to %s: a machine that has the address, or a firewall", net.JoinHostPort(host, refused))
	default:
		v.Sees("nothing answers there")
	}
	return nil
}

// answers returns a port of host that accepts a connection, or one that
// refuses it. Where the site has a proxy for it, only the API server's port
// is tried, through the proxy.
func (s *survey) answers(ctx context.Context, host string) (open, refused string, err error) {
	proxied, err := s.proxied(ctx, host)
	if err != nil {
		return "", "", err
	}
	if proxied {
		if s.answersThroughProxy(ctx, host) {
			open = apiServerPort
		}
		return open, "", ctxError(ctx)
	}
	var wait sync.WaitGroup
	errs := make([]error, len(s.endpointPorts))
	for i, port := range s.endpointPorts {
		wait.Go(func() {
			dialer := net.Dialer{Timeout: endpointTimeout}
			connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
			if err == nil {
				_ = connection.Close()
			}
			errs[i] = err
		})
	}
	wait.Wait()
	for i, port := range s.endpointPorts {
		switch {
		case errs[i] == nil:
			return port, "", nil
		case refused == "" && errors.Is(errs[i], syscall.ECONNREFUSED):
			refused = port
		}
	}
	return "", refused, ctxError(ctx)
}

// ctxError is why the check was stopped, if it was.
func ctxError(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("trying the endpoint was stopped: %w", context.Cause(ctx))
}

// endpointRequest asks the API server that is not there yet.
func endpointRequest(ctx context.Context, host string) (*http.Request, error) {
	u := url.URL{Scheme: "https", Host: net.JoinHostPort(host, apiServerPort), Path: "/livez"}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("trying %s: %w", u.Host, err)
	}
	return request, nil
}

// proxied reports whether requests to the endpoint go through a proxy.
func (s *survey) proxied(ctx context.Context, host string) (bool, error) {
	request, err := endpointRequest(ctx, host)
	if err != nil {
		return false, err
	}
	proxy, err := s.site.proxy()(request)
	if err != nil {
		return false, fmt.Errorf("choosing a proxy for %s: %w", request.URL.Host, err)
	}
	return proxy != nil, nil
}

// answersThroughProxy reports whether a TLS server answers: proxies may say
// that they have connected before they have.
func (s *survey) answersThroughProxy(ctx context.Context, host string) bool {
	met := false
	ctx, cancel := context.WithTimeout(ctx, 2*endpointTimeout)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeDone: func(_ tls.ConnectionState, err error) { met = err == nil }})
	request, err := endpointRequest(ctx, host)
	if err != nil {
		return false
	}
	t := &http.Transport{DisableKeepAlives: true}
	s.site.arrange(t, &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}) //nolint:gosec // whoever it is, the address is taken
	defer t.CloseIdleConnections()
	response, err := t.RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
	}
	return met
}
