package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/state"
)

func TestInterfaceLog(t *testing.T) {
	root := filepath.Join(t.TempDir(), "state")
	path := filepath.Join(root, interfaceLog)
	say := func(text string) string {
		t.Helper()
		log, file, err := InterfaceLog(root)
		if err != nil {
			t.Fatal(err)
		}
		log.Info(text)
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	say("first")
	if got := say("second"); !strings.Contains(got, "first") || !strings.Contains(got, "second") {
		t.Errorf("the log holds %q; want both lines", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if err := os.Truncate(path, interfaceLogSize+1); err != nil {
		t.Fatal(err)
	}
	if got := say("third"); len(got) > 200 || !strings.Contains(got, "third") {
		t.Errorf("after it has grown it holds %d bytes", len(got))
	}
	if names, err := state.List(root); err != nil || len(names) != 0 {
		t.Errorf("the clusters are %v, %v; want none", names, err)
	}
	if _, err := state.Open(root, "demo"); err != nil {
		t.Errorf("a state beside it: %v", err)
	}
}
