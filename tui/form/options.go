package form

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// source is what options were asked for.
type source struct{ field, of string }

// choices are the options of a source.
type choices struct {
	loading bool
	options []Option
	err     error
}

// optionsLoaded is sent when a source has answered.
type optionsLoaded struct {
	model   int64
	of      source
	asked   *choices
	options []Option
	err     error
}

// tick turns the spinner while something runs.
type tick struct {
	model int64
	ticks int
}

// spinEvery is a tenth of a second: slower looks stuck, faster costs a serial
// line.
const spinEvery = 100 * time.Millisecond

// loadFocused asks for the options of the focused field. They are not asked
// for before: a login that fails would fail for each field of the page.
func (m *Model) loadFocused(again bool) tea.Cmd {
	f := m.focused()
	if f == nil || f.Options == nil {
		return nil
	}
	return m.load(source{f.ID, f.optionsFor()}, f.Options, again)
}

// load asks a source in the background, unless that has been done.
func (m *Model) load(of source, ask func(context.Context) ([]Option, error), again bool) tea.Cmd {
	if c := m.loaded[of]; c != nil && (c.loading || !again) {
		return nil
	}
	c := &choices{loading: true}
	m.loaded[of] = c
	ctx, id := m.context(), m.id
	return tea.Batch(func() tea.Msg {
		options, err := ask(ctx)
		return optionsLoaded{id, of, c, options, err}
	}, m.spin())
}

// received takes options in. Those of a page that was left meanwhile are
// forgotten: their error would only say so.
func (m *Model) received(msg optionsLoaded) tea.Cmd {
	if m.loaded[msg.of] != msg.asked {
		return nil
	}
	msg.asked.loading, msg.asked.options, msg.asked.err = false, msg.options, msg.err
	if list, ok := m.open.(*list); ok && list.of == msg.of {
		list.received(msg.asked)
	}
	// What was found may decide what is asked, and what is noted.
	m.refresh()
	return nil
}

// options are those of a field that have been loaded.
func (m *Model) options(f *Field) *choices {
	return m.loaded[source{f.ID, f.optionsFor()}]
}

// labelOf is how an answer of a field is called.
func (m *Model) labelOf(f *Field, value string) string {
	if c := m.options(f); c != nil {
		for _, o := range c.options {
			if o.Value == value && o.Label != "" {
				return o.Label
			}
		}
	}
	return value
}

// spin keeps the spinner turning while something runs, with one tick at a
// time.
func (m *Model) spin() tea.Cmd {
	busy := m.action.running
	for _, c := range m.loaded {
		busy = busy || c.loading
	}
	if !busy || m.ticking {
		return nil
	}
	m.ticking = true
	t := tick{m.id, m.ticks}
	return tea.Tick(spinEvery, func(time.Time) tea.Msg { return t })
}

// spinner is its frame of now.
func (m *Model) spinner() string {
	frames := m.env.Theme.Glyphs.Spinner
	if len(frames) == 0 {
		return ""
	}
	return frames[m.frame%len(frames)]
}
