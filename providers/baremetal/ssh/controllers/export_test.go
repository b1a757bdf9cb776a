package controllers

import "time"

// Impatient are options under which everything happens within moments; grace
// is how long hosts that do not answer are waited for.
func Impatient(o Options, grace time.Duration) Options {
	t := defaultTiming()
	t.news, t.poll = time.Millisecond, 2*time.Millisecond
	t.signature, t.signaturePoll = grace, time.Millisecond
	t.retryFirst, t.retryMost, t.bootstrapRetry = 5*time.Millisecond, 20*time.Millisecond, 5*time.Millisecond
	t.probe, t.probeClaimed, t.probeDirty = 30*time.Millisecond, 30*time.Millisecond, 10*time.Millisecond
	t.seen, t.wait = time.Millisecond, 20*time.Millisecond
	t.switchFirst, t.switchLater = grace, grace
	t.avoidUnfit = 200 * time.Millisecond
	t.deletionGrace, t.cleaningGrace = grace, grace
	o.timing = &t
	return o
}
