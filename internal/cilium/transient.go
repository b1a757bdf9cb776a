package cilium

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// passing are what errors say that Helm has turned into text.
var passing = []string{
	"connection refused", "connection reset", "no route to host", "network is unreachable", "i/o timeout",
	"TLS handshake timeout", "Client.Timeout exceeded", "unexpected EOF", "http2: client connection lost",
	"etcdserver: leader changed", "etcdserver: request timed out", "the server is currently unable to handle the request",
}

// transient reports whether an error may be gone a moment later: the API was
// not reached, or could not answer. A control plane that is coming up, or
// whose leader has just been lost, answers so.
func transient(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() || errors.Is(err, io.ErrUnexpectedEOF) || isEOF(err) ||
		utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsHTTP2ConnectionLost(err) ||
		apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err) {
		return true
	}
	text := err.Error()
	for _, part := range passing {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// isEOF reports whether a connection was closed before the answer.
func isEOF(err error) bool {
	var request *url.Error
	return errors.As(err, &request) && errors.Is(request.Err, io.EOF)
}
