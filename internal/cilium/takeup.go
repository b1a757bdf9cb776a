package cilium

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"helm.sh/helm/v3/pkg/release"

	"groundwork.dev/bootstrap/internal/cilium/runner"
)

// abandoned is how long an operation of Helm's may be pending without a
// change before it counts as killed. An installation here is a matter of
// seconds: it waits for no pods.
const abandoned = 15 * time.Second

// takeUp makes the release one that can be worked on, where a killed process
// left it pending. An operation that may still run, in another process, is
// waited for.
func (h *helm) takeUp(ctx context.Context, l live) (live, error) {
	wait := h.wait("another run of Helm")
	for since := time.Now(); ; {
		last := l.last()
		if last == nil || !last.Info.Status.IsPending() && last.Info.Status != release.StatusUninstalling {
			return l, nil
		}
		age := time.Since(last.Info.LastDeployed.Time)
		if h.ours || killed(last) || age > abandoned || time.Since(since) > abandoned {
			return l, h.abandon(last)
		}
		wait.say(object(last), fmt.Sprintf("%s: %s", last.Info.Status, last.Info.Description), 0, 0)
		if err := pause(ctx, interval); err != nil {
			return l, err
		}
		before := last.Version
		var err error
		if l, err = h.survey(ctx); err != nil {
			return l, err
		}
		if now := l.last(); now != nil && now.Version != before {
			since = time.Now()
		}
	}
}

// killed reports whether the process that worked on a revision is gone.
func killed(r *release.Release) bool {
	return r.Labels[revisionLabel] == strconv.Itoa(r.Version) && runner.Ended(r.Labels[runnerLabel])
}

// abandon writes the end of an operation that did not come to one.
func (h *helm) abandon(r *release.Release) error {
	h.log().Info("an unfinished operation of Helm is taken up", "release", object(r), "status", r.Info.Status)
	ended := release.StatusFailed
	if r.Info.Status == release.StatusUninstalling {
		ended = release.StatusUninstalled
	}
	r.SetStatus(ended, fmt.Sprintf("it was %s when the process that worked on it ended", r.Info.Status))
	if err := h.action.Releases.Update(r); err != nil {
		return fmt.Errorf("take up the unfinished %s: %w", object(r), err)
	}
	return nil
}

func object(r *release.Release) string {
	return fmt.Sprintf("release %s/%s, revision %d", r.Namespace, r.Name, r.Version)
}
