package create

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/state"
)

// begun reports whether an earlier run kept its configuration, which it does
// just before it makes anything. This run then has to be about the same one,
// or to have consent for the change.
func begun(dir *state.Dir, cfg *v1alpha1.Config, accept bool) (bool, error) {
	before, err := dir.Configuration()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now, err := cfg.YAML()
	if err != nil || accept || bytes.Equal(before, now) {
		return true, err
	}
	return true, &failure.Error{
		Code: failure.Configuration, Object: "Cluster " + cfg.Cluster.Name,
		Summary: "the configuration differs from the one that this create began with:\n" +
			state.Difference(before, now),
		Remedy: "run it with the configuration as it was, or consent with --accept-changes",
	}
}

// keepConfiguration saves the effective configuration. From then on the
// cluster exists as far as this machine knows.
type keepConfiguration struct{ *installation }

func (*keepConfiguration) Name() string  { return "configuration" }
func (*keepConfiguration) Title() string { return "Keep the effective configuration" }

// Done is always false: an accepted change has to be kept too.
func (s *keepConfiguration) Done(context.Context) (bool, error) { return false, nil }

func (s *keepConfiguration) Run(context.Context) error {
	text, err := s.Config.YAML()
	if err != nil {
		return err
	}
	return s.State.SaveConfiguration(text)
}
