package progress

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/form"
)

// What the log file holds of an event is read as the event it was.
func TestEventsComeBackFromTheLog(t *testing.T) {
	var file bytes.Buffer
	sink := console.Log(slog.New(slog.NewTextHandler(&file, nil)))
	for _, e := range []event.Event{
		{Kind: event.StepStarted, Step: "workers", Message: "Bring up the workers"},
		{Kind: event.Waiting, Message: "m", Wait: &event.Wait{For: "workers ready", Object: "Machine a/b", LastWord: "says \"no\"\nand more"}},
		{Kind: event.MachineMoved, Machine: &event.Machine{Name: "b", Stage: event.StagePoweredOn, Address: "192.0.2.1", LastWord: "x=y z"}},
		{Kind: event.Checked, Message: "m", Check: &event.Check{Name: "login", Result: event.Failed, Want: "w", Found: "f", Remedy: "r"}},
		{Kind: event.StepFailed, Step: "workers", Message: "it broke", Remedy: "mend it"},
	} {
		sink.Emit(e)
	}
	var got []event.Event
	for text := range strings.Lines(file.String()) {
		r, ok := parseLine(text)
		if !ok {
			t.Fatalf("%q is not understood", text)
		}
		got = append(got, r.toEvent(newMachines()))
	}
	if len(got) != 5 || got[0].Step != "workers" || got[0].Message != "Bring up the workers" || got[0].Time.IsZero() {
		t.Fatalf("the events are %+v", got)
	}
	if w := got[1].Wait; w.For != "workers ready" || w.Object != "Machine a/b" || w.LastWord != "says \"no\"\nand more" {
		t.Errorf("the wait is %+v", w)
	}
	if m := got[2].Machine; m.Name != "b" || m.Stage != event.StagePoweredOn || m.Address != "192.0.2.1" || m.LastWord != "x=y z" {
		t.Errorf("the machine is %+v", m)
	}
	if c := got[3].Check; c.Name != "login" || c.Result != event.Failed || c.Want != "w" || c.Found != "f" || c.Remedy != "r" {
		t.Errorf("the check is %+v", c)
	}
	if got[4].Kind != event.StepFailed || got[4].Remedy != "mend it" {
		t.Errorf("the failure is %+v", got[4])
	}
}

func TestLinesOfOthersAreShownAsTheyAre(t *testing.T) {
	for _, c := range []struct {
		text, want string
		level      form.Level
	}{
		{`time=2026-03-02T10:30:00.000Z level=INFO msg="hello there" a=1 b="x y"`, "10:30:00 hello there  a=1  b=x y", form.Info},
		{`time=2026-03-02T10:30:00.000Z level=WARN+2 msg=careful`, "10:30:00 WARN+2 careful", form.Warning},
		{`time=2026-03-02T10:30:00.000Z level=ERROR msg="\x1b[31mred\x1b[0m"`, "10:30:00 ERROR [31mred [0m", form.Error},
		{"panic: \x1b]0;title\x07 oh\tno", "panic: ]0;title oh no", form.Info},
		{`goroutine 1 [running]: a="b`, `goroutine 1 [running]: a="b`, form.Info},
		{"", "", form.Info},
	} {
		got, _ := logLine(c.text, time.UTC)
		if got.text != c.want || got.level != c.level {
			t.Errorf("%q is shown as %q, level %d", c.text, got.text, got.level)
		}
	}
}

func TestTheLogIsReadOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	r := &logReader{path: path}
	read := func(want ...string) {
		t.Helper()
		var got []string
		for {
			found, err := r.read()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, found.lines...)
			if !found.more {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("read %q, want %q", got, want)
		}
	}
	write := func(flag int, text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	read()
	write(0, "one\ntwo\nthr")
	read("one", "two")
	write(os.O_APPEND, "ee\nfour\n")
	read("three", "four")
	read()
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(0, "anew\n")
	read("anew")
	write(os.O_TRUNC, "x\n")
	read("x")
	// Of a huge log only the end is read, from the beginning of a line.
	write(os.O_TRUNC, "")
	read()
	r = &logReader{path: path}
	long := strings.Repeat(strings.Repeat("y", 99)+"\n", logTail/100+1000)
	write(0, long)
	n := 0
	for {
		found, err := r.read()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range found.lines {
			if len(l) != 99 {
				t.Fatalf("a line is %d long", len(l))
			}
		}
		n += len(found.lines)
		if !found.more {
			break
		}
	}
	if n < logTail/100-1 || n > logTail/100+1 {
		t.Errorf("%d lines were read", n)
	}
}
