package node

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

const (
	// maxContent bounds what a compressed file unpacks to, in bytes.
	maxContent = 64 << 20

	defaultMode  = "0644" // cloud-init's
	defaultOwner = "root:root"
)

// writeFile is one entry of write_files.
type writeFile struct {
	Path        string   `json:"path"`
	Content     string   `json:"content,omitempty"`
	Encoding    string   `json:"encoding,omitempty"`
	Permissions fileMode `json:"permissions,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Append      bool     `json:"append,omitempty"`
}

// fileMode is a mode in octal, "" where none is given.
type fileMode string

// UnmarshalJSON implements json.Unmarshaler. A number has been read as octal
// by YAML already where it began with 0.
func (m *fileMode) UnmarshalJSON(data []byte) error {
	var mode uint64
	var text string
	if json.Unmarshal(data, &text) == nil {
		if text == "" {
			return nil
		}
		var err error
		if mode, err = strconv.ParseUint(strings.TrimPrefix(text, "0o"), 8, 32); err != nil {
			return fmt.Errorf("permissions %q are no octal number", text)
		}
	} else if err := json.Unmarshal(data, &mode); err != nil {
		return fmt.Errorf("permissions %s are no octal number", data)
	}
	if mode > 0o7777 {
		return fmt.Errorf("permissions %o are more than a file has", mode)
	}
	*m = fileMode(fmt.Sprintf("%04o", mode))
	return nil
}

// data is the content as it is to stand in the file.
func (f writeFile) data() ([]byte, error) {
	data := []byte(f.Content)
	encoding := strings.ToLower(strings.TrimSpace(f.Encoding))
	switch encoding {
	case "b64", "base64", "gz+b64", "gzip+b64", "gz+base64", "gzip+base64":
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(f.Content), ""))
		if err != nil {
			return nil, fmt.Errorf("%s: the content is no base64", f.Path)
		}
		data = decoded
	case "gz", "gzip", "", "text/plain":
	default:
		return nil, fmt.Errorf("%s: the encoding %q is not known", f.Path, f.Encoding)
	}
	if !strings.HasPrefix(encoding, "gz") {
		return data, nil
	}
	unpacked, err := gunzip(data)
	if err != nil {
		return nil, fmt.Errorf("%s: the content is no gzip: %w", f.Path, err)
	}
	return unpacked, nil
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	unpacked, err := io.ReadAll(io.LimitReader(r, maxContent+1))
	if err != nil {
		return nil, err
	}
	if len(unpacked) > maxContent {
		return nil, fmt.Errorf("it is larger than %d MiB", maxContent>>20)
	}
	return unpacked, nil
}

// call adds the file to the plan.
func (f writeFile) call(p *plan) error {
	if !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path || strings.ContainsAny(f.Path, "\n\r\t") {
		return fmt.Errorf("write_files: %q is no absolute path of a file", f.Path)
	}
	if strings.HasPrefix(f.Path, folder+"/") {
		return errors.New("write_files: " + folder + " is not to be written to")
	}
	data, err := f.data()
	if err != nil {
		return fmt.Errorf("write_files: %w", err)
	}
	mode, owner, verb := string(f.Permissions), f.Owner, "write_file"
	if f.Append {
		verb = "append_file"
	} else {
		if mode == "" {
			mode = defaultMode
		}
		if owner == "" {
			owner = defaultOwner
		}
	}
	p.call(verb, p.content(data), mode, owner, f.Path)
	return nil
}
