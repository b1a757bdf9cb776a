package bundle

import (
	"groundwork.dev/bootstrap/internal/failure"
)

func newWeb(location, _ string, _ Options) (source, error) {
	return nil, &failure.Error{
		Code: failure.Configuration, Object: location,
		Summary: "bundles from a web server cannot be opened yet",
		Remedy:  "copy the bundle to this machine and name the folder",
	}
}
