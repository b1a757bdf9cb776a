package cilium

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"

	"groundwork.dev/bootstrap/internal/cilium/runner"
	"groundwork.dev/bootstrap/internal/cilium/values"
)

const (
	// hookTimeout bounds the jobs that some of the chart's features run.
	hookTimeout = 5 * time.Minute
	// history is how many revisions are kept, as Helm's command keeps.
	history = 10
)

// helm works on Cilium's release.
type helm struct {
	Options
	cluster *cluster
	action  *action.Configuration
	// ours is set once this process has changed the release: what is pending
	// then is pending by nobody else.
	ours bool
}

func (o Options) newHelm(c *cluster) (*helm, error) {
	h := &helm{Options: o, cluster: c, action: &action.Configuration{}}
	if err := h.action.Init(c, namespace, "secrets", o.helmLog()); err != nil {
		return nil, fmt.Errorf("set up Helm: %w", err)
	}
	return h, nil
}

// deed is what is done to the release.
type deed string

const (
	nothing   deed = "nothing"
	install   deed = "install"
	adopt     deed = "adopt"     // objects are there that no release knows
	reinstall deed = "reinstall" // a release that never was deployed, or was removed
	upgrade   deed = "upgrade"
)

// work is a deed with what it makes.
type work struct {
	deed   deed
	chart  *chart.Chart
	values values.Values
	// revision is the one that it makes.
	revision int
	// replace is set where objects may hold more than the last deployed
	// revision knows of, from another installation or an unfinished one: a
	// patch would leave that.
	replace bool
}

// Labels of a revision: who made it, and which it was. Helm hands the labels
// on to later revisions that others make.
const (
	runnerLabel   = "groundwork.dev/runner"
	revisionLabel = "groundwork.dev/revision"
)

// do does it. Objects that are there already become the release's, whoever
// made them.
func (h *helm) do(ctx context.Context, w work) (*release.Release, error) {
	h.ours = true
	labels := map[string]string{runnerLabel: runner.Name(), revisionLabel: strconv.Itoa(w.revision)}
	if w.deed == upgrade {
		u := action.NewUpgrade(h.action)
		u.Namespace, u.Timeout, u.MaxHistory = namespace, hookTimeout, history
		u.TakeOwnership, u.ResetValues, u.Force, u.Labels = true, true, w.replace, labels
		// The chart comes with this binary; a check against the cluster's
		// schemas would fetch all of them.
		u.DisableOpenAPIValidation = true
		return u.RunWithContext(ctx, releaseName, w.chart, w.values)
	}
	i := action.NewInstall(h.action)
	i.ReleaseName, i.Namespace, i.Timeout = releaseName, namespace, hookTimeout
	i.TakeOwnership, i.DisableOpenAPIValidation = true, true
	i.Replace, i.Force, i.Labels = w.deed == reinstall, w.replace, labels
	return i.RunWithContext(ctx, w.chart, w.values)
}
