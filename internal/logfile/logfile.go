// Package logfile prints and follows log files.
package logfile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/nxadm/tail"
)

// chunk is how much of the file is read at a time, from its end, in bytes.
const chunk = 64 << 10

// Print writes the last lines of the file at path to w, all of them where
// lines is negative. With follow it goes on with what is added, also after
// the file was rotated, until ctx ends, which is no error then. A missing file
// is an fs.ErrNotExist.
func Print(ctx context.Context, w io.Writer, path string, lines int, follow bool) error {
	offset, err := lastLines(path, lines)
	if err != nil {
		return err
	}
	t, err := tail.TailFile(path, tail.Config{
		Location: &tail.SeekInfo{Offset: offset, Whence: io.SeekStart},
		Follow:   follow, ReOpen: follow, MustExist: true, Logger: tail.DiscardingLogger,
		// What is written between the end of reading and the beginning of
		// watching is never told by inotify, and on network file systems
		// nothing is.
		Poll: true,
	})
	if err != nil {
		return fmt.Errorf("read the log %s: %w", path, err)
	}
	defer t.Cleanup()
	for {
		select {
		case line, more := <-t.Lines:
			if !more {
				return t.Wait() // Lines is closed a moment before the reading has ended
			}
			if line.Err != nil {
				return fmt.Errorf("read the log %s: %w", path, line.Err)
			}
			if _, err := fmt.Fprintln(w, line.Text); err != nil {
				return err
			}
		case <-ctx.Done():
			return t.Stop()
		}
	}
}

// lastLines is the offset at which the last lines of the file begin.
func lastLines(path string, lines int) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || lines < 0 {
		return 0, err
	}
	// The newline that ends the last line begins no further one.
	for at, found := end, -1; at > 0; {
		size := min(chunk, at)
		at -= size
		block := make([]byte, size)
		if _, err := f.ReadAt(block, at); err != nil {
			return 0, err
		}
		for i := bytes.LastIndexByte(block, '\n'); i >= 0; i = bytes.LastIndexByte(block[:i], '\n') {
			if found++; found == lines {
				return at + int64(i) + 1, nil
			}
		}
	}
	return 0, nil
}
