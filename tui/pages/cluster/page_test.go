package cluster_test

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/pages/cluster"
	"groundwork.dev/bootstrap/tui/tuitest"
)

func pages(d *draft.Draft) []form.Page {
	b := &backendtest.Backend{}
	b.KnownVersions = []string{"1.36", "1.35", "1.34", "1.33"}
	env := tuitest.Env()
	return append(cluster.First(d, b, env), cluster.Last(d, b, env)...)
}

// shown is a page on a terminal of its own.
type shown struct {
	*form.Model
	width, height int
	left          []string // how the page was left
}

func (s *shown) Init() tea.Cmd { return s.Model.Init() }

func (s *shown) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = m.Width, m.Height
		return s, nil
	case form.Next:
		s.left = append(s.left, "next")
		return s, nil
	case form.Previous:
		s.left = append(s.left, "previous")
		return s, nil
	}
	return s, s.Model.Update(msg)
}

func (s *shown) View() string {
	if s.width == 0 {
		return ""
	}
	return s.Model.View(s.width, s.height)
}

// open shows a page of a draft as the program does, below a header and above a
// footer.
func open(t *testing.T, d *draft.Draft, id string, width, height int) (*tuitest.Driver, *shown) {
	t.Helper()
	for _, page := range pages(d) {
		if page.ID == id {
			s := &shown{Model: form.New(tuitest.Env(), page, d)}
			return tuitest.New(t, s, width, height-4), s
		}
	}
	t.Fatalf("there is no page %s", id)
	return nil, nil
}
