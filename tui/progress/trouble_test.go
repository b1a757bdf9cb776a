package progress

import (
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

func TestTrouble(t *testing.T) {
	now := begun.Add(time.Hour)
	for _, c := range []struct {
		name   string
		m      event.Machine
		in     time.Duration
		usual  []time.Duration
		failed string
		want   trouble
	}{
		{name: "ready is well for ever", m: event.Machine{Stage: event.StageReady}, in: time.Hour, want: well},
		{name: "pending waits for others", m: event.Machine{Stage: event.StagePending, LastWord: "error"}, in: time.Hour, want: well},
		{name: "within the patience", m: event.Machine{Stage: event.StagePoweredOn}, in: 2 * time.Minute, want: well},
		{name: "beyond it", m: event.Machine{Stage: event.StagePoweredOn}, in: 3 * time.Minute, want: slow},
		{
			name: "slower than the others", m: event.Machine{Stage: event.StageCloning}, in: time.Minute,
			usual: []time.Duration{10 * time.Second, 12 * time.Second, 9 * time.Second}, want: slow,
		},
		{
			name: "two others say nothing", m: event.Machine{Stage: event.StageCloning}, in: time.Minute,
			usual: []time.Duration{10 * time.Second, 12 * time.Second}, want: well,
		},
		{
			name: "not much slower than the others", m: event.Machine{Stage: event.StageCloning}, in: 15 * time.Second,
			usual: []time.Duration{time.Second, time.Second, time.Second}, want: well,
		},
		{name: "an error", m: event.Machine{Stage: event.StageCloning, LastWord: "CloneVM_Task Failed"}, in: 15 * time.Second, want: ailing},
		{name: "an error of a moment", m: event.Machine{Stage: event.StageCloning, LastWord: "connection refused"}, in: 2 * time.Second, want: well},
		{name: "the failure names it", m: event.Machine{Stage: event.StagePending}, failed: "Machine eksa-system/demo-1: gone", want: lost},
		{name: "the failure names another", m: event.Machine{Stage: event.StagePending}, failed: "Machine eksa-system/demo-10", want: well},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := newMachines()
			for _, took := range c.usual {
				all.learn(c.m.Stage, took)
			}
			c.m.Name, c.m.Since = "demo-1", now.Add(-c.in)
			all.put(c.m)
			all.judge(now, c.failed)
			if got := all.rows[0].trouble; got != c.want {
				t.Errorf("trouble = %d, want %d", got, c.want)
			}
			if want := map[bool]int{true: 1}[c.want != well]; all.troubled != want {
				t.Errorf("%d need a look, want %d", all.troubled, want)
			}
		})
	}
}

func TestMachinesComeAndGo(t *testing.T) {
	all := newMachines()
	put := func(name, role, group string, stage event.Stage, since time.Duration) bool {
		return all.put(event.Machine{Name: name, Role: role, Group: group, Stage: stage, Since: begun.Add(since)})
	}
	put("w-2", wrk, "md-1", event.StagePending, 0)
	put("w-1", wrk, "md-0", event.StagePending, 0)
	put("c-1", cp, "", event.StageCloning, 0)
	if put("c-1", cp, "", event.StageCloning, 0) {
		t.Error("a machine moved that did not")
	}
	if !put("c-1", cp, "", event.StageReady, time.Minute) {
		t.Error("a machine did not move that did")
	}
	put("w-2", wrk, "a-group", event.StageReady, time.Minute) // its label comes late
	var order string
	for _, m := range all.rows {
		order += m.Name + " "
	}
	if order != "c-1 w-2 w-1 " || all.ready != 2 {
		t.Errorf("the order is %q, %d ready", order, all.ready)
	}
	if past := all.find("c-1").past; len(past) != 1 || past[0].took != time.Minute {
		t.Errorf("the past is %v", past)
	}
	put("c-1", cp, "", stageGone, 2*time.Minute)
	put("never-seen", cp, "", stageGone, 2*time.Minute)
	if len(all.rows) != 2 || all.ready != 1 || all.find("c-1") != nil {
		t.Errorf("%d machines, %d ready", len(all.rows), all.ready)
	}
	all.replace([]event.Machine{{Name: "w-1", Role: wrk, Group: "md-0", Stage: event.StageReady}})
	if len(all.rows) != 1 || all.ready != 1 {
		t.Errorf("replaced, %d machines, %d ready", len(all.rows), all.ready)
	}
}
