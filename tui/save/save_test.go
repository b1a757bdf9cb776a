package save

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// begin opens the screen in an empty folder with a draft of a new cluster.
func begin(t *testing.T, width, height int, change func(*draft.Draft)) (*tuitest.Driver, *draft.Draft, *string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("HOME", "/home/admin")
	d := draft.New(v1alpha1.VSphereDatacenterKind, "demo")
	if change != nil {
		change(d)
	}
	saved := ""
	screen := New(tuitest.Env(), Options{Draft: d, Saved: func(path string) { saved = path }})
	return tuitest.Body(t, screen, width, height), d, &saved
}

func TestScreens(t *testing.T) {
	for size, wh := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(size, func(t *testing.T) {
			demo := draft.New(v1alpha1.VSphereDatacenterKind, "demo")
			demo.Path = "/none/such/demo.yaml"
			demo.Config.Cluster.Spec.LicenseToken = v1alpha1.Token{String: secret.New("hidden")}
			demo.Changed()
			d := tuitest.Body(t, New(tuitest.Env(), Options{Draft: demo}), wh[0], wh[1])
			d.Wait("no such file or directory", "mode 0600")
			d.Press("enter")
			d.Wait("make the folder first")
			d.Golden("error-" + size)
		})
	}
}

func TestListsFoldersAndConfigurationsThere(t *testing.T) {
	d, _, _ := begin(t, 80, 24, func(*draft.Draft) {
		for _, name := range []string{"clusters/a.yaml", "other.yml", "notes.txt", ".git/x"} {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	})
	d.Press("ctrl+u")
	d.Wait("clusters/", "other.yml")
	if s := d.Screen(); strings.Contains(s, "notes.txt") || strings.Contains(s, ".git") {
		t.Errorf("shows what is no configuration:\n%s", s)
	}
}

func TestSavesAndGoesBack(t *testing.T) {
	d, draft, saved := begin(t, 80, 24, nil)
	d.Wait("demo.yaml", "mode 0644")
	d.Press("enter")
	d.WaitFor("the screen to be left", func(string) bool { return len(tuitest.Sent[ui.Back](d)) == 1 })
	want, err := filepath.Abs("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if *saved != want || draft.Path != want || draft.Unsaved() {
		t.Errorf("saved %q, the draft's path is %q", *saved, draft.Path)
	}
	got, _ := fileAt(t, "demo.yaml")
	if text, _, _ := draft.Text(want); got != string(text) || got == "" {
		t.Errorf("the file says\n%s\nwant\n%s", got, text)
	}
	if toasts := tuitest.Sent[ui.Toast](d); len(toasts) != 1 || toasts[0].Text != "Saved "+want {
		t.Errorf("said %v", toasts)
	}
}

func TestAsksBeforeItReplaces(t *testing.T) {
	d, _, saved := begin(t, 80, 24, func(*draft.Draft) {
		if err := os.WriteFile("demo.yaml", []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	})
	d.Press("enter")
	d.WaitFor("the question", func(string) bool { return len(tuitest.Sent[ui.Ask](d)) == 1 })
	if got, _ := fileAt(t, "demo.yaml"); got != "mine" || *saved != "" {
		t.Fatalf("replaced without asking: %q", got)
	}
	dialog := tuitest.Sent[ui.Ask](d)[0].Dialog
	if first := dialog.Answers[0]; first.Do != nil {
		t.Errorf("enter alone would %s", first.Label)
	}
	d.Send(dialog.Answers[1].Do())
	d.WaitFor("the screen to be left", func(string) bool { return len(tuitest.Sent[ui.Back](d)) == 1 })
	if got, _ := fileAt(t, "demo.yaml"); got == "mine" {
		t.Error("not replaced though consented to")
	}
}

func TestCompletesByTabAndByChoice(t *testing.T) {
	d, _, _ := begin(t, 80, 24, func(*draft.Draft) {
		if err := os.MkdirAll("clusters/prod", 0o755); err != nil {
			t.Fatal(err)
		}
	})
	d.Press("ctrl+u")
	d.Type("cl")
	d.Wait("clusters/")
	d.Press("tab")
	d.Wait("prod/")
	d.Press("down", "enter")
	d.Wait("clusters/prod/")
	d.Type("a.yaml")
	d.Press("enter")
	d.WaitFor("the screen to be left", func(string) bool { return len(tuitest.Sent[ui.Back](d)) == 1 })
	if _, err := os.Stat("clusters/prod/a.yaml"); err != nil {
		t.Error(err)
	}
}

func TestEscAndAnEmptyPathSaveNothing(t *testing.T) {
	d, _, saved := begin(t, 80, 24, nil)
	d.Press("ctrl+u", "enter")
	d.Wait("add the name of a file")
	d.Press("esc")
	if len(tuitest.Sent[ui.Leave](d)) != 1 || *saved != "" {
		t.Errorf("esc sent %v, saved %q", tuitest.Sent[ui.Leave](d), *saved)
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}
