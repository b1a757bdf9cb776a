package pathfield_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui/pathfield"
)

// asking is a program that is nothing but the field.
type asking struct {
	field         *pathfield.Model
	width, height int
	entered       []string
}

func (a *asking) Init() tea.Cmd { return a.field.Init() }

func (a *asking) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		a.width, a.height = size.Width, size.Height
		return a, nil
	}
	cmd, entered := a.field.Update(msg)
	if entered {
		a.entered = append(a.entered, a.field.Path())
	}
	return a, cmd
}

func (a *asking) View() string {
	if a.width == 0 {
		return ""
	}
	return a.field.View(a.width, a.height)
}

func site(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"demo.yaml", "dev.yaml", "notes.txt", ".hidden.yaml", "sites/berlin.yml", "sites/bern.yml", "sites/paris.yaml"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct {
		name  string
		typed string
		press []string
		value string // of the field, below the folder
		enter bool   // the path is taken
	}{
		{"one match is completed", "de", []string{"m", "tab"}, "demo.yaml", false},
		{"several are completed as far as they agree", "sites/b", []string{"tab"}, "sites/ber", false},
		{"a folder is entered", "s", []string{"tab"}, "sites/", false},
		{"other files are not", "n", []string{"tab"}, "n", false},
		{"hidden ones are when asked for", ".h", []string{"tab"}, ".hidden.yaml", false},
		{"down chooses and tab completes to it", "", []string{"down", "down", "tab"}, "dev.yaml", false},
		{"enter takes the chosen file", "", []string{"down", "enter"}, "demo.yaml", true},
		{"enter on a folder shows it", "", []string{"down", "down", "down", "enter"}, "sites/", false},
		{"and goes on in it", "", []string{"down", "down", "down", "enter", "down", "down", "down", "enter"}, "sites/paris.yaml", true},
		{"up again chooses none", "x", []string{"down", "up", "enter"}, "x", true},
		{"typing chooses none", "", []string{"down", "n", "enter"}, "n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := site(t)
			a := &asking{field: pathfield.New(&tuitest.Env().Theme, ".yaml", ".yml")}
			d := tuitest.New(t, a, 120, 12)
			d.Type(folder + "/" + c.typed)
			d.WaitFor("the folder", func(screen string) bool { return strings.Contains(screen, "/") })
			d.Press(c.press...)
			if got, want := a.field.Typed(), folder+"/"+c.value; got != want {
				t.Errorf("the field has %q, want %q\n%s", got, want, d.Screen())
			}
			if taken := len(a.entered) > 0; taken != c.enter {
				t.Errorf("taken: %v", a.entered)
			}
		})
	}
}

func TestFolderThatCannotBeRead(t *testing.T) {
	a := &asking{field: pathfield.New(&tuitest.Env().Theme)}
	d := tuitest.New(t, a, 80, 12)
	d.Type("/none/such/")
	d.Wait("! open /none/such: no such file or directory")
}

func TestManyMatches(t *testing.T) {
	folder := t.TempDir()
	for _, name := range strings.Fields("a b c d e f g h i j k l m") {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a := &asking{field: pathfield.New(&tuitest.Env().Theme)}
	d := tuitest.New(t, a, 80, 9)
	d.Type(folder + "/")
	d.Wait("1 to 5 of 13")
	for range 13 {
		d.Press("down")
	}
	d.Wait("❯ m", "9 to 13 of 13")
}

func TestHome(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	for typed, want := range map[string]string{
		"~": "/home/admin", "~/c.yaml": "/home/admin/c.yaml", " /x ": "/x", "~other/c": "~other/c", "": "",
	} {
		if got := pathfield.Expand(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}
