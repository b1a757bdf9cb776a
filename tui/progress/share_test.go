package progress

import (
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
)

// Whatever comes, the bar does not go back.
func TestTheBarOnlyGrows(t *testing.T) {
	m := &Model{}
	const expected = 30 * time.Second
	last := 0.0
	for s := range 60 {
		if s == 3 {
			m.steps.wait = &event.Wait{Machines: 3}
		}
		if s == 20 {
			m.steps.wait = &event.Wait{Machines: 3, Ready: 1}
		}
		if s == 50 {
			m.steps.wait = &event.Wait{Machines: 3, Ready: 3}
		}
		share, _ := m.share(time.Duration(s)*time.Second, expected)
		if share < last || share > 1 {
			t.Fatalf("after %d s it is at %v, before at %v", s, share, last)
		}
		last = share
	}
	if last != 1 {
		t.Errorf("at the end it is at %v", last)
	}
	m.steps.wait = nil
	if share, _ := m.share(time.Hour, 0); share >= 0 {
		t.Errorf("of what nothing is known there is a bar at %v", share)
	}
}
