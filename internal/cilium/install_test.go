package cilium

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	agentsPath   = "/apis/apps/v1/namespaces/kube-system/daemonsets/cilium"
	settingsPath = "/api/v1/namespaces/kube-system/configmaps/cilium-config"
	proxyPath    = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"
)

// recorder keeps events.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorder) Emit(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, e := range r.events {
		line := string(e.Kind) + ": " + e.Message
		if e.Wait != nil {
			line += ": " + e.Wait.LastWord
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// at is options for a fake API.
func at(a *fakeAPI, o Options) Options {
	o.Kubeconfig = a.kubeconfig()
	return o
}

// revisions are the release's, as "status of revision".
func revisions(t *testing.T, o Options) []string {
	t.Helper()
	h := helmOf(t, o)
	l, err := h.survey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range l.releases {
		list = append(list, string(r.Info.Status))
	}
	return list
}

func helmOf(t *testing.T, o Options) *helm {
	t.Helper()
	c, err := o.connect()
	if err != nil {
		t.Fatal(err)
	}
	h, err := o.newHelm(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mustInstall(t *testing.T, o Options) {
	t.Helper()
	if err := Install(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func TestInstallOnce(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("KUBECONFIG", home+"/none")
	a := newFakeAPI(t)
	o := at(a, options())
	if there, err := Installed(t.Context(), o); err != nil || there {
		t.Fatalf("an empty cluster: installed %v, %v", there, err)
	}
	mustInstall(t, o)
	agents := a.get(agentsPath)
	if agents == nil {
		t.Fatalf("no agents among %v", a.written())
	}
	if agents.GetAnnotations()["meta.helm.sh/release-name"] != "cilium" || agents.GetLabels()["app.kubernetes.io/managed-by"] != "Helm" {
		t.Errorf("the agents are not Helm's: %v, %v", agents.GetAnnotations(), agents.GetLabels())
	}
	if a.get("/api/v1/namespaces/kube-system/secrets/sh.helm.release.v1.cilium.v1") == nil {
		t.Error("helm list would not show the release")
	}
	a.written()

	mustInstall(t, o)
	if w := a.written(); len(w) > 0 {
		t.Errorf("a second installation wrote %v", w)
	}
	if there, err := Installed(t.Context(), o); err != nil || !there {
		t.Errorf("installed %v, %v", there, err)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) > 0 {
		t.Errorf("the home directory has %v, %v", left, err)
	}
}

func TestInstallChangedValues(t *testing.T) {
	a := newFakeAPI(t)
	mustInstall(t, at(a, options()))
	changed := at(a, options(helmValues("tunnelProtocol: vxlan")))
	if there, err := Installed(t.Context(), changed); err != nil || there {
		t.Fatalf("installed %v, %v", there, err)
	}
	mustInstall(t, changed)
	if got := revisions(t, changed); !slices.Equal(got, []string{"superseded", "deployed"}) {
		t.Errorf("the revisions are %v", got)
	}
	if got, _, _ := unstructured.NestedString(a.get(settingsPath).Object, "data", "tunnel-protocol"); got != "vxlan" {
		t.Errorf("the tunnel protocol is %s", got)
	}
}

func TestInstallMendsWhatWasDeleted(t *testing.T) {
	a := newFakeAPI(t)
	o := at(a, options())
	mustInstall(t, o)
	a.mu.Lock()
	delete(a.objects, agentsPath)
	a.mu.Unlock()
	mustInstall(t, o)
	if a.get(agentsPath) == nil {
		t.Error("the agents are gone")
	}
}

func TestInstallPoliciesComeAndGo(t *testing.T) {
	const (
		policy    = "/apis/networking.k8s.io/v1/namespaces/eksa-system/networkpolicies/allow-all-eksa-system"
		namespace = "/api/v1/namespaces/eksa-system"
	)
	a := newFakeAPI(t)
	a.put(namespace, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "eksa-system"}})
	mustInstall(t, at(a, options(knob(func(c *v1alpha1.CiliumConfig) { c.PolicyEnforcementMode = v1alpha1.CiliumPolicyModeAlways }))))
	if a.get(policy) == nil {
		t.Fatal("there is no policy")
	}
	mustInstall(t, at(a, options()))
	if a.get(policy) != nil {
		t.Error("the policy is still there")
	}
	if a.get(namespace) == nil {
		t.Error("the namespace is gone, and everything in it")
	}
}

func TestInstallAdopts(t *testing.T) {
	a := newFakeAPI(t)
	// As EKS Anywhere leaves them: applied, and nobody's release.
	a.put(agentsPath, map[string]any{
		"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": "cilium", "namespace": "kube-system"},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{
			map[string]any{"name": "cilium-agent", "image": "public.ecr.aws/eks/cilium/cilium:v1.17.8-0"},
		}}}},
	})
	a.put(settingsPath, map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "cilium-config", "namespace": "kube-system"},
		"data": map[string]any{"cni-chaining-mode": "portmap", "enable-hubble": "true"},
	})
	o := at(a, options())
	events := &recorder{}
	o.Sink = events
	mustInstall(t, o)
	if got := revisions(t, o); !slices.Equal(got, []string{"deployed"}) {
		t.Errorf("the revisions are %v", got)
	}
	settings, _, _ := unstructured.NestedStringMap(a.get(settingsPath).Object, "data")
	if settings["cni-chaining-mode"] != "" || settings["enable-hubble"] != "false" {
		t.Errorf("the other installation's settings stay: %v", settings)
	}
	if a.get(agentsPath).GetAnnotations()["meta.helm.sh/release-name"] != "cilium" {
		t.Error("the agents are not Helm's")
	}
	last, err := helmOf(t, o).action.Releases.Last(releaseName)
	if err != nil {
		t.Fatal(err)
	}
	if last.Config["upgradeCompatibility"] != "1.17" {
		t.Errorf("upgradeCompatibility is %v", last.Config["upgradeCompatibility"])
	}
	if !strings.Contains(events.text(), "becomes the Helm release") {
		t.Errorf("nobody was told: %s", events.text())
	}
	if there, err := Installed(t.Context(), o); err != nil || !there {
		t.Errorf("installed %v, %v", there, err)
	}
}

func TestInstallKeepsKubeProxy(t *testing.T) {
	proxy := map[string]any{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": map[string]any{"name": "kube-proxy", "namespace": "kube-system"}}
	for _, test := range []struct {
		name, want string
		options    Options
	}{
		{"nothing said", "false", options()},
		{"replacement asked for", "true", options(helmValues("kubeProxyReplacement: true"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newFakeAPI(t)
			a.put(proxyPath, proxy)
			mustInstall(t, at(a, test.options))
			if got, _, _ := unstructured.NestedString(a.get(settingsPath).Object, "data", "kube-proxy-replacement"); got != test.want {
				t.Errorf("kube-proxy replacement is %s", got)
			}
		})
	}
}

func TestInstallLeftToTheUser(t *testing.T) {
	yes := true
	skip := knob(func(c *v1alpha1.CiliumConfig) { c.SkipUpgrade = &yes })
	a := newFakeAPI(t)
	mustInstall(t, at(a, options(skip))) // the first installation is ours
	a.written()
	changed := at(a, options(skip, helmValues("tunnelProtocol: vxlan")))
	mustInstall(t, changed)
	if w := a.written(); len(w) > 0 {
		t.Errorf("a Cilium that is the user's was changed: %v", w)
	}
	if there, err := Installed(t.Context(), changed); err != nil || !there {
		t.Errorf("installed %v, %v", there, err)
	}
	pend(t, changed, release.StatusPendingInstall, time.Minute) // never was whole
	mustInstall(t, changed)
	if w := a.written(); len(w) == 0 {
		t.Error("the first installation was not finished")
	}
}

func TestInstallThroughAnOutage(t *testing.T) {
	a := newFakeAPI(t)
	requests := 0
	a.fail = func(*http.Request) int {
		if requests++; requests < 4 {
			return http.StatusServiceUnavailable
		}
		return 0
	}
	o := at(a, options())
	events := &recorder{}
	o.Sink = events
	mustInstall(t, o)
	if !strings.Contains(events.text(), "waiting for Cilium's objects on the cluster's API") {
		t.Errorf("nobody was told: %s", events.text())
	}
}

func TestInstallRefused(t *testing.T) {
	a := newFakeAPI(t)
	a.fail = func(r *http.Request) int {
		if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "daemonsets") {
			return http.StatusForbidden
		}
		return 0
	}
	o := at(a, options())
	err := Install(t.Context(), o)
	var known *failure.Error
	if !errors.As(err, &known) || known.Code != failure.AddOns || known.Remedy == "" {
		t.Fatalf("got %v", err)
	}
	a.fail = nil
	mustInstall(t, o)
	if there, err := Installed(t.Context(), o); err != nil || !there {
		t.Errorf("installed %v, %v", there, err)
	}
}
