package progress

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/app"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// whole is the create in the whole program.
func (p *play) whole(t *testing.T, width, height int) *tuitest.Driver {
	t.Helper()
	program := app.New(p.env, New(p.env, p, request(false)))
	t.Cleanup(program.Close)
	d := tuitest.New(t, program, width, height)
	p.sink = <-p.sinks
	return d
}

func TestLeavingARunningCreateIsAsked(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, _ func(*tuitest.Driver, string)) {
		p := newPlay(tuitest.Env())
		d := p.whole(t, width, height)
		p.upTo()
		d.Wait("demo-cp-m2nqq")
		d.Press("esc")
		d.Wait("Stop and keep the state")
		d.Press("g")
		d.WaitGone("Stop and keep the state")
		if d.Finished() {
			t.Fatal("going on left the create")
		}
		d.Press("esc", "s")
		d.Wait("was stopped", "press r", "bootstrap delete cluster demo")
		d.Press("r")
		p.sink = <-p.sinks
		d.Wait("Creating demo")
		d.Press("ctrl+c", "s")
		d.WaitFinished()
	})
}

func TestStopped(t *testing.T) {
	onEverySize(t, func(t *testing.T, width, height int, golden func(*tuitest.Driver, string)) {
		p := newPlay(tuitest.Env())
		d := p.started(t, width, height, true)
		p.upTo()
		d.Wait("demo-cp-m2nqq")
		p.at(90 * time.Second)
		d.Send(stop{})
		d.Wait("was stopped")
		golden(d, "stopped")
	})
}

// A create that has been told to stop and fails is no stopped one.
func TestACreateThatFailsWhileItIsStoppedIsRead(t *testing.T) {
	p := newPlay(tuitest.Env())
	p.CreateFunc = func(context.Context, backend.Request, event.Sink) (backend.Result, error) {
		p.sinks <- event.Discard
		e := <-p.ends
		return e.result, e.err
	}
	d := p.whole(t, 80, 24)
	d.Press("ctrl+c", "s")
	d.Wait("Stopping")
	d.Press("ctrl+c")
	d.Wait("Leave without waiting")
	d.Press("esc")
	p.ends <- ending{err: &failure.Error{Summary: "the disk is full", Remedy: "make room"}}
	d.Wait("the disk is full", "make room")
	d.Press("esc")
	d.WaitFinished()
}

// The program ends with a create that it was to end with, but for what is to
// be read.
func TestWhatEndsTheProgram(t *testing.T) {
	for _, c := range []struct {
		name string
		quit bool
		err  error
		want bool
	}{
		{"stopped to quit", true, context.Canceled, true},
		{"stopped to quit, in the workflow's words", true, &failure.Error{Code: failure.Interrupted, Err: context.Canceled}, true},
		{"stopped to stay", false, context.Canceled, false},
		{"failed meanwhile", true, &failure.Error{Code: failure.Infrastructure}, false},
		{"ready meanwhile", true, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlay(tuitest.Env())
			m := New(p.env, p, request(false)).(*Model)
			m.start()
			m.halt(stop{c.quit})
			cmd := m.end(finished{m.run.queue, backend.Result{}, c.err})
			if got := cmd != nil && cmd() == tea.Msg(ui.Quit{}); got != c.want {
				t.Errorf("it ends: %v, want %v", got, c.want)
			}
		})
	}
}

// The answer to the dialog may come after the end.
func TestACreateThatFailsWhileIsAsked(t *testing.T) {
	p := newPlay(tuitest.Env())
	d := p.whole(t, 80, 24)
	d.Press("ctrl+c")
	d.Wait("Stop and keep the state")
	p.ends <- ending{err: &failure.Error{Summary: "the disk is full", Remedy: "make room"}}
	d.Wait("The create of demo failed")
	d.Press("s")
	d.Wait("the disk is full", "make room")
}

func TestAChangedConfigurationIsConsentedTo(t *testing.T) {
	p := newPlay(tuitest.Env())
	d := p.whole(t, 80, 24)
	p.ends <- ending{err: &failure.Error{
		Code: failure.Configuration, Summary: "the configuration differs from the one that this create began with:\n- a\n+ b",
		Remedy: "run it with the configuration as it was, or consent with --accept-changes",
	}}
	d.Wait("press a to consent")
	d.Press("a")
	d.Wait("Go on with the changed configuration?")
	d.Type("demo")
	d.Press("enter")
	p.sink = <-p.sinks
	d.Wait("Creating demo")
	if r := p.Requests(); len(r) != 2 || r[0].AcceptChanges || !r[1].AcceptChanges {
		t.Errorf("the requests are %+v", r)
	}
}

func TestClosingEndsTheCreate(t *testing.T) {
	p := newPlay(tuitest.Env())
	screen := New(p.env, p, request(false))
	d := tuitest.Body(t, screen, 80, 24)
	<-p.sinks
	screen.(ui.Closer).Close()
	d.Wait("context canceled")
}

func TestAsciiAlone(t *testing.T) {
	p := newPlay(tuitest.ASCIIEnv())
	d := p.started(t, 80, 24, false)
	p.upTo()
	d.Wait("demo-md-0-6f9c4-4vwxh")
	d.Golden("ascii-80x24")
	if i := strings.IndexFunc(d.Screen(), func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("the screen holds %q", d.Screen()[i:i+3])
	}
}
