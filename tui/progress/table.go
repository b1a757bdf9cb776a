package progress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/ui"
)

// table is the machines as they are shown: those that the filter lets
// through, one of them chosen.
type table struct {
	filter string
	rows   []*machine
	chosen string // by its name, since rows come and go
	index  int    // of the chosen one
	top    int
	height int // rows, as drawn last
}

// sync brings the rows up to date.
func (t *table) sync(all *machines) {
	t.rows = all.rows
	if t.filter != "" {
		text := strings.ToLower(t.filter)
		t.rows = slices.DeleteFunc(slices.Clone(all.rows), func(m *machine) bool { return !m.holds(text) })
	}
	if i := slices.IndexFunc(t.rows, func(m *machine) bool { return m.Name == t.chosen }); i >= 0 {
		t.index = i
	}
	t.choose(t.index)
}

func (m *machine) holds(text string) bool {
	for _, s := range []string{m.Name, m.Role, m.Group, string(m.Stage), m.Address, m.LastWord, m.trouble.String()} {
		if strings.Contains(strings.ToLower(s), text) {
			return true
		}
	}
	return false
}

// choose chooses the row, or the nearest there is.
func (t *table) choose(index int) {
	t.index = max(0, min(index, len(t.rows)-1))
	if len(t.rows) == 0 {
		return // the choice stays for when it is shown again
	}
	t.chosen = t.rows[t.index].Name
}

// current is the chosen machine, or nil.
func (t *table) current() *machine {
	if t.index >= len(t.rows) {
		return nil
	}
	return t.rows[t.index]
}

// columns are the widths of the table's columns, in cells.
type columns struct{ name, group, stage, address, took, word int }

func columnsFor(width int) columns {
	const marks, gap = 4, 1
	c := columns{name: 26, stage: 14, address: 15, took: 4}
	if width >= 110 {
		c = columns{name: 34, group: 13, stage: 14, address: 15, took: 4}
	}
	c.word = width - marks - c.name - c.stage - c.address - c.took - 4*gap
	if c.group > 0 {
		c.word -= c.group + gap
	}
	return c
}

// tableView draws the table: a header, rows, what is said of the chosen
// machine, and how much is shown.
func (m *Model) tableView(width, height int) []string {
	t, theme := &m.table, &m.env.Theme
	t.height = max(1, height-3)
	t.top = max(0, min(t.top, len(t.rows)-t.height))
	if t.index < t.top {
		t.top = t.index
	}
	if t.index >= t.top+t.height {
		t.top = t.index - t.height + 1
	}
	c := columnsFor(width)
	out := []string{theme.Faint.Render(m.row(c, "  ", "MACHINE", "GROUP", "STAGE", "ADDRESS", "FOR", "LAST WORD"))}
	for i := t.top; i < len(t.rows) && i < t.top+t.height; i++ {
		out = append(out, m.machineRow(t.rows[i], i == t.index, c))
	}
	if len(t.rows) == 0 {
		out = append(out, theme.Faint.Render("  "+m.noMachines()))
	}
	for len(out) < height-2 {
		out = append(out, "")
	}
	word := ""
	if at := t.current(); at != nil && at.LastWord != "" {
		word = theme.Cut(at.Name+": "+oneLine(at.LastWord), width)
	}
	return append(out, word, theme.Faint.Render(theme.Cut(m.tableStatus(), width)))
}

func (m *Model) noMachines() string {
	switch {
	case m.table.filter != "":
		return fmt.Sprintf("No machine holds %q.", m.table.filter)
	case m.over():
		return "No machines are known."
	}
	return "No machines yet: they come once the site is checked and the bootstrap cluster runs."
}

func (m *Model) tableStatus() string {
	t := &m.table
	if len(m.machines.rows) == 0 {
		return ""
	}
	parts := []string{fmt.Sprintf("%d-%d of %d machines", min(t.top+1, len(t.rows)), min(t.top+t.height, len(t.rows)), len(t.rows))}
	if t.filter != "" {
		parts[0] += fmt.Sprintf(" that hold %q, of %d", t.filter, len(m.machines.rows))
	}
	if n := m.machines.troubled; n > 0 {
		parts = append(parts, fmt.Sprintf("%d to look at (n)", n))
	}
	return strings.Join(parts, ", ")
}

// row lays the cells out; a column that has no width is left out.
func (m *Model) row(c columns, mark, name, group, stage, address, took, word string) string {
	theme := &m.env.Theme
	var b strings.Builder
	b.WriteString(mark)
	b.WriteString("  ")
	b.WriteString(theme.Fit(name, c.name))
	for _, cell := range []struct {
		text  string
		width int
	}{{group, c.group}, {stage, c.stage}, {address, c.address}} {
		if cell.width > 0 {
			b.WriteByte(' ')
			b.WriteString(theme.Fit(cell.text, cell.width))
		}
	}
	b.WriteByte(' ')
	b.WriteString(theme.FitRight(took, c.took))
	b.WriteByte(' ')
	b.WriteString(theme.Cut(word, c.word))
	return b.String()
}

func (m *Model) machineRow(at *machine, chosen bool, c columns) string {
	theme := &m.env.Theme
	cursor := " "
	if chosen {
		cursor = theme.Glyphs.Cursor
	}
	took := ""
	if at.Stage != event.StageReady {
		took = coarse(m.stageTime(at))
	}
	glyph, style := theme.Glyphs.Running, theme.Text
	switch {
	case at.trouble == lost:
		glyph, style = theme.Glyphs.Failed, theme.Bad
	case at.trouble != well:
		glyph, style = theme.Glyphs.Warning, theme.Warning
	case at.Stage == event.StageReady:
		glyph = theme.Glyphs.Done
	case at.Stage == event.StagePending, at.Stage == event.StageBootstrap:
		glyph, style = theme.Glyphs.Waiting, theme.Faint
	}
	text := m.row(c, cursor+" "+glyph, theme.CutLeft(at.Name, c.name), groupOf(at.Machine), string(at.Stage), at.Address, took, oneLine(at.LastWord))
	if chosen {
		return theme.Selected.Render(theme.Fit(text, ui.Width(text)))
	}
	return style.Render(strings.TrimRight(text, " "))
}

// groupOf is a machine's worker group, or the control plane.
func groupOf(m event.Machine) string {
	if m.Group == "" {
		return m.Role
	}
	return m.Group
}

// stageTime is how long a machine has been where it is.
func (m *Model) stageTime(at *machine) time.Duration {
	now := m.env.Now()
	if !m.ended.IsZero() {
		now = m.ended
	}
	return now.Sub(at.Since)
}
