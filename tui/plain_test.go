package tui

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/wizard/autosave"
)

// answer gives answers to the plain questions, and is what was said.
func answer(t *testing.T, o *Options, answers ...string) (string, error) {
	t.Helper()
	var said bytes.Buffer
	o.Plain, o.Out = true, &said
	o.In = strings.NewReader(strings.Join(answers, "\n") + "\n")
	err := Run(t.Context(), *o)
	return said.String(), err
}

func says(t *testing.T, said string, texts ...string) {
	t.Helper()
	rest := said
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Fatalf("it does not say %q, or not in this order:\n%s", text, said)
		}
		rest = after
	}
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "demo.yaml")
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestPlainCreate(t *testing.T) {
	b := site()
	b.Checks = append(b.Checks, event.Check{Name: "space", Result: event.Warned, Want: "100 GiB", Found: "90 GiB", Remedy: "make room"})
	b.Expected = backend.Estimate{Total: 8 * time.Minute, Basis: "the last 3 creates here"}
	b.Events = []event.Event{{Kind: event.StepStarted, Step: "objects", Message: "Create the objects"}}
	path := copyOf(t, example)
	said, err := answer(t, options(t, b), "open a", path,
		"create", "no", // the warning is not accepted
		"create", "yes", "yes",
		"beginning", "leave")
	if err != nil {
		t.Fatalf("%v, after\n%s", err, said)
	}
	says(t, said, "Open a configuration file", "What now", "make room", "1 of them warn", "1 of them warn",
		"It is expected to take 8 minutes, going by the last 3 creates here.", "Create the cluster demo now", "Create the objects", "export KUBECONFIG=/state/demo/kubeconfig")
	if requests := b.Requests(); len(requests) != 1 || requests[0].Rehearsal || requests[0].AcceptChanges {
		t.Errorf("what was asked for: %+v", requests)
	}
	if strings.Contains(said, "\x1b") {
		t.Errorf("it sends control sequences: %q", said)
	}
}

// A configuration that differs from that of the cluster which is there needs
// its name.
func TestPlainChangesNeedTheName(t *testing.T) {
	b := site()
	b.Configurations = map[string]string{"demo": "something: else\n"}
	said, err := answer(t, options(t, b), "open a", copyOf(t, example), "create", "yes", "demo", "yes", "beginning", "leave")
	if err != nil {
		t.Fatalf("%v, after\n%s", err, said)
	}
	says(t, said, "-something: else", "Type the name", "that is not its name", "Create the cluster demo now")
	if requests := b.Requests(); len(requests) != 1 || !requests[0].AcceptChanges {
		t.Errorf("what was asked for: %+v", requests)
	}
}

func TestPlainResumeAsksForTheLogin(t *testing.T) {
	b := site()
	interrupted(t, b)
	said, err := answer(t, options(t, b), "go on with the cluster", "admin@vsphere.local", "letmein", "yes", "leave")
	if err != nil {
		t.Fatalf("%v, after\n%s", err, said)
	}
	says(t, said, "Go on with the cluster demo, which was interrupted", "User", "Password", "Create the cluster demo now")
	if b.Env.Getenv(passwordVariable) != "letmein" || len(b.Requests()) != 1 {
		t.Errorf("the password is %q, the requests are %v", b.Env.Getenv(passwordVariable), b.Requests())
	}
	if strings.Contains(said, "letmein") {
		t.Error("the password is said")
	}
}

func TestPlainRehearsal(t *testing.T) {
	b := site()
	said, err := answer(t, options(t, b), "example", "yes", "leave")
	if err != nil {
		t.Fatalf("%v, after\n%s", err, said)
	}
	says(t, said, "Rehearse the cluster example now", "Nothing real was touched")
	if requests := b.Requests(); len(requests) != 1 || !requests[0].Rehearsal {
		t.Errorf("what was asked for: %+v", requests)
	}
}

func TestPlainSave(t *testing.T) {
	o := options(t, site())
	path := copyOf(t, example)
	into := filepath.Join(t.TempDir(), "saved.yaml")
	if err := os.WriteFile(into, []byte("of another"), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := answer(t, o, "open a", path, "save", into, "no", "save", into, "yes", "beginning", "leave")
	if err != nil {
		t.Fatalf("%v, after\n%s", err, said)
	}
	says(t, said, "Replace it", "Replace it", "Saved. The same cluster is made by: bootstrap create cluster -f "+into)
	if text, err := os.ReadFile(into); err != nil || !bytes.Contains(text, []byte("name: demo")) {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

// The answers are kept where the input ends half way.
func TestPlainQuitHalfWay(t *testing.T) {
	o := options(t, &backendtest.Backend{Answers: backendtest.Answers{KnownClusters: []backend.Cluster{}}})
	said, err := answer(t, o, "over SSH", "half")
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("it ends with %v", err)
	}
	says(t, said, "The answers so far are kept")
	kept, err := autosave.List(o.StateRoot)
	if err != nil || len(kept) != 1 || kept[0].Cluster != "half" {
		t.Errorf("kept is %+v, %v", kept, err)
	}
	said, _ = answer(t, o, "answers for half")
	says(t, said, "Go on with the answers for half")
}
