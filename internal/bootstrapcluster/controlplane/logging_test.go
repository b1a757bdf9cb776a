package controlplane

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), LogFile)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	w := newLogWriter(path, 100, file)
	line := strings.Repeat("x", 39) + "\n"
	for range 7 { // two to a file
		if _, err := w.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := file.WriteString("a last word\n"); err != nil { // as the runtime would
		t.Fatal(err)
	}
	for name, want := range map[string]string{path: line + "a last word\n", path + ".1": line + line} {
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Errorf("%s holds %q, not %q: %v", filepath.Base(name), got, want, err)
		}
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v: %v", filepath.Base(name), info.Mode(), err)
		}
	}
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) != 2 {
		t.Errorf("files %v: %v", left, err)
	}
	if again := newLogWriter(path, 100, file); again.size == 0 {
		t.Error("a log that is there already counts as empty")
	}
}

func TestRefusalsAreLoggedWithoutTheObject(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(discreet{slog.NewTextHandler(&out, nil)}).With("a", "b").WithGroup("g")
	log.Warn(`rejected by webhook "validation.x": &errors.StatusError{"password"}`)
	log.Warn("something else: it is told")
	if got := out.String(); strings.Contains(got, "password") || !strings.Contains(got, "validation.x") || !strings.Contains(got, "it is told") {
		t.Errorf("logged %s", got)
	}
}
