package progress

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/internal/console"
	"groundwork.dev/bootstrap/internal/event"
)

// details is everything that is known of one machine.
func (m *Model) details(width int) []string {
	t := &text{theme: &m.env.Theme, width: width}
	at := m.machines.find(m.detail)
	if at == nil {
		t.line(t.theme.Title, t.theme.Cut("Machine "+m.detail, width))
		t.blank()
		t.wrapped(t.theme.Text, "It is gone.")
		return t.lines
	}
	t.line(t.theme.Title, t.theme.Cut("Machine "+at.Name, width))
	t.blank()
	switch at.trouble {
	case lost:
		t.styled("Look", at.trouble.String(), t.theme.Bad)
	case slow, ailing:
		t.styled("Look", at.trouble.String(), t.theme.Warning)
	case well:
	}
	t.field("Role", at.Role)
	t.field("Group", at.Group)
	stage := fmt.Sprintf("%s, since %s", at.Stage, m.clock(at.Since))
	if at.Stage != event.StageReady {
		stage += fmt.Sprintf(" (%s)", coarse(m.stageTime(at)))
	}
	t.field("Stage", stage)
	t.field("Address", at.Address)
	t.field("Last word", at.LastWord)
	if at.trouble == lost {
		told := console.Tell(m.err)
		t.blank()
		t.field("Failure", told.Summary)
		t.field("Cause", told.Cause)
		t.styled("Remedy", told.Remedy, t.theme.Title)
	}
	if len(at.past) > 0 {
		t.blank()
		label := "Before"
		for _, p := range at.past {
			t.field(label, t.theme.Fit(string(p.stage), 15)+t.theme.FitRight(exact(p.took), 8))
			label = " "
		}
	}
	m.saidOf(t, at.Name)
	return t.lines
}

// saidOf are the last lines of the log that name the machine.
func (m *Model) saidOf(t *text, name string) {
	const most = 30
	var found []line
	for i := len(m.log.lines) - 1; i >= 0 && len(found) < most; i-- {
		if l := m.log.lines[i]; strings.Contains(l.text, name) && names(l.text, name) {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		return
	}
	t.blank()
	t.line(t.theme.Faint, "In the log, the newest first")
	for _, l := range found {
		for i, row := range indented(l.text, t.width) {
			if i < 4 { // a dump of a whole object is for the log pane
				t.line(m.log.style(l.level), row)
			}
		}
	}
}
