package progress

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"groundwork.dev/bootstrap/internal/event"
)

func TestTheQueueNeverBlocksAndStaysBounded(t *testing.T) {
	q := newQueue()
	q.Emit(event.Event{Kind: event.StepStarted, Step: "workers"})
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 10000 {
				q.Emit(event.Event{Kind: event.MachineMoved, Machine: &event.Machine{Name: fmt.Sprint(i % 50), LastWord: fmt.Sprint(w, i)}})
				q.Emit(event.Event{Kind: event.Waiting, Wait: &event.Wait{LastWord: fmt.Sprint(i)}})
			}
		})
	}
	writers.Wait()
	q.Emit(event.Event{Kind: event.MachineMoved, Machine: &event.Machine{Name: "7", LastWord: "last"}})
	got := q.wait(t.Context())
	if len(got) > 2*queueLimit {
		t.Errorf("%d events wait", len(got))
	}
	last := map[string]string{}
	for _, e := range got {
		if e.Machine != nil {
			last[e.Machine.Name] = e.Machine.LastWord
		}
		if e.Time.IsZero() {
			t.Fatal("an event has no time")
		}
	}
	if got[0].Step != "workers" || len(last) != 50 || last["7"] != "last" {
		t.Errorf("the first is %+v, %d machines, the last of 7 is %q", got[0], len(last), last["7"])
	}
	if again := q.take(); len(again) != 0 {
		t.Errorf("%d events came twice", len(again))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if got := q.wait(ended); len(got) != 0 {
		t.Errorf("nothing came as %v", got)
	}
}
