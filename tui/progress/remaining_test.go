package progress

import (
	"testing"
	"time"

	"groundwork.dev/bootstrap/tui/backend"
)

func TestLeft(t *testing.T) {
	perStep := backend.Estimate{Total: time.Minute, Steps: map[string]time.Duration{"a": 10 * time.Second, "b": 20 * time.Second, "c": 30 * time.Second}}
	done := step{name: "a", state: stepDone}
	for _, c := range []struct {
		name     string
		estimate backend.Estimate
		steps    []step
		after    time.Duration
		want     time.Duration
		known    bool
	}{
		{name: "nothing is known"},
		{name: "the total alone", estimate: backend.Estimate{Total: time.Minute}, after: 20 * time.Second, want: 40 * time.Second, known: true},
		{name: "the total is over", estimate: backend.Estimate{Total: time.Minute}, after: 61 * time.Second},
		{name: "before the first step", estimate: perStep, want: time.Minute, known: true},
		{name: "quicker than expected", estimate: perStep, after: 2 * time.Second, steps: []step{done}, want: 50 * time.Second, known: true},
		{
			name: "within a step", estimate: perStep, after: 5 * time.Second,
			steps: []step{done, {name: "b", begun: begun}}, want: 45 * time.Second, known: true,
		},
		{
			name: "a step over its time", estimate: perStep, after: time.Minute,
			steps: []step{done, {name: "b", begun: begun}}, want: 30 * time.Second, known: true,
		},
		{
			name: "the last step over its time", estimate: perStep, after: time.Minute,
			steps: []step{done, {name: "b", state: stepSkipped}, {name: "c", begun: begun}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, known := left(c.estimate, &steps{list: c.steps}, begun, begun.Add(c.after))
			if known != c.known || known && got != c.want {
				t.Errorf("left = %v, %v; want %v, %v", got, known, c.want, c.known)
			}
		})
	}
}

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		d                           time.Duration
		exact, whole, coarse, about string
	}{
		{0, "0.0s", "0s", "0s", "a few seconds"},
		{1234 * time.Millisecond, "1.2s", "1s", "0s", "a few seconds"},
		{59 * time.Second, "59.0s", "59s", "50s", "about 1 min"},
		{95 * time.Second, "1m35s", "1m35s", "1m", "about 2 min"},
		{44 * time.Second, "44.0s", "44s", "40s", "about 40 s"},
		{3661 * time.Second, "1h01m", "1h01m", "1h01", "about 1 h 1 min"},
	} {
		if got := [...]string{exact(c.d), whole(c.d), coarse(c.d), about(c.d)}; got != [...]string{c.exact, c.whole, c.coarse, c.about} {
			t.Errorf("%v is %q", c.d, got)
		}
	}
	if whole(-time.Second) != "0s" || coarse(-time.Second) != "0s" {
		t.Error("a clock that was set back shows negative times")
	}
}
