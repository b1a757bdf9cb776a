package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
)

// digest is a file's SHA-256 in hexadecimal, and its size in bytes.
func digest(ctx context.Context, path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, reader{ctx, f})
	return hex.EncodeToString(hash.Sum(nil)), n, err
}

// copyFile copies a program into a new file in dir.
func copyFile(ctx context.Context, source, dir string) (string, error) {
	from, err := os.Open(source)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(dir, "binary-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, reader{ctx, from})
	err = errors.Join(err, to.Chmod(0o755), to.Sync(), to.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	return to.Name(), nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
