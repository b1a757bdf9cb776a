package hardwarefile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/hardware"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

func TestReaderReadsWhatHasChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts.csv")
	r := New(hardware.ForSSH())
	if got := r.Read(""); got.Path != "" || len(got.Notes("host")) > 0 {
		t.Errorf("without a path: %+v", got)
	}
	read := func() Contents {
		t.Helper()
		deadline := time.Now().Add(20 * time.Second)
		for {
			if c := r.Read(path); !c.Reading {
				return c
			}
			if time.Now().After(deadline) {
				t.Fatal("the file is never read")
			}
		}
	}
	if got := read(); len(got.Problems) != 1 || got.Notes("host")[0].Level != form.Error {
		t.Errorf("a missing file: %+v", got)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hostname,ip_address,labels\na,198.51.100.1,\n")
	if got := read(); len(got.Machines) != 1 || got.Notes("host")[0].Text != "hosts.csv: 1 host." {
		t.Errorf("one host: %+v", got)
	}
	write("hostname,ip_address,labels\na,198.51.100.1,\nb,198.51.100.1,x\n")
	got := read()
	var said []string
	for _, note := range got.Notes("host") {
		said = append(said, note.Text)
	}
	if text := strings.Join(said, "\n"); !strings.Contains(text, "Row 3, b, ip_address: ") || !strings.Contains(text, "Row 3, b, labels: ") || len(got.Machines) > 0 {
		t.Errorf("problems:\n%s", text)
	}
}

// TestReaderDoesNotWait covers a file that never answers, as on a server that
// is gone.
func TestReaderDoesNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	r := New()
	if got := r.Read(path); !got.Reading || got.Notes("server")[0].Text != "The file is being read." {
		t.Errorf("%+v", got)
	}
	if got := r.Read(path); !got.Reading {
		t.Errorf("%+v", got)
	}
	// The reader is let go.
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNotesAreBounded(t *testing.T) {
	c := Contents{Path: "hosts.csv"}
	for range 20 {
		c.Problems = append(c.Problems, hardware.Problem{Message: "wrong"})
	}
	notes := c.Notes("host")
	if len(notes) != shown+1 || notes[shown].Text != "And 12 more problems." || notes[0].Text != "Wrong" {
		t.Errorf("%+v", notes)
	}
}

func TestLabels(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"type=cp":               "type=cp",
		"type: cp":              "type=cp",
		" rack=a , type = cp ,": "rack=a, type=cp",
		"type=cp|rack=a\nx=y":   "rack=a, type=cp, x=y",
		"example.com/zone=a":    "example.com/zone=a",
		"empty=":                "empty=",
		"a=1,a=2":               "error: the label a is there twice",
		"cp":                    `error: "cp" is not a label`,
		"=cp":                   `error: "=cp" is not a label`,
	} {
		labels, err := ParseLabels(text)
		got := FormatLabels(labels)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	options := Labels([]map[string]string{{"type": "cp"}, {"type": "worker", "rack": "a"}, {"type": "worker"}}, "host")
	var got []string
	for _, o := range options {
		got = append(got, o.Value+" "+o.Detail)
	}
	if text := strings.Join(got, "; "); text != "rack=a 1 host; type=cp 1 host; type=worker 2 hosts" {
		t.Error(text)
	}
}

func TestPaths(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	here := t.TempDir()
	t.Chdir(here)
	d := draft.New(v1alpha1.SSHDatacenterKind, "racks")
	for typed, want := range map[string]string{
		"": "", "hosts.csv": filepath.Join(here, "hosts.csv"), "~/hosts.csv": "~/hosts.csv", "/srv/a": "/srv/a", "https://a/b": "https://a/b",
	} {
		if got := Portable(d, typed); got != want {
			t.Errorf("unsaved, %q becomes %q, want %q", typed, got, want)
		}
	}
	d.Path = "/site/racks.yaml"
	if got := Portable(d, "hosts.csv"); got != "hosts.csv" {
		t.Errorf("saved, it becomes %q", got)
	}
	for path, want := range map[string]string{"": "", "hosts.csv": "/site/hosts.csv", "~/hosts.csv": "/home/admin/hosts.csv", "/srv/a": "/srv/a"} {
		if got := Resolve(d, path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}

func TestNeeded(t *testing.T) {
	d := draft.New(v1alpha1.SSHDatacenterKind, "racks")
	second := d.AddGroup()
	d.ShareMachine(second, d.Machines()[1].Name)
	all := d.Machines()
	if got := Groups(all[0]); got != "Control plane" || Needed(d, all[0]) != 3 {
		t.Errorf("%s needs %d", got, Needed(d, all[0]))
	}
	if got := Groups(all[1]); got != "md-0, md-1" || Needed(d, all[1]) != 3 {
		t.Errorf("%s needs %d", got, Needed(d, all[1]))
	}
}
