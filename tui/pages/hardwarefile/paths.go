package hardwarefile

import (
	"os"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/tui/draft"
)

// Resolve is the path that a path in the configuration stands for; "" where
// none is written or it cannot be known.
func Resolve(d *draft.Draft, path string) string {
	if rest, found := strings.CutPrefix(path, "~/"); found {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		return filepath.Join(home, rest)
	}
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(d.FileName()), path)
}

// Portable is a path as it was typed, for the configuration. Until that has a
// file, nobody knows which folder it would be relative to: it is made
// absolute.
func Portable(d *draft.Draft, path string) string {
	path = strings.TrimSpace(path)
	if path == "" || d.Path != "" || strings.HasPrefix(path, "~") || strings.Contains(path, "://") || strings.ContainsAny(path, "\n\r") {
		return path
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}
