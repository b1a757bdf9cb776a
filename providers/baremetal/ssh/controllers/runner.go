package controllers

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// runner runs at most one job for each object, beside its reconciler. A job
// tells N; what it returned stays until the reconciler has taken it.
type runner[N any] struct {
	ctx context.Context
	// gap is the least time between two wakes for the news of one job. The end
	// of a job wakes at once.
	gap time.Duration
	// broken makes what a job returns that has panicked.
	broken func(error) N
	wakes  chan event.TypedGenericEvent[client.ObjectKey]
	work   sync.WaitGroup
	// closed is closed when the manager stops: nobody hears wakes any more.
	closed chan struct{}

	mu   sync.Mutex
	jobs map[types.UID]*job[N]
}

type job[N any] struct {
	name   string
	key    client.ObjectKey
	cancel context.CancelFunc
	news   N
	ended  bool
	woken  time.Time
	timer  *time.Timer // a wake that is due; nil for none
}

// newRunner makes a runner whose jobs end with ctx.
func newRunner[N any](ctx context.Context, gap time.Duration, broken func(error) N) *runner[N] {
	return &runner[N]{
		ctx: ctx, gap: gap, broken: broken,
		wakes:  make(chan event.TypedGenericEvent[client.ObjectKey]),
		closed: make(chan struct{}),
		jobs:   map[types.UID]*job[N]{},
	}
}

// source makes the reconciler look at the objects whose jobs have news.
func (r *runner[N]) source() source.Source {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return source.Channel(r.wakes, handler.TypedFuncs[client.ObjectKey, reconcile.Request]{
		GenericFunc: func(_ context.Context, e event.TypedGenericEvent[client.ObjectKey], q queue) {
			q.Add(reconcile.Request{NamespacedName: e.Object})
		},
	})
}

// Start implements manager.Runnable: when the manager stops it waits until
// the jobs have.
func (r *runner[N]) Start(ctx context.Context) error {
	<-ctx.Done()
	close(r.closed)
	r.mu.Lock()
	for _, j := range r.jobs {
		j.cancel()
	}
	r.mu.Unlock()
	r.work.Wait()
	return nil
}

// start starts a job, unless the object has one. work gives its news to tell
// and ends early when its context does.
func (r *runner[N]) start(o client.Object, name string, work func(ctx context.Context, tell func(N)) N) {
	r.mu.Lock()
	defer r.mu.Unlock()
	uid := o.GetUID()
	if r.jobs[uid] != nil || r.ctx.Err() != nil {
		return
	}
	select {
	case <-r.closed:
		return
	default:
	}
	ctx, cancel := context.WithCancel(r.ctx)
	j := &job[N]{name: name, key: client.ObjectKeyFromObject(o), cancel: cancel, woken: time.Now()}
	r.jobs[uid] = j
	r.work.Go(func() {
		defer cancel()
		news := r.guarded(ctx, j, work)
		r.end(j, news)
	})
}

func (r *runner[N]) guarded(ctx context.Context, j *job[N], work func(context.Context, func(N)) N) (news N) {
	defer func() {
		if cause := recover(); cause != nil {
			err := fmt.Errorf("the program failed: %v", cause)
			ctrl.Log.WithName("ssh").Error(err, "a job panicked", "object", j.key, "job", j.name, "stack", string(debug.Stack()))
			news = r.broken(err)
		}
	}()
	return work(ctx, func(n N) { r.tell(j, n) })
}

func (r *runner[N]) tell(j *job[N], news N) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.news = news
	if j.timer != nil {
		return
	}
	j.timer = time.AfterFunc(r.gap-time.Since(j.woken), func() {
		r.mu.Lock()
		j.timer, j.woken = nil, time.Now()
		ended := j.ended
		r.mu.Unlock()
		if !ended {
			r.wake(j.key)
		}
	})
}

func (r *runner[N]) end(j *job[N], news N) {
	r.mu.Lock()
	j.news, j.ended = news, true
	if j.timer != nil {
		j.timer.Stop()
	}
	r.mu.Unlock()
	r.wake(j.key)
}

func (r *runner[N]) wake(key client.ObjectKey) {
	select {
	case r.wakes <- event.TypedGenericEvent[client.ObjectKey]{Object: key}:
	case <-r.closed:
	}
}

// state is what the object's job is called, what it told last, and whether it
// has ended; name is "" where there is none.
func (r *runner[N]) state(uid types.UID) (name string, news N, ended bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j := r.jobs[uid]; j != nil {
		return j.name, j.news, j.ended
	}
	return "", news, false
}

// take is state; a job that has ended is forgotten, so that another can start.
func (r *runner[N]) take(uid types.UID) (name string, news N, ended bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j := r.jobs[uid]
	if j == nil {
		return "", news, false
	}
	if j.ended {
		delete(r.jobs, uid)
	}
	return j.name, j.news, j.ended
}

// stop ends the object's job and forgets it; false while it has not ended yet,
// which wakes the reconciler.
func (r *runner[N]) stop(uid types.UID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	j := r.jobs[uid]
	if j == nil {
		return true
	}
	j.cancel()
	if j.ended {
		delete(r.jobs, uid)
	}
	return j.ended
}
