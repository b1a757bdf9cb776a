package controlplane

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"

	"groundwork.dev/bootstrap/internal/manager"
)

var errParentGone = errors.New("the parent has ended")

// obey does what the parent says until there is no parent.
func obey(commands io.Reader, log *slog.Logger, cancel context.CancelCauseFunc) {
	decoder := json.NewDecoder(commands)
	for {
		var c Command
		if err := decoder.Decode(&c); err != nil {
			cancel(errParentGone)
			return
		}
		if on := c.MachineSetPreflightChecks; on != nil {
			if err := manager.SetMachineSetPreflightChecks(*on); err != nil {
				log.Error("cannot switch the preflight checks of MachineSets", "error", err)
			}
		}
	}
}
