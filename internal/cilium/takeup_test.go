package cilium

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/release"
	helmtime "helm.sh/helm/v3/pkg/time"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"groundwork.dev/bootstrap/internal/cilium/runner"
	"groundwork.dev/bootstrap/internal/event"
)

// pend leaves the newest revision as a killed Helm does.
func pend(t *testing.T, o Options, status release.Status, age time.Duration) {
	t.Helper()
	h := helmOf(t, o)
	last, err := h.action.Releases.Last(releaseName)
	if err != nil {
		t.Fatal(err)
	}
	if last.Version > 1 { // Helm supersedes a revision at the very end
		before, err := h.action.Releases.Get(releaseName, last.Version-1)
		if err != nil {
			t.Fatal(err)
		}
		before.Info.Status = release.StatusDeployed
		if err := h.action.Releases.Update(before); err != nil {
			t.Fatal(err)
		}
	}
	last.Info.Status = status
	last.Info.LastDeployed = helmtime.Time{Time: time.Now().Add(-age)}
	if err := h.action.Releases.Update(last); err != nil {
		t.Fatal(err)
	}
}

func TestInstallAfterAKill(t *testing.T) {
	changed, killed := options(helmValues("tunnelProtocol: vxlan")), options(helmValues("MTU: 1400"))
	for _, test := range []struct {
		name   string
		status release.Status
		before []Options // installed before
		want   []string
	}{
		{"of the first installation", release.StatusPendingInstall, []Options{killed}, []string{"failed", "deployed"}},
		{"of an upgrade", release.StatusPendingUpgrade, []Options{options(), killed}, []string{"superseded", "failed", "deployed"}},
		{"of a rollback", release.StatusPendingRollback, []Options{options(), killed}, []string{"superseded", "failed", "deployed"}},
		{"of a removal", release.StatusUninstalling, []Options{options()}, []string{"superseded", "deployed"}},
		{"after it was told", release.StatusFailed, []Options{options()}, []string{"failed", "deployed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newFakeAPI(t)
			for _, o := range test.before {
				mustInstall(t, at(a, o))
			}
			o := at(a, changed)
			pend(t, o, test.status, time.Minute)
			mustInstall(t, o)
			if got := revisions(t, o); !slices.Equal(got, test.want) {
				t.Errorf("the revisions are %v, want %v", got, test.want)
			}
			if got, _, _ := unstructured.NestedString(a.get(settingsPath).Object, "data", "tunnel-protocol"); got != "vxlan" {
				t.Errorf("the tunnel protocol is %s", got)
			}
			if got, _, _ := unstructured.NestedString(a.get(settingsPath).Object, "data", "mtu"); got != "" {
				t.Errorf("a setting of the killed run stays: mtu %s", got)
			}
			if there, err := Installed(t.Context(), o); err != nil || !there {
				t.Errorf("installed %v, %v", there, err)
			}
		})
	}
}

func TestInstallWaitsForAnotherRun(t *testing.T) {
	a := newFakeAPI(t)
	o := at(a, options())
	mustInstall(t, o)
	pend(t, o, release.StatusPendingUpgrade, 0)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Sink = event.SinkFunc(func(e event.Event) {
		if e.Kind == event.Waiting && strings.Contains(e.Wait.For, "another run of Helm") {
			cancel()
		}
	})
	if err := Install(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestInstallAfterADeadProcessAtOnce(t *testing.T) {
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	a := newFakeAPI(t)
	o := at(a, options())
	mustInstall(t, o)
	pend(t, o, release.StatusPendingInstall, 0)
	h := helmOf(t, o)
	last, err := h.action.Releases.Last(releaseName)
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ := strings.Cut(runner.Name(), "_")
	last.Labels[runnerLabel] = host + "_" + strconv.Itoa(dead.Process.Pid)
	if err := h.action.Releases.Update(last); err != nil {
		t.Fatal(err)
	}
	events := &recorder{}
	o.Sink = events
	mustInstall(t, o)
	if strings.Contains(events.text(), "another run of Helm") {
		t.Errorf("a dead process was waited for: %s", events.text())
	}
}
