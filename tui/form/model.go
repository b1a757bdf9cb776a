package form

import (
	"context"
	"sync/atomic"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/ui"
)

// Messages that the model sends, as a tea.Cmd, when the user leaves the page.
type (
	// Next is sent only when no field of the page has a problem.
	Next struct{}
	// Previous is sent whatever the answers are.
	Previous struct{}
)

// Model is a page on the screen. Its answers are taken when a field is left:
// half a word may mean something else than the whole, such as "1" on the way
// to "12" groups.
type Model struct {
	env  *ui.Env
	page Page
	doc  Document

	id     int64 // of its messages
	ctx    context.Context
	cancel context.CancelFunc

	fields   []Field // those that matter now
	rows     []row
	focus    int
	unfolded bool
	line     *line // edits the focused field in place, where it is text
	open     opened

	refused  map[string]refusal
	touched  map[string]bool // fields that have been left once
	tried    bool            // next page was asked for
	problems map[string]v1alpha1.Problem
	loaded   map[source]*choices

	action  action
	ticking bool
	ticks   int // which ticks count: those of a page that was left do not
	frame   int

	pane pane

	// What was drawn last: the size decides what fits.
	width, height, offset int
}

// refusal is an answer that a field did not take.
type refusal struct {
	text string
	err  error
}

// opened is what can be open under the focused row: a list to choose from or
// an editor for several lines.
type opened interface {
	update(msg tea.KeyMsg) tea.Cmd
	// head stands in the row itself, body below it.
	head(width int) string
	body(width, height int) []string
	// answer is what it comes to as it stands; changed says whether it differs
	// from what it was when it was opened.
	answer() (text string, changed bool)
	keys() []key.Binding
}

// row is a line of the page: a field, or the one that advanced fields are
// folded behind.
type row struct {
	field int // index into fields, -1 for the fold
}

var models atomic.Int64

// New is a page whose answers make doc. The page's functions decide what is
// asked, so one value serves as long as the page is the same.
func New(env *ui.Env, page Page, doc Document) *Model {
	m := &Model{
		env: env, page: page, doc: doc, id: models.Add(1),
		refused: map[string]refusal{}, touched: map[string]bool{}, loaded: map[source]*choices{},
	}
	m.refresh()
	m.pane.enter(m.yaml())
	m.enter()
	return m
}

// Init starts what the page needs in the background. It may be called again
// after Close: the page is then as it was left, and its YAML counts as old.
func (m *Model) Init() tea.Cmd {
	m.pane.enter(m.yaml())
	m.refresh()
	m.enter()
	return m.loadFocused(false)
}

// Close ends what runs in the background.
func (m *Model) Close() {
	if m.cancel != nil {
		m.cancel()
		m.ctx, m.cancel = nil, nil
	}
	for of, c := range m.loaded {
		if c.loading {
			delete(m.loaded, of)
		}
	}
	m.action.running = false
	m.ticking = false
	m.ticks++
}

// context ends when the page is left.
func (m *Model) context() context.Context {
	if m.ctx == nil {
		m.ctx, m.cancel = context.WithCancel(context.Background())
	}
	return m.ctx
}

// Page is the page that is shown.
func (m *Model) Page() *Page { return &m.page }

// Update handles keys and the model's own messages; all others are ignored.
func (m *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return m.key(msg)
	case optionsLoaded:
		if msg.model == m.id {
			return m.received(msg)
		}
	case actionDone:
		if msg.model == m.id {
			return m.acted(msg)
		}
	case tick:
		if msg.model == m.id && msg.ticks == m.ticks {
			m.ticking = false
			m.frame++
			return m.spin()
		}
	}
	return nil
}

// Refresh shows what has become known elsewhere: problems, and fields that
// depend on it. What is being typed stays.
func (m *Model) Refresh() { m.refresh() }

// refresh asks for the fields and problems anew and keeps the focus where it
// was.
func (m *Model) refresh() {
	focused := ""
	if f := m.focused(); f != nil {
		focused = f.ID
	}
	fold := m.focus < len(m.rows) && m.rows[m.focus].field < 0
	m.fields = m.page.Visible()
	m.problems = ProblemsOf(m.fields, m.doc.Problems())
	m.layRows()
	for i, r := range m.rows {
		if r.field < 0 && fold || r.field >= 0 && m.fields[r.field].ID == focused {
			m.focus = i
		}
	}
	m.focus = min(m.focus, max(len(m.rows)-1, 0))
	if f := m.focused(); (f == nil) != (focused == "") || f != nil && f.ID != focused {
		m.enter()
	}
	m.pane.show(m.yaml())
}

// layRows orders the fields: the advanced ones behind their fold.
func (m *Model) layRows() {
	m.rows = m.rows[:0]
	var advanced []row
	for i := range m.fields {
		if m.fields[i].Advanced {
			advanced = append(advanced, row{i})
		} else {
			m.rows = append(m.rows, row{i})
		}
	}
	if len(advanced) > 0 {
		m.rows = append(m.rows, row{-1})
		if m.unfolded {
			m.rows = append(m.rows, advanced...)
		}
	}
}

// focused is the field with the focus, nil where there is none.
func (m *Model) focused() *Field {
	if m.focus >= len(m.rows) || m.rows[m.focus].field < 0 {
		return nil
	}
	return &m.fields[m.rows[m.focus].field]
}

// advanced counts the fields behind the fold.
func (m *Model) advanced() int {
	count := 0
	for i := range m.fields {
		if m.fields[i].Advanced {
			count++
		}
	}
	return count
}
