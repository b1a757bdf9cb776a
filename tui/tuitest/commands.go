package tuitest

import (
	"reflect"
	"runtime"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// start runs a command in the background.
func (d *Driver) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	key, soon := d.acting, !clock(cmd)
	d.expect(soon)
	go func() { d.answer(message{cmd(), key, soon}) }()
}

// startInOrder runs commands one after the other. Batches among them are not
// waited for.
func (d *Driver) startInOrder(cmds []tea.Cmd) {
	key := d.acting
	d.expect(true)
	go func() {
		for _, cmd := range cmds {
			if cmd != nil {
				d.answer(message{cmd(), key, false})
			}
		}
		d.answer(message{nil, key, true})
	}()
}

// expect counts a command whose answer is waited for. Those that come of
// earlier keys are not: a spinner would have every key wait for it.
func (d *Driver) expect(soon bool) {
	if soon && d.acting == d.key {
		d.open++
	}
}

func (d *Driver) answer(m message) {
	select {
	case d.messages <- m:
	case <-d.done:
	}
}

func (d *Driver) take(m message) {
	if m.soon && m.key == d.key && d.open > 0 {
		d.open--
	}
	d.acting = m.key
	d.update(m.msg)
}

// settle lets the commands answer that do so at once.
func (d *Driver) settle() {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for d.open > 0 {
		select {
		case m := <-d.messages:
			d.take(m)
		case <-timer.C:
			// Those that are left are of the slow kind: nobody waits again.
			d.open = 0
		}
	}
	for {
		select {
		case m := <-d.messages:
			d.take(m)
		default:
			return
		}
	}
}

// pump takes one answer, and says whether one came before the deadline.
func (d *Driver) pump(deadline <-chan time.Time) bool {
	select {
	case m := <-d.messages:
		d.take(m)
		return true
	case <-deadline:
		return false
	}
}

// clock says whether a command waits for a clock, and no answer is to be
// expected soon: ticks, and cursors that blink.
func clock(cmd tea.Cmd) bool {
	name := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name()
	for _, part := range []string{".Tick.", ".Every.", ".BlinkCmd.", "bubbles/cursor."} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
