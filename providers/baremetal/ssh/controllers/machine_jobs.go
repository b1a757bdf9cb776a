package controllers

import (
	"context"
	"errors"
	"fmt"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// The jobs of a machine. Each can be started again at any time: it looks at
// the host first.
const (
	installMachine   = "install"   // claim the host, bring the node files
	bootstrapMachine = "bootstrap" // run the bootstrap data
	deleteMachine    = "delete"    // take everything off the host
)

// result is how a job of a machine ended.
type result string

const (
	resultNone result = "" // it has not ended
	// resultDone: what the job is for has been done.
	resultDone result = "done"
	// resultStopped: somebody stopped it.
	resultStopped result = "stopped"
	// resultLost: the host does not answer.
	resultLost result = "lost"
	// resultRefused: the host is not to be had: somebody else has it, or it
	// is not clean or not fit.
	resultRefused result = "refused"
	// resultNoFiles: the bundle of node files cannot be read.
	resultNoFiles result = "no files"
	// resultFailed: something on the host failed.
	resultFailed result = "failed"
	// resultForgotten: the host has no record of its owner any more.
	resultForgotten result = "forgotten"
)

// machineNews is what a job tells of its machine.
type machineNews struct {
	result result
	// reason and message are for the condition that the job works on.
	reason, message string
	// certain is true for a failure that comes back until a person has changed
	// something.
	certain bool
	// owned is true when the host records this machine as its owner.
	owned  bool
	copied infrav1.Copied
	// attempt is the one, as the host counts, that has failed.
	attempt int32
}

// machineWork is what a job is given.
type machineWork struct {
	target remote.Target
	files  infrav1.NodeFiles
	node   node.Work // without Bundle
	// failedAttempt is the last one whose failure is known.
	failedAttempt int32
	requirements  infrav1.HostRequirements
}

func ended(ctx context.Context, news machineNews, result result, reason string, err error) machineNews {
	if ctx.Err() != nil {
		return machineNews{result: resultStopped, owned: news.owned, copied: news.copied}
	}
	news.result, news.reason, news.message, news.certain = result, reason, explain(err), certain(err)
	return news
}

// failed ends a job with an error from a host, which may be a connection that
// was lost.
func failed(ctx context.Context, news machineNews, reason string, err error) machineNews {
	if errors.Is(err, remote.ErrLost) || errors.Is(err, remote.ErrUnreachable) || errors.Is(err, errSilent) {
		return ended(ctx, news, resultLost, infrav1.HostUnreachableReason, err)
	}
	return ended(ctx, news, resultFailed, reason, err)
}

// install claims the host, on the host, and installs the node files.
func (r *machineReconciler) install(ctx context.Context, w machineWork, tell func(machineNews)) machineNews {
	news := machineNews{reason: infrav1.ConnectingReason, message: "connecting to " + w.target.Name}
	tell(news)
	h, err := r.hosts.Connect(ctx, w.target)
	if err != nil {
		return ended(ctx, news, resultLost, infrav1.HostUnreachableReason, err)
	}
	defer func() { _ = h.Close() }()
	shared, done, err := r.bundles.get(ctx, w.files)
	if err != nil {
		return ended(ctx, news, resultNoFiles, infrav1.NodeFilesUnavailableReason, err)
	}
	defer done()
	w.node.Bundle = shared
	if news := r.own(ctx, h, w, news, tell); news.result != resultNone {
		return news
	}
	news.owned, news.reason, news.message = true, infrav1.InstallingReason, "installing the node files"
	tell(news)
	err = h.Install(ctx, w.node, func(message string, p remote.CopyProgress) {
		news.copied = infrav1.Copied{Total: p.Total, Present: p.Present, Sent: p.Sent}
		news.message = fmt.Sprintf("%s (%s)", message, mebibytes(p.Present+p.Sent, p.Total))
		tell(news)
	})
	if err != nil {
		return failed(ctx, news, infrav1.InstallFailedReason, err)
	}
	news.result, news.reason, news.message = resultDone, infrav1.InstalledReason, ""
	return news
}

// own makes the host record the machine as its owner, unless it is another's,
// not clean or not fit.
func (r *machineReconciler) own(ctx context.Context, h Host, w machineWork, news machineNews, tell func(machineNews)) machineNews {
	var facts node.Facts
	err := answered(ctx, r.timing, func(ctx context.Context) (err error) {
		facts, err = h.Look(ctx)
		return err
	})
	if err != nil {
		return failed(ctx, news, infrav1.InstallFailedReason, err)
	}
	if facts.Owner.UID == w.node.Owner.UID {
		// A reset that is under way has to end first.
		if err := r.finishReset(ctx, h, w, news, tell); err != nil {
			return failed(ctx, news, infrav1.InstallFailedReason, err)
		}
	} else if reason, message := refusal(facts, w); reason != "" {
		news.result, news.reason, news.message = resultRefused, reason, message
		return news
	}
	if err := answered(ctx, r.timing, func(ctx context.Context) error { return h.Claim(ctx, w.node.Owner) }); err != nil {
		return failed(ctx, news, infrav1.InstallFailedReason, err)
	}
	return news
}

// finishReset ends a reset that somebody has begun on the machine's host.
func (r *machineReconciler) finishReset(ctx context.Context, h Host, w machineWork, news machineNews, tell func(machineNews)) error {
	status, err := jobStatus(ctx, h, r.timing)
	if err != nil || status.Job != resetJob {
		return err
	}
	return reset(ctx, h, w.node.Owner.UID, r.timing, func(message string) {
		news.message = message
		tell(news)
	})
}

// bootstrap runs the bootstrap data on a host that has the node files.
func (r *machineReconciler) bootstrap(ctx context.Context, w machineWork, tell func(machineNews)) machineNews {
	news := machineNews{reason: infrav1.ConnectingReason, message: "connecting to " + w.target.Name}
	tell(news)
	h, err := r.hosts.Connect(ctx, w.target)
	if err != nil {
		return ended(ctx, news, resultLost, infrav1.HostUnreachableReason, err)
	}
	defer func() { _ = h.Close() }()
	for starts := 0; ; {
		status, err := jobStatus(ctx, h, r.timing)
		if err != nil {
			return failed(ctx, news, infrav1.BootstrappingReason, err)
		}
		if status.Owner.UID != w.node.Owner.UID || status.Job == resetJob {
			// Somebody has reset it, or is about to.
			return ended(ctx, news, resultForgotten, infrav1.WaitingReason,
				errors.New("the host has no record of this machine any more: everything is done again"))
		}
		news.owned, news.reason, news.message = true, infrav1.BootstrappingReason, status.Step+" on "+w.target.Name
		switch broken := status.Phase == node.PhaseFailed && !status.Interrupted; {
		case status.Phase == node.PhaseDone:
			news.result, news.reason, news.message = resultDone, infrav1.BootstrappedReason, ""
			return news
		case broken && (int32(status.Attempt) > w.failedAttempt || starts > 1):
			news.attempt = int32(status.Attempt)
			return ended(ctx, news, resultFailed, infrav1.BootstrapFailedReason,
				errors.New(withLog(fmt.Sprintf("the bootstrap failed on %s: %s", w.target.Name, status.Step), status.Log)))
		case status.Phase != node.PhaseRunning:
			// Not begun, interrupted by a restart of the host, or to be tried
			// again after a failure.
			r.awaitSignature(ctx, discoveryOf(w.node.BootstrapData), func(message string) {
				news.message = message
				tell(news)
			})
			if err := answered(ctx, r.timing, func(ctx context.Context) error { return h.Bootstrap(ctx, w.node) }); err != nil {
				return failed(ctx, news, infrav1.BootstrappingReason, err)
			}
			starts++
			news.message = "starting the bootstrap on " + w.target.Name
		}
		tell(news)
		if err := sleep(ctx, r.timing.poll); err != nil {
			return ended(ctx, news, resultStopped, "", err)
		}
	}
}

// takeOff resets the host.
func (r *machineReconciler) takeOff(ctx context.Context, w machineWork, tell func(machineNews)) machineNews {
	news := machineNews{reason: infrav1.ConnectingReason, message: "connecting to " + w.target.Name}
	tell(news)
	h, err := r.hosts.Connect(ctx, w.target)
	if err != nil {
		return ended(ctx, news, resultLost, infrav1.HostUnreachableReason, err)
	}
	defer func() { _ = h.Close() }()
	news.reason = infrav1.ResettingReason
	err = reset(ctx, h, w.node.Owner.UID, r.timing, func(message string) {
		news.message = message
		tell(news)
	})
	if err != nil {
		return failed(ctx, news, infrav1.ResettingReason, err)
	}
	news.result, news.message = resultDone, ""
	return news
}
