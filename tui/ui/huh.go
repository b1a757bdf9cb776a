package ui

import (
	"github.com/charmbracelet/huh"
)

// Huh is the look of huh's fields in this theme. Titles, descriptions and
// errors are drawn by the form around a field, so the field's base has neither
// border nor padding.
func (t *Theme) Huh() *huh.Theme {
	h := huh.ThemeBase()
	plain := t.Renderer.NewStyle()
	f := &h.Focused
	f.Base, f.Card = plain, plain
	f.Title, f.Description, f.NoteTitle = t.Label, t.Faint, t.Title
	f.ErrorIndicator = t.Bad.SetString(" " + t.Glyphs.Failed)
	f.ErrorMessage = t.Bad
	f.SelectSelector = t.Accent.SetString(t.Glyphs.Cursor + " ")
	f.MultiSelectSelector = f.SelectSelector
	f.Option, f.UnselectedOption, f.SelectedOption = t.Text, t.Text, t.Good
	f.SelectedPrefix = t.Good.SetString("[x] ")
	f.UnselectedPrefix = t.Faint.SetString("[ ] ")
	f.NextIndicator = t.Accent.SetString(" >")
	f.PrevIndicator = t.Accent.SetString("< ")
	f.Directory, f.File = t.Accent, t.Text
	f.FocusedButton = t.Selected.Padding(0, 2).MarginRight(1)
	f.BlurredButton = t.Faint.Padding(0, 2).MarginRight(1)
	f.Next = f.FocusedButton
	f.TextInput.Cursor, f.TextInput.CursorText = t.Accent, t.Text
	f.TextInput.Text, f.TextInput.Placeholder, f.TextInput.Prompt = t.Text, t.Faint, t.Accent

	h.Blurred = *f
	h.Blurred.SelectSelector = plain.SetString("  ")
	h.Blurred.MultiSelectSelector = plain.SetString("  ")
	h.Blurred.NextIndicator, h.Blurred.PrevIndicator = plain, plain
	h.Blurred.TextInput.Prompt = t.Faint
	h.Form.Base, h.Group.Base = plain, plain
	h.Group.Title, h.Group.Description = t.Title, t.Faint
	h.Help.ShortKey, h.Help.FullKey = t.FooterKey, t.FooterKey
	h.Help.ShortDesc, h.Help.FullDesc = t.Footer, t.Footer
	h.Help.ShortSeparator, h.Help.FullSeparator, h.Help.Ellipsis = t.Footer, t.Footer, t.Footer
	return h
}

// HuhKeys is Keys for huh's fields. ctrl+c, ctrl+a, ctrl+n and ctrl+p are left
// to the program and the page.
func HuhKeys() *huh.KeyMap {
	m := huh.NewDefaultKeyMap()
	m.Quit.Unbind()
	m.Input.AcceptSuggestion = bind("ctrl+e", "complete", "ctrl+e")
	m.Text.NewLine = Keys.NextLine
	m.Text.Editor.Unbind()
	m.Select.Up, m.Select.Down = Keys.Up, Keys.Down
	m.Select.HalfPageUp.Unbind()
	m.Select.HalfPageDown.Unbind()
	m.MultiSelect.Up, m.MultiSelect.Down = Keys.Up, Keys.Down
	m.MultiSelect.Toggle = Keys.Toggle
	m.MultiSelect.SelectAll = bind("ctrl+t", "all", "ctrl+t")
	m.MultiSelect.SelectNone = bind("ctrl+t", "none", "ctrl+t")
	m.MultiSelect.SelectNone.SetEnabled(false)
	m.MultiSelect.HalfPageUp.Unbind()
	m.MultiSelect.HalfPageDown.Unbind()
	return m
}
