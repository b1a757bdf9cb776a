package pull

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"groundwork.dev/bootstrap/internal/failure"
)

// failed is the error that a person sees.
func failed(ctx context.Context, reference, arch string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("pull %s: %w", reference, ctx.Err())
	}
	var known *failure.Error
	if errors.As(err, &known) {
		return err
	}
	f := &failure.Error{
		Code: failure.Infrastructure, Object: reference, Err: err,
		Summary: "the image cannot be pulled",
		Remedy:  "see that this machine reaches the registry (a proxy is taken from HTTPS_PROXY); the same command goes on with what is there",
	}
	var other *errOther
	var answer *transport.Error
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &other):
		f.Code = failure.Configuration
		f.Summary = "the registry has another image under the release's reference"
		f.Remedy = "find out who changed it; a mirror keeps digests when images are copied with all their platforms, as `crane copy` does"
	case errors.As(err, &answer):
		f.Err = plain(answer)
		switch answer.StatusCode {
		case http.StatusNotFound:
			f.Summary = "the registry does not have the image"
			f.Remedy = "copy it to the registry that the reference names; bootstrap images list names all that are needed"
		case http.StatusUnauthorized, http.StatusForbidden:
			f.Summary = "the registry does not let the image be pulled"
			f.Remedy = "set authenticate in registryMirrorConfiguration, and REGISTRY_USERNAME and REGISTRY_PASSWORD in the environment"
		case http.StatusTooManyRequests:
			f.Summary = "the registry has been asked too often"
			f.Remedy = "wait and run the same command again: it goes on with what is there"
		}
	case errors.As(err, &unknown):
		f.Remedy = "put the authority that signed the registry's certificate into registryMirrorConfiguration.caCertContent, or among those that this machine trusts"
	case strings.Contains(err.Error(), "no child with platform"):
		f.Summary = "the registry does not have the image for linux/" + arch
		f.Remedy = "copy it with that platform too, or export for another --arch"
	}
	return f
}

// plain is the registry's answer without the request, which may hold a token.
func plain(answer *transport.Error) error {
	if len(answer.Errors) == 0 {
		return fmt.Errorf("the registry answers %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	var words []string
	for _, d := range answer.Errors {
		words = append(words, strings.TrimSpace(string(d.Code)+" "+d.Message))
	}
	return fmt.Errorf("the registry answers %d: %s", answer.StatusCode, strings.Join(words, "; "))
}
