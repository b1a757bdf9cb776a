package controllers

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

func newTestRunner(t *testing.T, gap time.Duration) *runner[string] {
	t.Helper()
	r := newRunner(t.Context(), gap, func(err error) string { return err.Error() })
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		_ = r.Start(ctx)
		close(stopped)
	}()
	t.Cleanup(func() { cancel(); <-stopped })
	return r
}

func object(uid string) *infrav1.SSHHost {
	return &infrav1.SSHHost{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: uid, UID: "1"}}
}

func TestNewsOfAJobWakeSeldomItsEndAtOnce(t *testing.T) {
	r := newTestRunner(t, time.Hour)
	told := make(chan struct{})
	r.start(object("a"), "job", func(_ context.Context, tell func(string)) string {
		for range 1000 {
			tell("news")
		}
		close(told)
		return "end"
	})
	<-told
	wake := <-r.wakes // the only one
	if name, news, ended := r.take("1"); wake.Object.Name != "a" || name != "job" || news != "end" || !ended {
		t.Errorf("%q told %q, ended %t", name, news, ended)
	}
	if name, _, _ := r.take("1"); name != "" {
		t.Errorf("%q is still there", name)
	}
}

func TestNewsOfAJobWake(t *testing.T) {
	r := newTestRunner(t, time.Millisecond)
	r.start(object("a"), "job", func(ctx context.Context, tell func(string)) string {
		tell("news")
		<-ctx.Done()
		return "stopped"
	})
	<-r.wakes
	if _, news, ended := r.state("1"); news != "news" || ended {
		t.Errorf("it told %q, ended %t", news, ended)
	}
	if r.stop("1") {
		t.Error("it has ended before it could")
	}
	<-r.wakes
	if !r.stop("1") {
		t.Error("it has not ended")
	}
}

func TestOneJobForEachObject(t *testing.T) {
	r := newTestRunner(t, time.Millisecond)
	var begun atomic.Int32
	release := make(chan struct{})
	for range 5 {
		r.start(object("a"), "job", func(context.Context, func(string)) string {
			begun.Add(1)
			<-release
			return ""
		})
	}
	close(release)
	<-r.wakes
	if n := begun.Load(); n != 1 {
		t.Errorf("%d jobs", n)
	}
}

func TestJobThatPanicsEnds(t *testing.T) {
	r := newTestRunner(t, time.Millisecond)
	r.start(object("a"), "job", func(context.Context, func(string)) string { panic("planted") })
	<-r.wakes
	if _, news, ended := r.take("1"); !ended || !strings.Contains(news, "planted") {
		t.Errorf("it told %q, ended %t", news, ended)
	}
}

func TestManagerWaitsForJobs(t *testing.T) {
	r := newRunner(t.Context(), time.Millisecond, func(err error) string { return err.Error() })
	ctx, cancel := context.WithCancel(t.Context())
	begun, ended := make(chan struct{}), make(chan struct{})
	r.start(object("a"), "job", func(ctx context.Context, _ func(string)) string {
		close(begun)
		<-ctx.Done()
		close(ended)
		return ""
	})
	<-begun
	cancel()
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	default:
		t.Error("it did not wait")
	}
	r.start(object("b"), "job", func(context.Context, func(string)) string {
		t.Error("a job was started after the end")
		return ""
	})
}

func TestMessages(t *testing.T) {
	long := strings.Repeat("a line of the log\n", 1000)
	got := withLog("it failed", long)
	if !strings.HasPrefix(got, "it failed\na line of the log\n") || len(got) > maxLog+20 || strings.HasSuffix(got, "\n") {
		t.Errorf("%d bytes: %.60q", len(got), got)
	}
	if got := withLog("it failed", ""); got != "it failed" {
		t.Errorf("without a log it is %q", got)
	}
	if got := bounded(strings.Repeat("ä", maxMessage)); len(got) > maxMessage+len("…") || !strings.HasSuffix(got, "ä…") {
		t.Errorf("%d bytes end in %q", len(got), got[len(got)-8:])
	}
	if got := mebibytes(812<<20+1, 1203<<20+1); got != "812 of 1204 MiB" {
		t.Errorf("got %q", got)
	}
	if got := explain(errors.New("why")); got != "why" {
		t.Errorf("got %q", got)
	}
}
