package download

import (
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/failure"
)

// CacheDir is the folder of fetched files, each under its digest:
// groundwork/files in the user's cache folder.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", &failure.Error{
			Code: failure.Configuration, Err: err,
			Summary: "there is no folder to keep fetched files in",
			Remedy:  "set XDG_CACHE_HOME or HOME",
		}
	}
	return filepath.Join(dir, "groundwork", "files"), nil
}
