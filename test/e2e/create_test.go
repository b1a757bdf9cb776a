//go:build e2e

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/test/cli"
)

// TestOneWorker makes a cluster of two hosts without a route to anywhere,
// looks at it and deletes it.
func TestOneWorker(t *testing.T) {
	s := newSite(t, oneWorker, lab.Options{Hosts: 2, NoRoute: true})
	cli.Finish(t, s.tool.Stateless(t.Context(), "preflight", "-f", s.config, "--releases", built.Catalogue)).MustSucceed(t)
	report := s.create(t).MustSucceed(t).Report(t)
	t.Log(report.String())

	t.Run("connectivity", func(t *testing.T) {
		checks := report.Connectivity
		if len(checks) == 0 {
			t.Fatal("create reports no connectivity checks")
		}
		for _, c := range checks {
			if c.Result != event.Passed {
				t.Errorf("%s: %s: want %s, found %s", c.Name, c.Result, c.Want, c.Found)
			}
		}
	})
	t.Run("nodes", func(t *testing.T) {
		ready, err := readyNodes(t.Context(), s.client(t))
		if err != nil || !slices.Equal(ready, []string{"host-1", "host-2"}) {
			t.Errorf("%v are Ready, want both hosts: %v", ready, err)
		}
	})
	t.Run("add-ons", func(t *testing.T) { runningAddOns(t, s) })
	t.Run("cilium status", func(t *testing.T) {
		s.tool.Run(t, "cilium", "status", s.cluster, "-o", "json").MustSucceed(t)
		s.tool.Run(t, "cilium", "connectivity", s.cluster).MustSucceed(t)
	})
	t.Run("helm", func(t *testing.T) {
		helm := exec.CommandContext(t.Context(), filepath.Join(built.Tools, "helm"), "list", "-n", "kube-system", "--kubeconfig", s.kubeconfig())
		helm.Env = append(os.Environ(), "HOME="+t.TempDir())
		if list, err := helm.CombinedOutput(); err != nil || !strings.Contains(string(list), "deployed") {
			t.Errorf("helm list: %v\n%s", err, list)
		}
	})

	s.delete(t)
	s.asFound(t)
	s.askedNobody(t)
}

// runningAddOns looks at the Deployments and DaemonSets of the cluster.
func runningAddOns(t *testing.T, s *site) {
	client := s.client(t).AppsV1()
	for _, name := range []string{"coredns", "cilium-operator"} {
		d, err := client.Deployments(metav1.NamespaceSystem).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil || d.Status.ReadyReplicas == 0 || d.Status.ReadyReplicas != *d.Spec.Replicas {
			t.Errorf("Deployment %s: %v, %d of %d replicas are ready", name, err, d.Status.ReadyReplicas, *d.Spec.Replicas)
		}
	}
	sets, err := client.DaemonSets(metav1.NamespaceSystem).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range sets.Items {
		set := &sets.Items[i]
		names = append(names, set.Name)
		if set.Status.NumberReady != set.Status.DesiredNumberScheduled || set.Status.NumberReady == 0 {
			t.Errorf("DaemonSet %s: %d of %d pods are ready", set.Name, set.Status.NumberReady, set.Status.DesiredNumberScheduled)
		}
	}
	if !slices.Equal(names, []string{"cilium"}) {
		t.Errorf("the DaemonSets are %v, want Cilium alone: it replaces kube-proxy", names)
	}
}
