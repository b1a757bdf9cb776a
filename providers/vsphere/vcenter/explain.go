package vcenter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"

	"groundwork.dev/bootstrap/internal/failure"
)

// explain turns what went wrong on the way to a vCenter, or at its door, into
// an error that says what to do about it.
func explain(ctx context.Context, site Site, err error) error {
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	var own *failure.Error
	if errors.As(err, &own) {
		return err
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return fmt.Errorf("connecting to the vCenter %s was stopped: %w", site.Server, context.Cause(ctx))
	}
	e := &failure.Error{Code: failure.Preflight, Object: site.Server, Err: plain(err)}
	var (
		untrusted *untrustedError
		proxied   *proxyError
		unnamed   *net.DNSError
		timed     net.Error
		notTLS    tls.RecordHeaderError
		operation *net.OpError
	)
	switch {
	case errors.As(err, &untrusted):
		e.Summary, e.Remedy = "the vCenter's certificate is not trusted", untrusted.remedy()
		if untrusted.pinned != "" {
			e.Summary = "the vCenter's certificate is not the one that the configuration pins"
		}
		e.Err = untrusted
	case isLoginRefused(err):
		e.Summary = fmt.Sprintf("the vCenter refused the login of %q", site.Username)
		e.Remedy = fmt.Sprintf("Check %s (with its domain, such as name@vsphere.local) and %s, and that the account is neither locked nor expired.", UsernameVariable, PasswordVariable)
		e.Err = nil // the vCenter's word for it says no more
	case errors.As(err, &proxied):
		e.Summary = "the proxy does not let through to the vCenter"
		e.Remedy = "Have the proxy allow CONNECT to the vCenter, or add the vCenter to NO_PROXY."
		e.Err = proxied
	case errors.As(err, &operation) && operation.Op == "proxyconnect":
		e.Summary = "the proxy in front of the vCenter cannot be reached"
		e.Remedy = "Check HTTPS_PROXY, or add the vCenter to NO_PROXY."
	case errors.As(err, &unnamed):
		e.Summary = "the vCenter's name does not resolve"
		e.Remedy = "Check spec.server of the VSphereDatacenterConfig and this machine's DNS."
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Summary = "the vCenter refuses connections"
		e.Remedy = "Check that it is running and that spec.server of the VSphereDatacenterConfig has its address; a firewall may refuse in its place."
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		e.Summary = "there is no route to the vCenter"
		e.Remedy = "Check this machine's network and spec.server of the VSphereDatacenterConfig."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		e.Summary = "the vCenter did not answer in time"
		e.Remedy = "Check that it is running, that no firewall drops port 443 between it and this machine, and its load."
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		e.Summary = "the connection to the vCenter breaks off"
		e.Remedy = "Check that it is running and not just starting, that spec.server of the VSphereDatacenterConfig is right, and what stands between it and this machine."
	case errors.As(err, &notTLS), isNotVCenter(err):
		e.Summary = "what answers there is not a vCenter"
		e.Remedy = "Check spec.server of the VSphereDatacenterConfig."
	default:
		e.Summary = "the vCenter did not let us in"
		e.Remedy = "Run the command again; if it stays, look at the vCenter's own state."
	}
	return e
}

// plain drops the "Post https://…" that net/http puts before every cause.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func isLoginRefused(err error) bool {
	if fault.Is(err, &types.InvalidLogin{}) || fault.Is(err, &types.NoPermission{}) {
		return true
	}
	for ; err != nil; err = errors.Unwrap(err) { // govmomi does not look into wrapped errors itself
		if rest.IsStatusError(err, http.StatusUnauthorized) || rest.IsStatusError(err, http.StatusForbidden) {
			return true
		}
	}
	return false
}

// isNotVCenter recognises answers that no vSphere API gives: another status
// than a fault's, or something else than its XML.
func isNotVCenter(err error) bool {
	var syntax *xml.SyntaxError
	var unexpected xml.UnmarshalError
	return errors.As(err, &syntax) || errors.As(err, &unexpected) || soapStatus(err)
}

// soapStatus reports whether the SOAP endpoint answered with a plain HTTP
// error; govmomi keeps that type to itself, but it alone has Temporary
// without Timeout inside a *url.Error.
func soapStatus(err error) bool {
	var u *url.Error
	if !errors.As(err, &u) {
		return false
	}
	_, temporary := u.Err.(interface{ Temporary() bool })
	_, timeout := u.Err.(interface{ Timeout() bool })
	return temporary && !timeout
}

// proxyError is a proxy's refusal to connect.
type proxyError struct{ proxy, status string }

func (e *proxyError) Error() string { return fmt.Sprintf("%s answered %s", e.proxy, e.status) }

// refuseProxyErrors keeps what net/http would reduce to a status text.
func refuseProxyErrors(_ context.Context, proxy *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{proxy: proxy.Redacted(), status: response.Status}
}
