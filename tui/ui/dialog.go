package ui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// Asking is a dialog while it is being answered.
type Asking struct {
	Dialog *Dialog
	chosen int
	typed  []rune
	wrong  bool // enter was pressed on a word that is not the one
}

// NewAsking begins to ask d, the first answer chosen. A dialog without answers
// is a text to be read, and gets one that goes on.
func NewAsking(d *Dialog) *Asking {
	if len(d.Answers) == 0 {
		whole := *d
		whole.Answers = []Answer{{Label: "Close"}}
		d = &whole
	}
	return &Asking{Dialog: d}
}

// Update takes a key. It returns the answer once there is one.
func (a *Asking) Update(msg tea.KeyMsg) *Answer {
	answers := a.Dialog.Answers
	last := len(answers) - 1
	a.wrong = false
	switch {
	case msg.Paste:
		a.write(msg.Runes)
	case key.Matches(msg, Keys.Back, Keys.Leave):
		return &answers[last]
	case key.Matches(msg, Keys.UpTyping, Keys.LeftTyping, Keys.PreviousField):
		a.chosen = max(a.chosen-1, 0)
	case key.Matches(msg, Keys.DownTyping, Keys.RightTyping, Keys.NextField):
		a.chosen = min(a.chosen+1, last)
	case key.Matches(msg, Keys.Choose):
		if a.chosen != last && !a.said() {
			a.wrong = true
			return nil
		}
		return &answers[a.chosen]
	case a.Dialog.Word != "":
		a.edit(msg)
	default:
		for i := range answers {
			if answers[i].Key != "" && answers[i].Key == msg.String() {
				return &answers[i]
			}
		}
		switch {
		case key.Matches(msg, Keys.Up):
			a.chosen = max(a.chosen-1, 0)
		case key.Matches(msg, Keys.Down):
			a.chosen = min(a.chosen+1, last)
		}
	}
	return nil
}

func (a *Asking) said() bool { return a.Dialog.Word == "" || string(a.typed) == a.Dialog.Word }

func (a *Asking) edit(msg tea.KeyMsg) {
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		a.write(msg.Runes)
	case tea.KeyBackspace, tea.KeyDelete:
		a.typed = a.typed[:max(len(a.typed)-1, 0)]
	case tea.KeyCtrlU:
		a.typed = nil
	}
}

// write bounds what is typed: names are shorter, and a paste may be anything.
func (a *Asking) write(runes []rune) {
	const most = 253
	if a.Dialog.Word != "" && len(a.typed)+len(runes) <= most {
		a.typed = append(a.typed, []rune(Clean(string(runes)))...)
	}
}

// Keys are those that work in the dialog.
func (a *Asking) Keys() []key.Binding {
	keys := []key.Binding{Keys.Choose}
	if len(a.Dialog.Answers) > 1 {
		keys = append(keys, Keys.Move)
	}
	return append(keys, Say(Keys.Back, a.Dialog.Answers[len(a.Dialog.Answers)-1].Label))
}

// View draws the dialog in a box for a screen of width by height cells.
func (a *Asking) View(t *Theme, width, height int) string {
	const widest, margin = 72, 4
	outer := min(widest, width-margin)
	inner := outer - t.Box.GetHorizontalFrameSize()
	var below []string
	if word := a.Dialog.Word; word != "" {
		cursor := t.Selected.Render(" ")
		if t.Selected.Render(" ") == " " {
			cursor = "_"
		}
		below = append(below, "", "Type "+t.Title.Render(word)+" to confirm:",
			t.Accent.Render(t.Glyphs.Cursor)+" "+t.CutLeft(string(a.typed), inner-4)+cursor)
		remark := ""
		if a.wrong {
			remark = t.Bad.Render(t.Glyphs.Failed + " this is not " + word)
		}
		below = append(below, remark, "")
	} else {
		below = append(below, "")
	}
	below = append(below, a.answers(t)...)
	lines := []string{t.Title.Render(a.Dialog.Title), ""}
	text := Wrap(Clean(a.Dialog.Text), inner)
	if room := height - len(lines) - len(below) - t.Box.GetVerticalFrameSize(); len(text) > room {
		text = append(text[:max(room-1, 0)], t.Glyphs.Ellipsis)
	}
	lines = append(append(lines, text...), below...)
	return t.Framed(lines, outer)
}

func (a *Asking) answers(t *Theme) []string {
	keyWidth := 0
	shown := make([]string, len(a.Dialog.Answers))
	for i, answer := range a.Dialog.Answers {
		switch {
		case i == len(shown)-1:
			shown[i] = "esc"
		case a.Dialog.Word == "":
			shown[i] = answer.Key
		}
		keyWidth = max(keyWidth, Width(shown[i]))
	}
	lines := make([]string, len(shown))
	for i, answer := range a.Dialog.Answers {
		mark, style := "  ", t.Text
		if i == a.chosen {
			mark, style = t.Accent.Render(t.Glyphs.Cursor)+" ", t.Focused
		}
		lines[i] = mark + t.FooterKey.Render(t.Fit(shown[i], keyWidth)) + "  " + style.Render(answer.Label)
	}
	return lines
}
