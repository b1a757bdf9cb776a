package cilium

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
)

const preflightPath = "/apis/apps/v1/namespaces/kube-system/daemonsets/cilium-pre-flight-check"

// installed is a fake API with Cilium, whose agents are ready, and options for
// another version.
func installed(t *testing.T) (*fakeAPI, Options) {
	t.Helper()
	a := newFakeAPI(t)
	a.stored = func(path string, u *unstructured.Unstructured) {
		if path == agentsPath {
			u.Object["status"] = map[string]any{"numberReady": int64(2)}
		}
	}
	mustInstall(t, at(a, options()))
	a.written()
	next := at(a, options(func(*v1alpha1.Config) {}))
	next.Release.Cilium.Tag, next.Release.CiliumOperator.Tag = "v1.19.5-0", "v1.19.5-0"
	return a, next
}

func TestUpgradeAfterAPreflight(t *testing.T) {
	a, o := installed(t)
	var image string
	a.stored = func(path string, u *unstructured.Unstructured) {
		switch {
		case path == preflightPath:
			image = firstImage(u)
			u.Object["status"] = map[string]any{"numberReady": int64(2)}
		case strings.HasSuffix(path, "deployments/cilium-pre-flight-check"):
			u.Object["status"] = map[string]any{"readyReplicas": int64(1)}
		}
	}
	mustInstall(t, o)
	if image != "public.ecr.aws/eks/cilium/cilium:v1.19.5-0" {
		t.Errorf("the preflight's image is %q", image)
	}
	writes := a.written()
	made, removed, changed := slices.Index(writes, "POST "+preflightPath), slices.Index(writes, "DELETE "+preflightPath), slices.Index(writes, "PATCH "+agentsPath)
	if made < 0 || removed < made || changed < removed {
		t.Errorf("made %d, removed %d, agents changed %d of %v", made, removed, changed, writes)
	}
	if got := firstImage(a.get(agentsPath)); got != image {
		t.Errorf("the agents' image is %s", got)
	}
}

func TestPreflightCancelled(t *testing.T) {
	a, o := installed(t)
	a.stored = nil
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Sink = event.SinkFunc(func(e event.Event) {
		if e.Kind == event.Waiting && strings.Contains(e.Wait.For, "preflight") {
			cancel()
		}
	})
	if err := Install(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	writes := a.written()
	if a.get(preflightPath) != nil || !slices.Contains(writes, "DELETE "+preflightPath) {
		t.Errorf("the preflight is left: %v", writes)
	}
	if slices.Contains(writes, "PATCH "+agentsPath) {
		t.Error("the agents were changed in spite of it")
	}
}

func TestNoPreflightForSettings(t *testing.T) {
	a, _ := installed(t)
	mustInstall(t, at(a, options(helmValues("tunnelProtocol: vxlan"))))
	if writes := a.written(); slices.ContainsFunc(writes, func(w string) bool { return strings.Contains(w, "pre-flight") }) {
		t.Errorf("a preflight ran: %v", writes)
	}
}

// firstImage is the image of a workload's first container.
func firstImage(u *unstructured.Unstructured) string {
	containers, _, _ := unstructured.NestedSlice(u.Object, "spec", "template", "spec", "containers")
	if len(containers) == 0 {
		return ""
	}
	image, _, _ := unstructured.NestedString(containers[0].(map[string]any), "image")
	return image
}
