package logfile_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/logfile"
)

func TestPrint(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	path := write(t, text.String())
	for lines, want := range map[int]string{
		-1: text.String(), 0: "", 1: "line 19999\n", 2: "line 19998\nline 19999\n",
		20_000: text.String(), 30_000: text.String(),
	} {
		var got strings.Builder
		if err := logfile.Print(t.Context(), &got, path, lines, false); err != nil {
			t.Fatal(err)
		}
		if got.String() != want {
			t.Errorf("the last %d lines are %d bytes, want %d", lines, got.Len(), len(want))
		}
	}
}

func TestPrintMissing(t *testing.T) {
	err := logfile.Print(t.Context(), io.Discard, filepath.Join(t.TempDir(), "none"), -1, true)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v, want fs.ErrNotExist", err)
	}
}

func TestPrintFollows(t *testing.T) {
	path := write(t, "one\n")
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- logfile.Print(ctx, w, path, -1, true) }()

	lines := bufio.NewScanner(r)
	lines.Scan()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("two\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if lines.Scan(); lines.Text() != "two" {
		t.Errorf("followed %q, want two", lines.Text())
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("the end of following is an error: %v", err)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
