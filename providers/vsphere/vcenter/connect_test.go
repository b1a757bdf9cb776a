package vcenter

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/internal/secret"
)

// direct goes through no proxy.
func direct(*http.Request) (*url.URL, error) { return nil, nil }

// siteAt is a site whose credentials are in order.
func siteAt(server string) Site {
	return Site{Server: server, Credentials: Credentials{Username: simUser, Password: secret.New(simPassword)}, Proxy: direct}
}

// listen opens a port of loopback and calls serve with each connection.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); serve(c) }()
		}
	}()
	return l.Addr().String()
}

// closedPort is a port of loopback that refuses connections.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestConnectExplains(t *testing.T) {
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such page", http.StatusNotFound) }))
	t.Cleanup(web.Close)
	page := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>hello <b>") }))
	t.Cleanup(page.Close)
	insecure := func(server *httptest.Server) Site {
		s := siteAt(server.Listener.Addr().String())
		s.Insecure = true
		return s
	}
	via := func(proxy string) Site {
		s := siteAt("vcenter.example.com")
		s.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})
		return s
	}
	for name, c := range map[string]struct {
		site            Site
		summary, remedy string
	}{
		"unresolved":        {siteAt("vcenter.invalid"), "name does not resolve", "DNS"},
		"refused":           {siteAt(closedPort(t)), "refuses connections", "Check that it is running"},
		"no TLS":            {siteAt(listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n") })), "is not a vCenter", "spec.server"},
		"hangs up":          {siteAt(listen(t, func(net.Conn) {})), "the connection to the vCenter breaks off", "spec.server"},
		"web server":        {insecure(web), "is not a vCenter", "spec.server"},
		"web page":          {insecure(page), "is not a vCenter", "spec.server"},
		"unknown authority": {siteAt(web.Listener.Addr().String()), "certificate is not trusted", "set spec.thumbprint"},
		"a URL":             {siteAt("https://vcenter.example.com"), "is not the name or address", "bare host name"},
		"credentials in it": {siteAt("root:" + simPassword + "@vcenter"), `"vcenter" is not the name`, "bare host name"},
		"nothing":           {siteAt(""), "is not the name or address", "bare host name"},
		"no credentials":    {Site{Server: "vcenter.example.com"}, "EKSA_VSPHERE_USERNAME and EKSA_VSPHERE_PASSWORD not set", "Set EKSA_VSPHERE_USERNAME"},
		"proxy refuses": {via(listen(t, func(c net.Conn) {
			_, _ = http.ReadRequest(bufio.NewReader(c))
			_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
		})), "the proxy does not let through to the vCenter", "NO_PROXY"},
		"proxy is down": {via(closedPort(t)), "the proxy in front of the vCenter cannot be reached", "HTTPS_PROXY"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Connect(t.Context(), c.site)
			if failure.ExitCode(err) != failure.Preflight && failure.ExitCode(err) != failure.Configuration {
				t.Fatalf("the error is %v", err)
			}
			if !strings.Contains(err.Error(), c.summary) || !strings.Contains(failure.Remedy(err), c.remedy) {
				t.Errorf("the error is %v\nremedy %s", err, failure.Remedy(err))
			}
			if strings.Contains(err.Error(), simPassword) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestConnectRefusesOtherServers(t *testing.T) {
	old := newSim(t, func(m *simulator.Model) { m.ServiceContent.About.ApiVersion = "6.5" })
	host := newSim(t, func(m *simulator.Model) {
		m.ServiceContent.About.ApiType, m.ServiceContent.About.FullName = "HostAgent", "VMware ESXi 8.0.3"
	})
	for s, want := range map[*sim][2]string{
		old:  {"speaks version 6.5 of the vSphere API; 6.7 is the oldest supported", "Upgrade the vCenter"},
		host: {"the server is a VMware ESXi 8.0.3, not a vCenter", "to the vCenter that manages this host"},
	} {
		_, err := Connect(t.Context(), s.site)
		if failure.ExitCode(err) != failure.Preflight || !strings.Contains(err.Error(), want[0]) || !strings.Contains(failure.Remedy(err), want[1]) {
			t.Errorf("the error is %v, remedy %s", err, failure.Remedy(err))
		}
		results, _ := s.run()
		if c := results[CheckLogin]; c.Result != event.Failed || results[CheckDatacenter].Result != event.Skipped {
			t.Errorf("the check says %+v", c)
		}
	}
}

func TestConnectPins(t *testing.T) {
	s := newSim(t)
	met, err := meet(t.Context(), s.site)
	if err != nil {
		t.Fatal(err)
	}
	for name, thumbprint := range map[string]string{
		"SHA-1": met.SHA1(), "SHA-256": met.SHA256(), "lower case": strings.ToLower(met.SHA1()), "bare": strings.ReplaceAll(met.SHA256(), ":", ""),
	} {
		s.site.Thumbprint = thumbprint
		c, err := Connect(t.Context(), s.site)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.Close(t.Context())
	}
	s.site.Thumbprint = strings.Repeat("AB:", 19) + "AB"
	_, err = Connect(t.Context(), s.site)
	if err == nil || !strings.Contains(err.Error(), s.site.Thumbprint) || !strings.Contains(err.Error(), met.SHA1()) {
		t.Errorf("the error %v does not show both thumbprints", err)
	}
}

// A vCenter that takes connections and says nothing is given up.
func TestConnectTimesOut(t *testing.T) {
	silent := make(chan struct{})
	defer close(silent)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Connect(ctx, siteAt(listen(t, func(net.Conn) { <-silent })))
	if failure.ExitCode(err) != failure.Preflight || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("the error is %v", err)
	}
}

// tunnel is a proxy that leads every CONNECT to one address.
func tunnel(t *testing.T, to string) *url.URL {
	return &url.URL{Scheme: "http", Host: listen(t, func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		far, err := net.Dial("tcp", to)
		if err != nil {
			_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
			return
		}
		defer far.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, c) }()
		_, _ = io.Copy(c, far)
	})}
}

// The thumbprint must count behind a proxy too.
func TestConnectThroughProxy(t *testing.T) {
	s := newSite(t)
	s.site.Server = "vcenter.example.com"
	s.site.Proxy = http.ProxyURL(tunnel(t, s.server.URL.Host))
	s.connect()

	s.site.Thumbprint = strings.Repeat("AB:", 19) + "AB"
	if _, err := Connect(t.Context(), s.site); err == nil || !strings.Contains(err.Error(), "not the one that the configuration pins") {
		t.Errorf("the error is %v", err)
	}
}

// The SOAP API may let in whom the REST API does not.
func TestConnectReportsRESTRefusal(t *testing.T) {
	s := newSite(t)
	far := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "https", Host: s.server.URL.Host})
	far.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/rest/") {
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		far.ServeHTTP(w, r)
	}))
	front.TLS = &tls.Config{Certificates: []tls.Certificate{trusted}}
	front.StartTLS()
	t.Cleanup(front.Close)
	s.site.Server = front.Listener.Addr().String()
	if _, err := Connect(t.Context(), s.site); err == nil || !strings.Contains(err.Error(), "refused the login of") {
		t.Errorf("the error is %v", err)
	}
	if n := s.sessionsLeft(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// sessionsLeft is how many sessions there are beside the test's own.
func (s *sim) sessionsLeft() int {
	s.Helper()
	var m mo.SessionManager
	s.must(property.DefaultCollector(s.client.vim).RetrieveOne(s.Context(), *s.client.vim.ServiceContent.SessionManager, []string{"sessionList"}, &m))
	return len(m.SessionList) - 1
}

func TestSessionsEnd(t *testing.T) {
	s := newSite(t)
	if _, err := s.run(); err != nil {
		t.Fatal(err)
	}
	if n := s.sessionsLeft(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// A session that turns out to be of no use is ended too.
func TestSessionEndsWhenConnectFails(t *testing.T) {
	s := newSite(t)
	in := false
	s.model.Map().Handler = func(_ *simulator.Context, m *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if in && m.This.Type == "PropertyCollector" {
			in = false
			return nil, &types.NoPermission{PrivilegeId: "System.View"}
		}
		in = in || m.Name == "Login"
		return nil, nil
	}
	if _, err := Connect(t.Context(), s.site); err == nil || !strings.Contains(err.Error(), "refused the login") {
		t.Errorf("the error is %v", err)
	}
	if n := s.sessionsLeft(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// A vCenter that takes for ever to answer is left at once when asked to.
func TestSlowVCenterIsCancelable(t *testing.T) {
	s := newSite(t)
	asked, answer := make(chan struct{}, 100), make(chan struct{})
	defer close(answer)
	s.model.Map().Handler = func(_ *simulator.Context, m *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		if m.Name == "Login" {
			asked <- struct{}{}
			<-answer
		}
		return nil, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	results, err := preflight.Run(ctx, newSurvey(s.cfg, s.site).checks(), event.Discard)
	if failure.ExitCode(err) != failure.Interrupted {
		t.Errorf("the error is %v", err)
	}
	for _, r := range results {
		if r.Result == event.Failed {
			t.Errorf("an interruption is reported as %+v", r)
		}
	}
	if _, err := Connect(ctx, s.site); failure.ExitCode(err) != failure.Interrupted {
		t.Errorf("Connect says %v", err)
	}
}
