package cilium

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/cilium/values"
)

// live is what there is of Cilium in the cluster.
type live struct {
	// releases are the release's revisions, the newest last.
	releases []*release.Release
	// agentImage is the image of the agents' DaemonSet; empty without one.
	agentImage string
	// ready is how many of the agents are.
	ready int32
	// whole is set where the DaemonSet, the operator's Deployment and the
	// settings are all there.
	whole bool
	// kubeProxy is set where kubeadm's kube-proxy is there.
	kubeProxy bool
}

// last is the newest revision, or nil.
func (l live) last() *release.Release {
	if len(l.releases) == 0 {
		return nil
	}
	return l.releases[len(l.releases)-1]
}

// wasDeployed reports whether any revision was ever whole.
func (l live) wasDeployed() bool {
	return slices.ContainsFunc(l.releases, func(r *release.Release) bool {
		return r.Info.Status == release.StatusDeployed || r.Info.Status == release.StatusSuperseded
	})
}

func (h *helm) survey(ctx context.Context) (live, error) {
	l := live{whole: true}
	var err error
	if l.releases, err = inBackground(ctx, func() ([]*release.Release, error) { return h.action.Releases.History(releaseName) }); err != nil && !errors.Is(err, driver.ErrReleaseNotFound) {
		return l, err
	}
	slices.SortFunc(l.releases, func(a, b *release.Release) int { return a.Version - b.Version })
	apps := h.cluster.clients.AppsV1()
	daemonSet, err := apps.DaemonSets(namespace).Get(ctx, agentDaemonSet, metav1.GetOptions{})
	if there, err := exists(err); err != nil {
		return l, err
	} else if !there {
		l.whole = false
	} else {
		l.ready = daemonSet.Status.NumberReady
		for _, c := range daemonSet.Spec.Template.Spec.Containers {
			if c.Name == agentContainer {
				l.agentImage = c.Image
			}
		}
	}
	_, err = apps.Deployments(namespace).Get(ctx, operatorName, metav1.GetOptions{})
	there, err := exists(err)
	if err != nil {
		return l, err
	}
	l.whole = l.whole && there
	_, err = h.cluster.clients.CoreV1().ConfigMaps(namespace).Get(ctx, configMapName, metav1.GetOptions{})
	if there, err = exists(err); err != nil {
		return l, err
	}
	l.whole = l.whole && there
	_, err = apps.DaemonSets(namespace).Get(ctx, "kube-proxy", metav1.GetOptions{})
	l.kubeProxy, err = exists(err)
	return l, err
}

// exists reads the error of a Get.
func exists(err error) (bool, error) {
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// decide says what is to be done. What is pending counts as failed.
func (h *helm) decide(l live) (work, error) {
	v, err := values.For(h.Config, h.Release, values.Options{KubeProxyRuns: l.kubeProxy})
	if err != nil {
		return work{}, err
	}
	c, err := h.chartFor(v)
	if err != nil {
		return work{}, err
	}
	w := work{deed: upgrade, chart: c, values: v, revision: 1}
	last := l.last()
	if last != nil {
		w.revision = last.Version + 1
		w.replace = last.Info.Status != release.StatusDeployed
	}
	switch {
	case last == nil && l.agentImage == "":
		w.deed = install
	case h.leftToUser() && (l.wasDeployed() || last == nil):
		w.deed = nothing
	case last == nil:
		w.deed, w.replace = adopt, true
	case last.Info.Status == release.StatusUninstalled, !l.wasDeployed():
		w.deed = reinstall
	}
	compatible(w, l)
	if w.deed == upgrade && l.whole && last.Info.Status == release.StatusDeployed &&
		sameChart(last.Chart, c) && reflect.DeepEqual(values.Values(last.Config), v) {
		w.deed = nothing
	}
	return w, nil
}

// leftToUser reports whether Cilium, once installed, is the user's.
func (h *helm) leftToUser() bool {
	cni := h.Config.Cluster.Spec.ClusterNetwork.CNIConfig
	return cni != nil && cni.Cilium != nil && cni.Cilium.SkipUpgrade != nil && *cni.Cilium.SkipUpgrade
}

// compatible keeps the chart's upgradeCompatibility: the minor that the
// cluster began with, whose defaults a running datapath is bound to.
func compatible(w work, l live) {
	const key = "upgradeCompatibility"
	if w.values[key] != nil || w.deed != upgrade && w.deed != adopt {
		return
	}
	if last := l.last(); last != nil && last.Config[key] != nil {
		w.values[key] = last.Config[key]
		return
	}
	began, err := semver.NewVersion(imageVersion(l.agentImage))
	if err != nil {
		return
	}
	if now, err := semver.NewVersion(w.chart.Metadata.Version); err == nil && (began.Major() != now.Major() || began.Minor() != now.Minor()) {
		w.values[key] = fmt.Sprintf("%d.%d", began.Major(), began.Minor())
	}
}

// tagged is the version in a tag such as "v1.19.4-1".
var tagged = regexp.MustCompile(`:v?([0-9]+\.[0-9]+\.[0-9]+)[^/]*$`)

// imageVersion is the version that an image's tag says, or "".
func imageVersion(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if m := tagged.FindStringSubmatch(image); m != nil {
		return m[1]
	}
	return ""
}

// sameImage compares without digests: a tag of a release never moves.
func sameImage(image string, v values.Values) bool {
	image, _, _ = strings.Cut(image, "@")
	return image == values.Agent(v)
}
