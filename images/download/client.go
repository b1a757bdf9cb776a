// Package download fetches files of a known digest over HTTPS: resumed where
// an earlier attempt ended, verified, and under their names only when whole.
package download

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
)

// Client fetches files. The zero value works; it is safe for concurrent use.
type Client struct {
	// Transport makes the requests; nil is one that trusts what the system
	// trusts and goes through the environment's proxy. No redirect away from
	// HTTPS is followed.
	Transport http.RoundTripper
	// Wait pauses before an attempt, the first being 1; nil waits a second
	// and twice as long every time.
	Wait func(ctx context.Context, attempt int) error
}

// attempts is how often a request is made in a row without one byte more than
// before.
const attempts = 5

// documentAttempts is the same for documents. They come first: a server that
// cannot be reached at all is told of soon.
const documentAttempts = 3

var standard = &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
	ForceAttemptHTTP2:     true,
	TLSHandshakeTimeout:   15 * time.Second,
	ResponseHeaderTimeout: 30 * time.Second,
	IdleConnTimeout:       time.Minute,
	MaxIdleConnsPerHost:   8,
	TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
}

func stayWithHTTPS(r *http.Request, via []*http.Request) error {
	if r.URL.Scheme != "https" {
		return final{fmt.Errorf("the server redirects to %s, which is not https", r.URL.Redacted())}
	}
	if len(via) >= 10 {
		return final{errors.New("the server redirects more than 10 times")}
	}
	return nil
}

func (c *Client) http() *http.Client {
	transport := c.Transport
	if transport == nil {
		transport = standard
	}
	return &http.Client{Transport: Stalling{Base: transport}, CheckRedirect: stayWithHTTPS}
}

// Pause waits before an attempt, the first being 1.
func (c *Client) Pause(ctx context.Context, attempt int) error {
	if c.Wait != nil {
		return c.Wait(ctx, attempt)
	}
	timer := time.NewTimer(time.Second << (attempt - 1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// CheckURL is an error unless address is an absolute https URL without a
// password in it.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return &failure.Error{
			Code: failure.Configuration, Summary: "this is not a URL", Object: address,
			Remedy: "give one such as https://files.example.com/v1.35",
		}
	}
	fail := func(summary, remedy string) error {
		return &failure.Error{Code: failure.Configuration, Summary: summary, Object: u.Redacted(), Remedy: remedy}
	}
	switch {
	case u.Scheme != "https":
		return fail("only https is fetched from, not "+u.Scheme, "serve the files over https, or copy them to this machine and name the folder")
	case u.Host == "":
		return fail("the URL names no host", "give one such as https://files.example.com/v1.35")
	case u.User != nil:
		return fail("the URL holds a user or password", "leave it out: configurations and logs are no place for one")
	}
	return nil
}

// final is an error that another attempt would not change.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// status is a response that is not what was asked for.
type status int

func (s status) Error() string {
	return fmt.Sprintf("the server answers %d %s", int(s), http.StatusText(int(s)))
}

// again says whether another attempt may help.
func again(err error) bool {
	var f final
	var s status
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &f), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid):
		return false
	case errors.As(err, &s):
		return s >= 500 || s == http.StatusTooManyRequests || s == http.StatusRequestTimeout
	}
	return true
}

// failed is the error that a person sees.
func failed(ctx context.Context, address string, err error) error {
	// A connection that times out looks like a passed deadline too: only the
	// caller's context tells.
	if ctx.Err() != nil {
		return fmt.Errorf("fetch %s: %w", address, ctx.Err())
	}
	var known *failure.Error
	if errors.As(err, &known) {
		return err
	}
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err // without the URL, which is the object
	}
	remedy := "see that this machine reaches the server; what has been fetched is kept, and the same command goes on from there"
	var s status
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &s) && s == http.StatusNotFound:
		remedy = "see that the URL is right and the server has the file"
	case errors.As(err, &s) && (s == http.StatusForbidden || s == http.StatusUnauthorized):
		remedy = "let this machine read the file without a login, or copy it here"
	case errors.As(err, &unknown):
		remedy = "add the authority that signed the server's certificate to those that this machine trusts, or name it in SSL_CERT_FILE"
	case !again(err) && strings.Contains(err.Error(), "certificate"):
		remedy = "give the server a valid certificate for that name"
	}
	return &failure.Error{Code: failure.Infrastructure, Summary: "the file cannot be fetched", Object: address, Err: err, Remedy: remedy}
}
