package progress

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// saved says what became of a file that was to be written.
type saved struct {
	path  string
	lines int
	err   error
}

// askPath asks where the lines of the log are to be saved.
func (m *Model) askPath(s *stream) {
	name := fmt.Sprintf("%s-%s-%s.txt", m.name, s.what, m.env.Now().Format("20060102-150405"))
	p := m.ask("Save the "+s.what+" to", name)
	p.accepted = func(path string) tea.Cmd {
		if path = strings.TrimSpace(path); path == "" {
			p.problem = "a path is missing"
			return nil
		}
		var text strings.Builder
		for _, number := range s.shown {
			text.WriteString(s.at(number).text + "\n")
		}
		lines := len(s.shown)
		return func() tea.Msg { return saved{path, lines, writeNew(path, text.String())} }
	}
}

// writeNew writes a file that is not there yet. What logs hold is for the eyes
// of who may read the state: mode 0600.
func writeNew(path, text string) error {
	if rest, home := strings.CutPrefix(path, "~/"); home {
		if folder, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(folder, rest)
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (m *Model) wasSaved(s saved) tea.Cmd {
	var problem *fs.PathError
	switch {
	case s.err == nil:
		m.prompt = nil
		m.caughtUp()
		return ui.Send(ui.Toast{Text: fmt.Sprintf("%d lines saved to %s", s.lines, s.path)})
	case m.prompt == nil:
		return ui.Send(ui.Failed{Err: fmt.Errorf("save %s: %w", s.path, s.err)})
	case errors.Is(s.err, fs.ErrExist):
		m.prompt.problem = "is there already"
	case errors.As(s.err, &problem):
		m.prompt.problem = problem.Err.Error()
	default:
		m.prompt.problem = s.err.Error()
	}
	return nil
}
