package create

import (
	"context"
	"errors"
	"io/fs"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers"
)

// settledFile keeps what the provider settled with the site.
const settledFile = "settled.json"

// prepareSite has the provider make what the site lacks, and settle what the
// configuration leaves to it.
type prepareSite struct{ *installation }

func (*prepareSite) Name() string  { return "prepare-site" }
func (*prepareSite) Title() string { return "Prepare the site" }

// Done is always false: every run applies the objects again, and they have to
// be those of the settlement.
func (*prepareSite) Done(context.Context) (bool, error) { return false, nil }

func (s *prepareSite) Run(ctx context.Context) error {
	preparer, ok := s.session.Plan.Provider.(providers.Preparer)
	if !ok {
		return nil
	}
	record, err := s.State.ReadFile(settledFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	prepared, err := preparer.Prepare(ctx, record)
	for _, made := range prepared.Made {
		s.Sink.Emit(event.Event{Kind: event.Notice, Step: s.Name(), Message: made})
	}
	if err != nil {
		return err
	}
	return s.State.WriteFile(settledFile, prepared.Record)
}
