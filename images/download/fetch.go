package download

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/failure"
)

// File is what is fetched.
type File struct {
	URL string
	// SHA256 is the content's digest in lower-case hexadecimal.
	SHA256 string
	// Size is the content's length in bytes, 0 where it is not known.
	Size int64
}

// Partial is what is added to a file's name until it is whole.
const Partial = ".part"

// Fetch brings a file to path, mode 0600. Where path is there already,
// nothing is done: it is taken to be whole. Of several processes that fetch
// to one path, one does it and the others wait. onBytes, which may be nil, is
// told the bytes that came in since it was called last; negative when they
// turned out to be useless.
func (c *Client) Fetch(ctx context.Context, f File, path string, onBytes func(int64)) error {
	if err := CheckURL(f.URL); err != nil {
		return err
	}
	if onBytes == nil {
		onBytes = func(int64) {}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	part, err := lockPart(ctx, path)
	if part == nil || err != nil {
		return err
	}
	defer part.Close()
	t := &transfer{client: c, file: f, part: part, onBytes: onBytes, hash: sha256.New()}
	if err := t.run(ctx); err != nil {
		return failed(ctx, f.URL, err)
	}
	if err := part.Sync(); err != nil {
		return err
	}
	return os.Rename(path+Partial, path)
}

// transfer fills a partial file.
type transfer struct {
	client  *Client
	file    File
	part    *os.File
	onBytes func(int64)
	// hash is of the have bytes that are in part.
	hash hash.Hash
	have int64
}

// run makes attempts until the content is there and right.
func (t *transfer) run(ctx context.Context) error {
	if err := t.resume(ctx); err != nil {
		return err
	}
	resumed := t.have > 0
	for attempt := 1; ; {
		before := t.have
		err := t.attempt(ctx)
		if err == nil {
			if err = t.compare(); err == nil {
				return nil
			}
			if !resumed {
				return errors.Join(err, t.restart())
			}
			// What an earlier run left may be of another file: once more from
			// the beginning.
			resumed = false
			if err := t.restart(); err != nil {
				return err
			}
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !again(err) {
			return err
		}
		if t.have > before {
			attempt = 1
		}
		if attempt == attempts {
			return err
		}
		if err := t.client.Pause(ctx, attempt); err != nil {
			return err
		}
		attempt++
	}
}

// resume takes in what an earlier run has left.
func (t *transfer) resume(ctx context.Context) error {
	n, err := io.Copy(t.hash, reader{ctx, t.part})
	if err != nil {
		return err
	}
	t.have = n
	t.onBytes(n)
	if t.file.Size > 0 && n > t.file.Size {
		return t.restart()
	}
	return nil
}

// restart drops what is there.
func (t *transfer) restart() error {
	t.onBytes(-t.have)
	t.have = 0
	t.hash.Reset()
	if _, err := t.part.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return t.part.Truncate(0)
}

// attempt makes one request and takes in what it brings.
func (t *transfer) attempt(ctx context.Context) error {
	if t.file.Size > 0 && t.have == t.file.Size {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, t.file.URL, nil)
	if err != nil {
		return final{err}
	}
	// Compression on the way would make ranges mean something else.
	request.Header.Set("Accept-Encoding", "identity")
	if t.have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", t.have))
	}
	response, err := t.client.http().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case t.have > 0 && response.StatusCode == http.StatusPartialContent:
		var from, to int64
		if _, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-%d/", &from, &to); err != nil || from != t.have {
			return final{fmt.Errorf("the server sends another range than asked for: %q", response.Header.Get("Content-Range"))}
		}
	case t.have > 0 && response.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		if t.file.Size == 0 {
			return nil // there is no more; the digest tells whether it is whole
		}
		return t.restartFor(status(response.StatusCode))
	case response.StatusCode != http.StatusOK:
		return status(response.StatusCode)
	case t.have > 0: // the server knows no ranges
		if err := t.restart(); err != nil {
			return err
		}
	}
	return t.take(response.Body)
}

func (t *transfer) restartFor(err error) error {
	if restart := t.restart(); restart != nil {
		return restart
	}
	return errors.Join(errors.New("what is there already does not fit"), err)
}

// take appends a response's body.
func (t *transfer) take(body io.Reader) error {
	if t.file.Size > 0 {
		body = io.LimitReader(body, t.file.Size-t.have+1)
	}
	buffer := make([]byte, 256<<10)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := t.part.Write(buffer[:n]); err != nil {
				return final{err}
			}
			t.hash.Write(buffer[:n])
			t.have += int64(n)
			t.onBytes(int64(n))
		}
		if t.file.Size > 0 && t.have > t.file.Size {
			return final{errors.Join(fmt.Errorf("the server sends more than %d bytes", t.file.Size), t.restart())}
		}
		switch {
		case errors.Is(err, io.EOF):
			if t.file.Size > 0 && t.have < t.file.Size {
				return fmt.Errorf("the server ends after %d of %d bytes: %w", t.have, t.file.Size, io.ErrUnexpectedEOF)
			}
			return nil
		case err != nil:
			return err
		}
	}
}

// compare is an error when the content is another one.
func (t *transfer) compare() error {
	if got := hex.EncodeToString(t.hash.Sum(nil)); got != t.file.SHA256 {
		return &failure.Error{
			Code: failure.Configuration, Object: t.file.URL,
			Summary: fmt.Sprintf("the server has another file: its digest is sha256:%s, not sha256:%s", got, t.file.SHA256),
			Remedy:  "find out who changed it before using it; a proxy that answers with a page of its own looks like this too",
		}
	}
	return nil
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

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
