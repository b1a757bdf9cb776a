package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with the file name in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant, from %s:\n%s", got, path, want)
	}
}

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// report stands for a report of a command.
type report struct {
	Cluster string `json:"cluster"`
}

func (r report) String() string { return "Cluster " + r.Cluster + " is ready\n\nPHASE  SECONDS\n" }

// story has every kind of event.
func story() []event.Event {
	wait := func(lastWord string) *event.Wait {
		return &event.Wait{For: "control plane initialised", Object: "Cluster eksa-system/demo", Since: began.Add(4 * time.Second), LastWord: lastWord}
	}
	machine := event.Machine{Name: "demo-7x2kq", Role: "control-plane", Stage: event.StageCloning, Since: began.Add(5 * time.Second)}
	addressed := machine
	addressed.Stage, addressed.Address, addressed.LastWord = event.StageAddressed, "10.0.0.17", "* NodeHealthy: Waiting for\n  the <Node>"
	chatty := addressed
	chatty.LastWord = "* NodeHealthy: still waiting"
	at := func(d time.Duration, e event.Event) event.Event { e.Time = began.Add(d); return e }
	const s = time.Second
	return []event.Event{
		at(0, event.Event{Kind: event.StepStarted, Step: "preflight", Message: "Check the site"}),
		at(s/2, event.Event{Kind: event.Checked, Check: &event.Check{Name: "datastore", Result: event.Passed, Want: "/dc/datastore/ssd with 150 GiB free", Found: "512 GiB free"}}),
		at(s/2, event.Event{Kind: event.Checked, Check: &event.Check{Name: "template", Result: event.Failed, Want: "/dc/vm/ubuntu", Found: "nothing of that name", Remedy: "import the template"}}),
		at(s/2, event.Event{Kind: event.Checked, Check: &event.Check{Name: "clock", Result: event.Warned, Want: "less than 5 s of difference", Remedy: "set up NTP"}}),
		at(s/2, event.Event{Kind: event.Checked, Check: &event.Check{Name: "snapshot", Result: event.Skipped, Want: "a snapshot"}}),
		at(s, event.Event{Kind: event.StepFinished, Step: "preflight", Message: "Check the site", Elapsed: 1}),
		at(s, event.Event{Kind: event.StepSkipped, Step: "objects", Message: "Create the Cluster API objects"}),
		at(4*s, event.Event{Kind: event.StepStarted, Step: "control-plane", Message: "Bring up the control plane"}),
		at(4*s, event.Event{Kind: event.Waiting, Wait: wait("")}),
		at(5*s, event.Event{Kind: event.MachineMoved, Machine: &machine}),
		at(6*s, event.Event{Kind: event.Waiting, Wait: wait("too soon after the last")}),
		at(9*s, event.Event{Kind: event.Waiting, Wait: wait("cloning the\nmachine")}),
		at(11*s, event.Event{Kind: event.Waiting, Wait: wait("cloning the\nmachine")}), // says nothing new
		at(39*s, event.Event{Kind: event.Waiting, Wait: wait("cloning the\nmachine")}), // but after a while it goes on
		at(65*s+300*time.Millisecond, event.Event{Kind: event.MachineMoved, Machine: &addressed}),
		at(66*s, event.Event{Kind: event.MachineMoved, Machine: &chatty}), // has not moved
		at(70*s, event.Event{Kind: event.Notice, Message: "kubeconfig: /state/demo/kubeconfig"}),
		at(70*s, event.Event{Kind: event.Warning, Message: "no network plugin was installed", Remedy: "install Cilium"}),
		at(3600*s, event.Event{Kind: event.StepFailed, Step: "control-plane", Message: "Bring up the control plane: the VM has no address", Elapsed: 3596, Remedy: "look at the DHCP server"}),
		at(3660*s, event.Event{Kind: event.StepUndone, Step: "objects", Message: "Create the Cluster API objects", Elapsed: 61.4}),
		at(3661*s, event.Event{Kind: event.Reported, Report: report{Cluster: "demo"}}),
	}
}

func tellAll(s event.Sink) {
	for _, e := range story() {
		s.Emit(e)
	}
}

func TestText(t *testing.T) {
	var out bytes.Buffer
	tellAll(New(&out, Text))
	golden(t, "text.golden", out.String())
}

func TestTextOnTerminal(t *testing.T) {
	var out bytes.Buffer
	tellAll(newText(&out, terminal{colours: true, width: func() int { return 60 }}))
	golden(t, "terminal.golden", out.String())
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	tellAll(New(&out, JSON))
	golden(t, "json.golden", out.String())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(story()) {
		t.Errorf("%d lines for %d events", len(lines), len(story()))
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	tellAll(Log(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))))
	golden(t, "log.golden", out.String())
}

// problems stands for the list of a configuration's problems.
type problems []struct {
	File    string `json:"file"`
	Message string `json:"message"`
}

func (p problems) Error() string {
	var lines []string
	for _, one := range p {
		lines = append(lines, one.File+": "+one.Message)
	}
	return strings.Join(lines, "\n")
}

func TestError(t *testing.T) {
	full := &failure.Error{
		Code: failure.Infrastructure, Summary: "the machine has no address", Object: "Machine eksa-system/demo-1",
		Remedy: "look at the DHCP server\nof the network", Err: errors.New("waiting for\x1b[2J <address>"),
	}
	list := problems{{"a.yaml:3", "unknown field"}, {"a.yaml:7", "missing"}}
	var out bytes.Buffer
	for _, err := range []error{
		full,
		fmt.Errorf("make the cluster: %w", full),
		errors.New("something\nelse"),
		errors.Join(errors.New("close the journal"), full),
		fmt.Errorf("first %w, then %w", full, io.EOF),
		&failure.Error{Code: failure.Configuration, Summary: "the configuration cannot be used", Err: list},
	} {
		for _, format := range []Format{Text, JSON} {
			Error(&out, err, format)
		}
		out.WriteByte('\n')
	}
	golden(t, "error.golden", out.String())
}

// A file or a pipe never gets colours or cut lines.
func TestNotATerminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, w := range []io.Writer{f, &bytes.Buffer{}} {
		if got := terminalOf(w); got.colours || got.width != nil {
			t.Errorf("%T counts as a terminal: %+v", w, got)
		}
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0:00.0",
		950 * time.Millisecond:        "0:00.9",
		61*time.Second + 50e6:         "1:01.0",
		3599*time.Second + 990e6:      "59:59.9",
		2*time.Hour + 3*time.Minute:   "2:03:00.0",
		100*time.Hour + 9*time.Second: "100:00:09.0",
	} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %q; want %q", d, got, want)
		}
	}
}
