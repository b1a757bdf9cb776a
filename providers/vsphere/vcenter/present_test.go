package vcenter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
)

// TestPresent makes sure that what is shown is the configuration's form, and
// that nobody logs in.
func TestPresent(t *testing.T) {
	s := newSim(t)
	pinned := s.site.Thumbprint
	s.site.Thumbprint, s.site.Username, s.site.Password = "", "", secret.String{}
	got, err := Present(t.Context(), s.site)
	s.must(err)
	if got.Thumbprint != pinned {
		t.Errorf("thumbprint %s, want %s", got.Thumbprint, pinned)
	}
	if len(got.SHA256) != 32*3-1 || got.Subject == "" || got.Issuer == "" || got.NotAfter.IsZero() || !slices.Contains(got.Names, "127.0.0.1") {
		t.Errorf("%+v", got)
	}
	if got.Trusted || !strings.Contains(got.Untrusted, "unknown authority") {
		t.Errorf("trusted %t: %s", got.Trusted, got.Untrusted)
	}
}

func TestPresentErrors(t *testing.T) {
	if _, err := Present(t.Context(), Site{Server: "127.0.0.1:1"}); failure.Remedy(err) == "" || !strings.Contains(err.Error(), "refuses connections") {
		t.Errorf("%v", err)
	}
	if _, err := Present(t.Context(), Site{Server: "https://vcenter"}); failure.ExitCode(err) != failure.Configuration {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSim(t)
	if _, err := Present(ctx, s.site); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
