package download

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// Cached is the file's path in a cache folder, where it is fetched if it is
// not there. One that is there is read once: a cache can be damaged too.
// onBytes is Fetch's.
func (c *Client) Cached(ctx context.Context, f File, dir string, onBytes func(int64)) (string, error) {
	path := filepath.Join(dir, f.SHA256)
	right, err := isRight(ctx, path, f.SHA256)
	switch {
	case err == nil && right:
		return path, nil
	case err == nil:
		if err := os.Remove(path); err != nil {
			return "", fmt.Errorf("remove a damaged file from the cache: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	return path, c.Fetch(ctx, f, path, onBytes)
}

func isRight(ctx context.Context, path, sum string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, reader{ctx, f}); err != nil {
		return false, err
	}
	return hex.EncodeToString(hash.Sum(nil)) == sum, nil
}
