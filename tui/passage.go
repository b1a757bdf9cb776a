package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/tui/ui"
)

// passage is a screen on the way to a create. Once the cluster is there, it is
// not come back to: what was asked on the way is answered.
type passage struct {
	ui.Screen
	created func() bool
	// leave is how the screen is left then: ui.Back, or ui.Leave where it may
	// hold something that is in no file.
	leave tea.Msg
}

var (
	_ ui.Typing  = passage{}
	_ ui.Escaper = passage{}
	_ ui.Leaver  = passage{}
	_ ui.Closer  = passage{}
)

// Update implements ui.Screen.
func (p passage) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	screen, cmd := p.Screen.Update(msg)
	p.Screen = screen
	if _, back := msg.(ui.Resumed); back && p.created() {
		cmd = tea.Batch(cmd, ui.Send(p.leave))
	}
	return p, cmd
}

// Typing implements ui.Typing.
func (p passage) Typing() bool {
	s, ok := p.Screen.(ui.Typing)
	return ok && s.Typing()
}

// Escapes implements ui.Escaper.
func (p passage) Escapes() bool {
	s, ok := p.Screen.(ui.Escaper)
	return ok && s.Escapes()
}

// Leave implements ui.Leaver.
func (p passage) Leave(interrupt bool) *ui.Dialog {
	if s, ok := p.Screen.(ui.Leaver); ok {
		return s.Leave(interrupt)
	}
	return nil
}

// Close implements ui.Closer.
func (p passage) Close() {
	if s, ok := p.Screen.(ui.Closer); ok {
		s.Close()
	}
}
