package node

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// plan is work for a host as a tar: plan.sh, which calls functions of the
// script that unpacks it, and the contents that it names by number.
type plan struct {
	calls    strings.Builder
	contents [][]byte
	// extra are further files by their names.
	extra map[string][]byte
}

// call adds a call; every word reaches the function as it is.
func (p *plan) call(words ...string) {
	for i, word := range words {
		if i > 0 {
			p.calls.WriteByte(' ')
			word = quote(word)
		}
		p.calls.WriteString(word)
	}
	p.calls.WriteByte('\n')
}

// content adds a content and returns its name.
func (p *plan) content(data []byte) string {
	p.contents = append(p.contents, data)
	return fmt.Sprint(len(p.contents) - 1)
}

// tar is the plan as bytes; every file in it is root's alone.
func (p *plan) tar() ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	add := func(name string, data []byte) error {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		_, err := w.Write(data)
		return err
	}
	for i, data := range p.contents {
		if err := add(fmt.Sprint(i), data); err != nil {
			return nil, fmt.Errorf("packing the host's work: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.extra)) {
		if err := add(name, p.extra[name]); err != nil {
			return nil, fmt.Errorf("packing the host's work: %w", err)
		}
	}
	if err := add("plan.sh", []byte(p.calls.String())); err != nil {
		return nil, fmt.Errorf("packing the host's work: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("packing the host's work: %w", err)
	}
	return out.Bytes(), nil
}

// quote makes any text one word of the shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
