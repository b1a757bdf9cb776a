package vcenter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"

	"groundwork.dev/bootstrap/internal/failure"
)

// userAgent names the program in the vCenter's session list.
const userAgent = "groundwork"

// minAPI is the oldest vSphere API that is supported: 6.7, which Cluster API
// Provider vSphere names as its floor.
var minAPI = [2]int{6, 7}

// Client is a session with a vCenter. It is safe for concurrent use.
type Client struct {
	vim      *vim25.Client
	rest     *rest.Client
	tags     *tags.Manager
	sessions *session.Manager
	// loggedIn says that there is a SOAP session to end.
	loggedIn bool
	// user is the session's user in the vCenter's own spelling, such as
	// VSPHERE.LOCAL\Administrator, which its privileges are asked for.
	user string
	// finder looks names up in the datacenter that UseDatacenter chose, as
	// Cluster API Provider vSphere does.
	finder     *find.Finder
	datacenter *object.Datacenter
}

// Connect logs in to the vCenter of site: to its SOAP API and to the REST API
// that knows about tags. Every error is a *failure.Error with the code
// Preflight that says which of the many things that can go wrong did, except
// when ctx was cancelled: then it wraps the context's cause. Close ends the
// session.
func Connect(ctx context.Context, site Site) (*Client, error) {
	u, err := site.url()
	if err != nil {
		return nil, err
	}
	if err := missingCredentials(site.Credentials, ""); err != nil {
		return nil, err
	}
	sc := soap.NewClient(u, false)
	sc.UserAgent = userAgent
	site.arrange(sc.DefaultTransport(), site.tlsConfig(u.Hostname()))
	vim, err := vim25.NewClient(ctx, sc)
	if err != nil {
		sc.CloseIdleConnections()
		return nil, explain(ctx, site, err)
	}
	if err := suits(site, vim.ServiceContent.About); err != nil {
		sc.CloseIdleConnections()
		return nil, err
	}
	c := &Client{vim: vim, rest: rest.NewClient(vim), sessions: session.NewManager(vim), finder: find.NewFinder(vim)}
	c.tags = tags.NewManager(c.rest)
	user := url.UserPassword(site.Username, site.Password.Reveal())
	if err := c.login(ctx, user); err != nil {
		c.Close(context.WithoutCancel(ctx))
		return nil, explain(ctx, site, err)
	}
	return c, nil
}

// login opens both sessions and learns the user's own spelling.
func (c *Client) login(ctx context.Context, user *url.Userinfo) error {
	if err := c.sessions.Login(ctx, user); err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	c.loggedIn = true
	us, err := c.sessions.UserSession(ctx)
	if err != nil {
		return fmt.Errorf("reading the session: %w", err)
	}
	if us == nil {
		return errors.New("the vCenter ended the session at once")
	}
	c.user = us.UserName
	if err := c.rest.Login(ctx, user); err != nil {
		return fmt.Errorf("logging in to the REST API: %w", err)
	}
	return nil
}

// Close ends the sessions, so that the vCenter's limited number of them is
// not used up, and the connections. It is best effort: a session that cannot
// be ended times out by itself.
func (c *Client) Close(ctx context.Context) {
	if c.rest.SessionID() != "" {
		_ = c.rest.Logout(ctx)
	}
	if c.loggedIn {
		_ = c.sessions.Logout(ctx)
	}
	c.rest.CloseIdleConnections()
	c.vim.CloseIdleConnections()
}

// About is the vCenter's own description, with its version and build.
func (c *Client) About() types.AboutInfo { return c.vim.ServiceContent.About }

// suits says whether what answered is a vCenter, and recent enough.
func suits(site Site, about types.AboutInfo) error {
	if about.ApiType != "VirtualCenter" {
		return &failure.Error{Code: failure.Preflight, Summary: fmt.Sprintf("the server is a %s, not a vCenter", about.FullName), Object: site.Server,
			Remedy: "Set spec.server of the VSphereDatacenterConfig to the vCenter that manages this host: machines cannot be cloned through an ESXi host alone."}
	}
	if olderThan(about.ApiVersion, minAPI) {
		return &failure.Error{Code: failure.Preflight, Summary: fmt.Sprintf("the vCenter speaks version %s of the vSphere API; %d.%d is the oldest supported", about.ApiVersion, minAPI[0], minAPI[1]),
			Object: site.Server, Remedy: "Upgrade the vCenter (" + about.FullName + ")."}
	}
	return nil
}

// olderThan compares the first two numbers of a version such as 8.0.3.0. A
// version that cannot be read is not called old.
func olderThan(version string, floor [2]int) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, err := strconv.Atoi(major)
	if err != nil {
		return false
	}
	b, err := strconv.Atoi(minor)
	if err != nil {
		b = 0
	}
	return a < floor[0] || a == floor[0] && b < floor[1]
}

// meet makes one TLS handshake with the vCenter, whoever vouches for it, and
// returns its certificate: whether there is something to talk to is another
// question than whether to trust it.
func meet(ctx context.Context, site Site) (trust, error) {
	u, err := site.url()
	if err != nil {
		return trust{}, err
	}
	var met trust
	t := &http.Transport{DisableKeepAlives: true}
	site.arrange(t, &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // nothing is sent; the certificate is judged by the caller
		VerifyConnection: func(state tls.ConnectionState) error {
			met = judge(state, u.Hostname())
			return errMet
		},
	})
	defer t.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return trust{}, fmt.Errorf("asking %s: %w", site.Server, err)
	}
	response, err := t.RoundTrip(request)
	if err == nil { // only where a proxy answers in the vCenter's place
		_ = response.Body.Close()
	}
	if met.leaf == nil {
		return trust{}, explain(ctx, site, err)
	}
	return met, nil
}

// errMet ends a handshake that was only made to see the certificate.
var errMet = errors.New("the certificate has been seen")
