package controllers

import "time"

// DeletionGrace is how long the deletion of a machine waits for a host that
// does not answer. Then the machine goes, and the host is reset once it
// answers again, before anything else is done with it.
const DeletionGrace = 2 * time.Minute

// CleaningGrace is how long an SSHHost that is to be deleted waits to be
// reset. Whoever deletes the cluster has been told long before.
const CleaningGrace = 10 * time.Minute

// Bootstrap data is tried again after a failure: most often the control plane
// could not be reached for a while. What kubeadm init does depends on its
// host alone, so that another failure is certain to follow the second.
const (
	maxInitFailures = 2
	maxJoinFailures = 4
)

// timing is how long the controllers wait for what. Tests have less patience.
type timing struct {
	// news is the least time between two patches of a machine that only tell
	// how far it is.
	news time.Duration
	// poll is how often a job on a host is looked at.
	poll time.Duration
	// signature bounds how long a machine waits for a signature before it
	// joins, signaturePoll is how often is looked for it.
	signature, signaturePoll time.Duration
	// answer bounds a question to a host that should be answered at once.
	answer time.Duration
	// retryFirst is how long after a failure something is tried again; each
	// further failure doubles it, up to retryMost.
	retryFirst, retryMost time.Duration
	// bootstrapRetry is retryFirst for bootstrap data, and has no most.
	bootstrapRetry time.Duration
	// switchFirst is how long a machine waits for a host that has never
	// answered it, switchLater for one on which it has begun, before it takes
	// another one, if there is one. From when the bootstrap data may have been
	// started it never does: there may be a node.
	switchFirst, switchLater time.Duration
	// probe is how often a host without a machine is looked at, probeClaimed
	// how often one with a machine, probeDirty how often one that is to be
	// reset is tried.
	probe, probeClaimed, probeDirty time.Duration
	// seen is how old an SSHHost's lastSeen may be.
	seen time.Duration
	// wait is how often a machine without a host looks again by itself.
	wait time.Duration
	// avoid is how long a host that has failed a machine is its last choice,
	// avoidUnfit how long one that is not fit is none at all.
	avoid, avoidUnfit time.Duration
	// deletionGrace and cleaningGrace are DeletionGrace and CleaningGrace.
	deletionGrace, cleaningGrace time.Duration
}

func defaultTiming() timing {
	return timing{
		news: 2 * time.Second, poll: time.Second, signature: 10 * time.Second, signaturePoll: 200 * time.Millisecond, answer: 30 * time.Second,
		retryFirst: time.Second, retryMost: 15 * time.Second, bootstrapRetry: 10 * time.Second,
		switchFirst: 20 * time.Second, switchLater: 2 * time.Minute,
		probe: 30 * time.Second, probeClaimed: 2 * time.Minute, probeDirty: 10 * time.Second,
		seen: time.Minute, wait: 10 * time.Second, avoid: 10 * time.Minute, avoidUnfit: 30 * time.Second,
		deletionGrace: DeletionGrace, cleaningGrace: CleaningGrace,
	}
}

// retry is how long to wait after the nth failure in a row.
func (t timing) retry(n int) time.Duration {
	return min(t.retryFirst<<min(max(n-1, 0), 16), t.retryMost)
}
