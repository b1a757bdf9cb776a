package vcenter

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/event"
)

// endpoint makes the one check of host. Nothing else of the site is used.
func endpoint(t *testing.T, s *survey, host string) event.Check {
	t.Helper()
	s.cfg.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = host
	c, err := check(CheckEndpoint, s.checkEndpoint).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func offline(t *testing.T) *survey {
	t.Helper()
	s := &sim{T: t}
	s.site = siteAt("vcenter.example.com")
	s.configure()
	return newSurvey(s.cfg, s.site)
}

func TestEndpointDirect(t *testing.T) {
	_, open, err := net.SplitHostPort(listen(t, func(net.Conn) {}))
	if err != nil {
		t.Fatal(err)
	}
	_, closed, err := net.SplitHostPort(closedPort(t))
	if err != nil {
		t.Fatal(err)
	}
	s := offline(t)
	for name, c := range map[string]struct {
		ports  []string
		result event.CheckResult
		found  string
	}{
		"in use":  {[]string{closed, open}, event.Failed, "something answers at 127.0.0.1:" + open},
		"refused": {[]string{closed}, event.Warned, "refuses connections to 127.0.0.1:" + closed},
		"free":    {nil, event.Passed, "nothing answers"},
	} {
		s.endpointPorts = c.ports
		if r := endpoint(t, s, "127.0.0.1"); r.Result != c.result || !strings.Contains(r.Found, c.found) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestEndpointThroughProxy(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	asked := make(chan string, 10)
	answers := func(status string) *url.URL {
		return &url.URL{Scheme: "http", Host: listen(t, func(c net.Conn) {
			if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				asked <- r.Host
			}
			_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\n\r\n")
		})}
	}
	s := offline(t)
	for name, c := range map[string]struct {
		proxy  *url.URL
		result event.CheckResult
	}{
		"in use":               {tunnel(t, server.Listener.Addr().String()), event.Failed},
		"not connected":        {answers("502 Bad Gateway"), event.Passed},
		"connected to nothing": {answers("200 OK"), event.Passed},
	} {
		s.site.Proxy = http.ProxyURL(c.proxy)
		if r := endpoint(t, s, "192.0.2.10"); r.Result != c.result {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if host := <-asked; host != "192.0.2.10:6443" {
		t.Errorf("the proxy is asked for %s", host)
	}
}
