package workspace

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

const (
	// interfaceLog lies beside the clusters' folders.
	interfaceLog = "_interface.log"
	// interfaceLogSize is where that file is begun anew, in bytes: thousands
	// of preflights.
	interfaceLogSize = 4 << 20
)

// InterfaceLog opens the log of what the interface does outside any cluster's
// state, such as a preflight. root is as in Workspace.
func InterfaceLog(root string) (*slog.Logger, io.Closer, error) {
	root, err := StateRoot(root, false)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(root, interfaceLog)
	flags := os.O_CREATE | os.O_APPEND | os.O_WRONLY
	if info, err := os.Stat(path); err == nil && info.Size() > interfaceLogSize {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return slog.New(slog.NewTextHandler(file, nil)), file, nil
}
