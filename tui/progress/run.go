package progress

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/ui"
)

// run is a create that this screen runs.
type run struct {
	request backend.Request
	queue   *queue
	ctx     context.Context
	cancel  context.CancelFunc
	// quit says that the program is to end with it.
	quit bool
}

// finished says that a create has returned.
type finished struct {
	from   *queue
	result backend.Result
	err    error
}

// stop asks to stop the create and to keep the state.
type stop struct{ quit bool }

// estimated is how long it is expected to take.
type estimated struct{ estimate backend.Estimate }

// start begins the create, or goes on with it.
func (m *Model) start() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{request: m.request, queue: newQueue(), ctx: ctx, cancel: cancel}
	m.run = r
	m.state, m.err, m.begun, m.ended = working, nil, m.env.Now(), time.Time{}
	m.steps.begin()
	m.judge()
	if m.pane == resultPane {
		m.pane = machinesPane
	}
	create := func() tea.Msg {
		result, err := m.backend.Create(ctx, r.request, r.queue)
		return finished{r.queue, result, err}
	}
	return tea.Batch(create, m.next(0))
}

// retry goes on with a create that has failed or was stopped.
func (m *Model) retry(accept bool) tea.Cmd {
	if m.run == nil || (m.state != failed && m.state != stopped) {
		return nil
	}
	m.request.AcceptChanges = m.request.AcceptChanges || accept
	return m.start()
}

// halt stops the create; what becomes of it is for finished to say.
func (m *Model) halt(s stop) {
	if m.run == nil || m.state != working {
		return
	}
	m.state = stopping
	m.run.quit = s.quit
	m.run.cancel()
}

// end takes the outcome of the create.
func (m *Model) end(f finished) tea.Cmd {
	m.takeEvents(m.run.queue.take())
	m.run.cancel()
	m.result, m.err = f.result, f.err
	switch {
	case f.err == nil:
		m.finish(succeeded)
	case m.state == stopping && interrupted(f.err):
		m.finish(stopped)
	default:
		m.finish(failed)
	}
	// What has ended otherwise than by being stopped is to be read.
	if m.run.quit && m.state == stopped {
		return ui.Send(ui.Quit{})
	}
	return nil
}

// interrupted reports whether err only says that the create was stopped.
func interrupted(err error) bool {
	return failure.ExitCode(err) == failure.Interrupted || errors.Is(err, context.Canceled)
}

// Leave implements ui.Leaver.
func (m *Model) Leave(interrupt bool) *ui.Dialog {
	switch m.state {
	case working:
		if m.run == nil {
			break
		}
		return &ui.Dialog{
			Title: "The create is still running",
			Text:  "Stopped, it keeps its state on this machine: the same configuration goes on from there at any time. What is made at the site stays.",
			Answers: []ui.Answer{
				{Key: "s", Label: "Stop and keep the state", Do: ui.Send(stop{interrupt})},
				{Key: "g", Label: "Go on"},
			},
		}
	case stopping:
		leave := ui.Send(ui.Back{})
		if interrupt {
			leave = ui.Send(ui.Quit{})
		}
		return &ui.Dialog{
			Title: "The create is being stopped",
			Text:  "It ends what it has in hand. Not to wait for that loses nothing: the state on this machine is kept.",
			Answers: []ui.Answer{
				{Key: "l", Label: "Leave without waiting", Do: leave},
				{Key: "w", Label: "Wait"},
			},
		}
	case succeeded, failed, stopped, gone:
	}
	return nil
}

// Close implements ui.Closer: a create ends where its screen is left, and
// keeps its state.
func (m *Model) Close() {
	if m.run != nil {
		m.run.cancel()
	}
	m.cancel()
}
