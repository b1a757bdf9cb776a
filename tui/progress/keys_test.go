package progress

import (
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

// chosen is the row of the table that the cursor is on.
func chosen(d *tuitest.Driver) string {
	for _, line := range strings.Split(d.Screen(), "\n") {
		if rest, is := strings.CutPrefix(line, "❯ "); is && !strings.HasPrefix(rest, "Machines") {
			return strings.Fields(rest)[1]
		}
	}
	return ""
}

func TestTheTableIsWalked(t *testing.T) {
	p := newPlay(tuitest.Env())
	d := p.started(t, 80, 24, false)
	for i := range 40 {
		p.machine(0, machineName(i), wrk, "md-0", event.StageCloning, "", "")
	}
	d.Wait("1-7 of 40 machines")
	for _, c := range []struct{ key, want string }{
		{"down", machineName(1)}, {"j", machineName(2)}, {"k", machineName(1)}, {"up", machineName(0)}, {"up", machineName(0)},
		{"pgdn", machineName(7)}, {"pgdn", machineName(14)}, {"pgup", machineName(7)}, {"G", machineName(39)}, {"down", machineName(39)}, {"g", machineName(0)},
	} {
		d.Press(c.key)
		if got := chosen(d); got != c.want {
			t.Errorf("%s chose %s, want %s", c.key, got, c.want)
		}
	}
	d.Press("down", "down")
	p.machine(0, "demo-cp", cp, "", event.StageCloning, "", "")
	p.machine(0, machineName(0), wrk, "md-0", stageGone, "", "")
	d.Wait("of 40 machines", "demo-cp")
	if got := chosen(d); got != machineName(2) {
		t.Errorf("what came and went moved the cursor to %s", got)
	}
	d.Press("/")
	d.Type("00003")
	d.Wait("1 of 40")
	if got := chosen(d); got != machineName(3) {
		t.Errorf("filtered, the cursor is on %s", got)
	}
	d.Type("x")
	d.Wait("No machine holds")
	d.Press("esc")
	d.Wait("of 40 machines")
	d.Resize(120, 36)
	d.Wait("GROUP", "md-0")
}

func TestFailingMachinesAreTwoKeysAway(t *testing.T) {
	p := newPlay(tuitest.Env())
	d := p.started(t, 80, 24, false)
	d.Press("n")
	if sent := tuitest.Sent[ui.Toast](d); len(sent) != 1 || sent[0].Text != "No machine needs a look." {
		t.Errorf("said %v", sent)
	}
	for i := range 30 {
		p.machine(0, machineName(i), wrk, "md-0", event.StageCloning, "", map[bool]string{true: "clone failed"}[i == 11 || i == 25])
	}
	d.Wait("of 30 machines")
	p.at(time.Minute)
	d.Wait("2 to look at")
	for _, from := range [][]string{{}, {"tab"}, {"tab", "tab"}, {"/"}, {"g", "enter"}} {
		d.Press(from...)
		if len(from) > 0 && from[0] == "/" {
			d.Press("ctrl+t", "enter") // letters are typed
		} else {
			d.Press("n", "enter")
		}
		d.Wait("Machine " + machineName(11))
		d.Press("n")
		d.Wait("Machine " + machineName(25))
		d.Press("n")
		d.Wait("Machine " + machineName(11))
		d.Press("esc", "g")
		d.Wait("of 30 machines")
	}
	d.Press("n", "enter")
	p.machine(time.Minute, machineName(11), wrk, "md-0", stageGone, "", "")
	d.Wait("It is gone.")
}

// Letters that are meant for a filter do not answer what came meanwhile.
func TestAFailureWaitsForWhatIsTyped(t *testing.T) {
	p := newPlay(tuitest.Env())
	d := p.started(t, 80, 24, false)
	d.Press("tab", "/")
	p.ends <- ending{err: &failure.Error{Summary: "the disk is full", Remedy: "make room"}}
	d.Wait("The create of demo failed")
	d.Type("rnr")
	d.Wait("Filter the log: rnr")
	d.Press("enter")
	d.Wait("the disk is full", "make room")
	if n := len(p.Requests()); n != 1 {
		t.Errorf("%d creates", n)
	}
}

func TestEscClosesWhatIsOpenFirst(t *testing.T) {
	p := newPlay(tuitest.Env())
	d := p.whole(t, 80, 24)
	p.upTo()
	d.Wait("demo-cp-m2nqq")
	d.Press("/")
	d.Type("cp")
	d.Press("enter", "enter")
	d.Wait("Machine demo-cp-")
	d.Press("esc")
	d.Wait(`that hold "cp", of 4`)
	d.Press("esc")
	d.WaitGone(`that hold "cp"`)
	d.Press("esc")
	d.Wait("Stop and keep the state")
}
