package progress

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

const (
	// logTail is how much of a log that was there before is read, in bytes:
	// more than the ring holds.
	logTail = 2 << 20
	// logChunk is how much is read at a time.
	logChunk = 256 << 10
)

// logReader reads what is added to a log file, also where the file is made
// anew. It is used by one goroutine at a time.
type logReader struct {
	path   string
	info   fs.FileInfo
	offset int64
	rest   []byte // a last line that has no end yet
}

// logged is what a look at a log file found.
type logged struct {
	lines []string
	// anew says that the file is another one than before.
	anew bool
	// more says that there is more to be read at once.
	more bool
}

// read reads what is new. A file that is not there has nothing.
func (r *logReader) read() (found logged, err error) {
	f, err := os.Open(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return logged{}, nil
	}
	if err != nil {
		return logged{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return logged{}, err
	}
	if r.info == nil || !os.SameFile(r.info, info) || info.Size() < r.offset {
		found.anew = r.info != nil
		r.rest = nil
		r.offset = max(0, info.Size()-logTail)
		if r.offset > 0 {
			// The line that it begins within is not shown.
			r.offset--
			if err := r.skipLine(f); err != nil {
				return found, err
			}
		}
	}
	r.info = info
	block := make([]byte, min(logChunk, max(0, info.Size()-r.offset)))
	n, err := f.ReadAt(block, r.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return found, err
	}
	r.offset += int64(n)
	found.more = r.offset < info.Size()
	data := append(r.rest, block[:n]...)
	end := bytes.LastIndexByte(data, '\n') + 1
	r.rest = bytes.Clone(data[end:])
	if end > 0 {
		found.lines = strings.Split(string(data[:end-1]), "\n")
	}
	return found, nil
}

func (r *logReader) skipLine(f *os.File) error {
	block := make([]byte, logChunk)
	n, err := f.ReadAt(block, r.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if i := bytes.IndexByte(block[:n], '\n'); i >= 0 {
		n = i + 1
	}
	r.offset += int64(n)
	return nil
}
