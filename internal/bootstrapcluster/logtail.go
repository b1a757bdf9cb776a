package bootstrapcluster

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	tailBytes = 4096
	tailLines = 5
)

// lastLines returns the end of the child's log, in one line.
func lastLines(dir string) string {
	file, err := os.Open(filepath.Join(dir, LogFile))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > tailBytes {
		_, err = file.Seek(-tailBytes, io.SeekEnd)
		if err != nil {
			return err.Error()
		}
	}
	data, err := io.ReadAll(io.LimitReader(file, tailBytes))
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	lines = lines[max(0, len(lines)-tailLines):]
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = strings.TrimSpace(string(line))
	}
	return strings.Join(texts, " | ")
}
