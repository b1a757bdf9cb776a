package progress

import (
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/tui/app"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// big is a create of 500 machines in the whole program at 120x40.
func big(b *testing.B) (*Model, *app.App) {
	b.Helper()
	p := newPlay(tuitest.Env())
	m := New(p.env, p, request(false)).(*Model)
	program := app.New(p.env, m)
	program.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.start()
	m.takeEvents(append([]event.Event{{Kind: event.StepStarted, Step: "workers", Message: "Bring up the workers", Time: begun}}, moves(0)...))
	p.at(time.Minute)
	b.Cleanup(program.Close)
	return m, program
}

// moves are an event of each machine.
func moves(round int) []event.Event {
	var events []event.Event
	for i := range 500 {
		events = append(events, event.Event{Kind: event.MachineMoved, Time: begun, Machine: &event.Machine{
			Name: machineName(i), Role: wrk, Group: "md-0", Stage: event.StageCloning, Address: fmt.Sprintf("192.0.2.%d", i%200),
			LastWord: fmt.Sprintf("waiting for the clone task to end, look %d", round), Since: begun,
		}})
	}
	return events
}

func reportFrames(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/frame")
}

// From a key to the frame that shows what it did.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, c := range []struct {
		name    string
		keys    []tea.KeyMsg
		prepare func(*Model)
	}{
		{name: "table", keys: []tea.KeyMsg{{Type: tea.KeyDown}, {Type: tea.KeyPgDown}, {Type: tea.KeyUp}}},
		{name: "filter", keys: []tea.KeyMsg{{Type: tea.KeyRunes, Runes: []rune("7")}, {Type: tea.KeyBackspace}}, prepare: (*Model).askFilter},
		{name: "log", keys: []tea.KeyMsg{{Type: tea.KeyUp}, {Type: tea.KeyPgUp}, {Type: tea.KeyEnd}}, prepare: func(m *Model) {
			m.pane, m.log.wrap = logPane, true
			for i := range ringLimit {
				m.log.add(line{text: fmt.Sprintf("10:30:00 reconciled the machine  machine=%s  controller=vspherevm  namespace=eksa-system  n=%d", machineName(i%500), i)})
			}
			m.log.setFilter("machine=")
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m, program := big(b)
			if c.prepare != nil {
				c.prepare(m)
			}
			program.View()
			for i := 0; b.Loop(); i++ {
				program.Update(c.keys[i%len(c.keys)])
				if program.View() == "" {
					b.Fatal("nothing is drawn")
				}
			}
			reportFrames(b)
		})
	}
}

// A second in which every machine has moved, which is more than one frame ever
// has to show.
func BenchmarkEventsToFrame(b *testing.B) {
	m, program := big(b)
	rounds := [][]event.Event{moves(1), moves(2)}
	var screen ui.Screen = m
	for i := 0; b.Loop(); i++ {
		screen, _ = screen.Update(batch{m.run.queue, rounds[i%2]})
		program.View()
	}
	reportFrames(b)
}
