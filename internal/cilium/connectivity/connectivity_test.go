package connectivity

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ktesting "k8s.io/client-go/testing"

	"groundwork.dev/bootstrap/internal/cilium/runner"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

func results(checks []event.Check) string {
	var list []string
	for _, c := range checks {
		list = append(list, c.Name+" "+string(c.Result))
	}
	return strings.Join(list, ", ")
}

// clean fails unless nothing is left in the cluster.
func (s *site) clean(t *testing.T) {
	t.Helper()
	list, err := s.clients.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) > 0 {
		t.Errorf("namespaces are left: %v, %v", list.Items, err)
	}
}

const allPassed = "pod to pod passed, pod to service passed, DNS passed, network policy passed"

func TestCheck(t *testing.T) {
	unreached := func(hosts ...string) func(string, string) error {
		return func(_, host string) error {
			if slices.ContainsFunc(hosts, func(h string) bool { return strings.HasPrefix(host, h) }) {
				return silence
			}
			return nil
		}
	}
	for _, test := range []struct {
		name   string
		site   *site
		change func(*site)
		want   string
		found  string // of the first check that did not pass, or of the first
		remedy string
	}{
		{name: "two nodes", site: newSite("a", "b"), want: allPassed, found: "2 paths between 2 nodes work"},
		{name: "three nodes", site: newSite("a", "b", "c"), want: allPassed, found: "3 paths between 3 nodes work"},
		{name: "one node", site: newSite("a"), want: allPassed, found: "2 paths work; there is only one node, a: nothing was tried between nodes"},
		{name: "one node is not ready", site: newSite("a", "down-b"), want: allPassed, found: "2 paths work; there is only one node, a"},
		{name: "policies always", site: newSite("a", "b"), change: func(s *site) { s.settings["enable-policy"] = "always" }, want: allPassed},
		{name: "policies never", site: newSite("a", "b"), change: func(s *site) { s.settings["enable-policy"] = "never" },
			want: "pod to pod passed, pod to service passed, DNS passed, network policy skipped", found: "policyEnforcementMode is never"},
		{name: "no path to one pod", site: newSite("a", "b"), change: func(s *site) { s.down = unreached("address-of-probe-1") },
			want:  "pod to pod failed, pod to service passed, DNS passed, network policy passed",
			found: "1 of 2 paths fail: a to a pod on b (address-of-probe-1): no answer in 5 s", remedy: "UDP port 8472 (vxlan)"},
		{name: "geneve", site: newSite("a", "b"), change: func(s *site) {
			s.settings["tunnel-protocol"], s.down = "geneve", unreached("address-of-probe-1")
		}, want: "pod to pod failed, pod to service passed, DNS passed, network policy passed", remedy: "UDP port 6081 (geneve)"},
		{name: "no services", site: newSite("a", "b"), change: func(s *site) { s.settings["kube-proxy-replacement"], s.down = "true", unreached("10.96.") },
			want: "pod to pod passed, pod to service failed, DNS passed, network policy passed", found: "2 of 2 paths fail: a to a service (10.96.0.2) of a pod on b", remedy: "replacement is True"},
		{name: "no names", site: newSite("a", "b"), change: func(s *site) { s.down = unreached("kubernetes.default.svc") },
			want: "pod to pod passed, pod to service passed, DNS failed, network policy passed", found: "2 of 2 paths fail: a to kubernetes.default.svc", remedy: "CoreDNS"},
		{name: "no service's name", site: newSite("a", "b"), change: func(s *site) { s.down = unreached("probe-1.") },
			want: "pod to pod passed, pod to service passed, DNS failed, network policy passed", found: "1 of 2 paths fail: a to probe-1." + prefix + "x.svc"},
		{name: "a policy without effect", site: newSite("a", "b"), change: func(s *site) { s.ignoresPolicies = true },
			want: "pod to pod passed, pod to service passed, DNS passed, network policy failed", found: "a to a pod on b (address-of-guarded) works in spite of the policy: the request is answered"},
		{name: "a path that is closed without a policy", site: newSite("a", "b"), change: func(s *site) { s.down = unreached("address-of-guarded") },
			want: "pod to pod passed, pod to service passed, DNS passed, network policy failed", found: "a to a pod on b (address-of-guarded) does not work without the policy"},
		{name: "requests that cannot be made", site: newSite("a", "b"), change: func(s *site) {
			s.down = func(string, string) error { return errors.New("no kubelet") }
		}, want: "pod to pod failed, pod to service failed, DNS failed, network policy failed", found: "2 of 2 paths fail: a to a pod on b (address-of-probe-1): could not be tried: no kubelet"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if test.change != nil {
					test.change(test.site)
				}
				checks, err := Check(t.Context(), test.site.cluster())
				if err != nil {
					t.Fatal(err)
				}
				if got := results(checks); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
				first := checks[max(slices.IndexFunc(checks, func(c event.Check) bool { return c.Result != event.Passed }), 0)]
				if !strings.HasPrefix(first.Found, test.found) || !strings.Contains(first.Remedy, test.remedy) || (first.Result == event.Failed) == (first.Remedy == "") {
					t.Errorf("found %q, remedy %q", first.Found, first.Remedy)
				}
				test.site.clean(t)
			})
		})
	}
}

func TestCheckPods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite("a", "b")
		var pods []*corev1.Pod
		s.clients.PrependReactor("create", "pods", func(action ktesting.Action) (bool, runtime.Object, error) {
			pods = append(pods, action.(ktesting.CreateAction).GetObject().(*corev1.Pod))
			return false, nil, nil
		})
		if _, err := Check(t.Context(), s.cluster()); err != nil {
			t.Fatal(err)
		}
		var places []string
		for _, p := range pods {
			places = append(places, p.Name+" on "+p.Spec.NodeName)
			c := p.Spec.Containers[0]
			if c.Image != "example.com/cilium:v1" || c.ImagePullPolicy != corev1.PullIfNotPresent || *p.Spec.AutomountServiceAccountToken ||
				!*p.Spec.SecurityContext.RunAsNonRoot || *c.SecurityContext.AllowPrivilegeEscalation || p.Spec.HostNetwork {
				t.Errorf("%s: %+v", p.Name, p.Spec)
			}
			if len(p.Spec.Tolerations) != 1 || p.Spec.Tolerations[0].Operator != corev1.TolerationOpExists {
				t.Errorf("%s tolerates %v", p.Name, p.Spec.Tolerations)
			}
		}
		if want := []string{"probe-0 on a", "probe-1 on b", "guarded on b"}; !slices.Equal(places, want) {
			t.Errorf("pods are %v, want %v", places, want)
		}
	})
}

func TestCheckWaitsForTheServiceAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, refused := newSite("a", "b"), 0
		s.clients.PrependReactor("create", "pods", func(ktesting.Action) (bool, runtime.Object, error) {
			if refused++; refused <= 2 {
				return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "probe-0", errors.New("no service account"))
			}
			return false, nil, nil
		})
		if checks, err := Check(t.Context(), s.cluster()); err != nil || results(checks) != allPassed {
			t.Errorf("%v, %v", checks, err)
		}
	})
}

func TestCheckWithoutImage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite("a", "b")
		s.podTrouble = "example.com/cilium:v1: not found"
		_, err := Check(t.Context(), s.cluster())
		var known *failure.Error
		if !errors.As(err, &known) || known.Code != failure.AddOns || known.Remedy == "" {
			t.Errorf("got %v", err)
		}
		s.clean(t)
	})
}

func TestCheckOfPodsThatDoNotComeUp(t *testing.T) {
	for _, test := range []struct {
		name, summary string
		fails         bool // the node does
		after         time.Duration
	}{
		{"a slow kubelet", "a pod of the connectivity check does not come up", false, upWithin},
		{"a node that fails", "a node failed while pods were started on it", true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite("a", "b")
				s.clients.PrependReactor("create", "pods", func(action ktesting.Action) (bool, runtime.Object, error) {
					pod := action.(ktesting.CreateAction).GetObject().(*corev1.Pod)
					return true, pod, s.clients.Tracker().Create(schema.GroupVersionResource{Version: "v1", Resource: "pods"}, pod, action.GetNamespace())
				})
				s.clients.PrependReactor("get", "nodes", func(ktesting.Action) (bool, runtime.Object, error) {
					if test.fails {
						return true, &corev1.Node{}, nil
					}
					return false, nil, nil
				})
				began := time.Now()
				_, err := Check(t.Context(), s.cluster())
				var known *failure.Error
				if !errors.As(err, &known) || known.Summary != test.summary || known.Remedy == "" {
					t.Errorf("got %v", err)
				}
				if took := time.Since(began); took < test.after || took > test.after+time.Second {
					t.Errorf("it took %s", took)
				}
				s.clean(t)
			})
		})
	}
}

func TestCheckWithoutNodes(t *testing.T) {
	s := newSite("down-a")
	_, err := Check(t.Context(), s.cluster())
	var known *failure.Error
	if !errors.As(err, &known) || known.Summary != "no node is ready, of 1" {
		t.Errorf("got %v", err)
	}
}

func TestCheckCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite("a", "b")
		ctx, cancel := context.WithCancel(t.Context())
		s.down = func(string, string) error { cancel(); return silence }
		if _, err := Check(ctx, s.cluster()); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		s.clean(t)
	})
}

func TestCheckSweeps(t *testing.T) {
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	host, _, _ := strings.Cut(runner.Name(), "_")
	for _, test := range []struct {
		name, by string
		age      time.Duration
		want     bool // it stays
	}{
		{"of a dead process", host + "_" + strconv.Itoa(dead.Process.Pid), 0, false},
		{"of a live process", runner.Name(), 0, true},
		{"of another machine", "elsewhere_1", time.Minute, true},
		{"of another machine, long ago", "elsewhere_1", time.Hour, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite("a", "b")
			if err := s.clients.Tracker().Add(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
				Name: prefix + "old", Labels: map[string]string{ownedLabel: "true"}, Annotations: map[string]string{runnerNote: test.by},
				CreationTimestamp: metav1.NewTime(time.Now().Add(-test.age)),
			}}); err != nil {
				t.Fatal(err)
			}
			if err := s.cluster().sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := s.clients.CoreV1().Namespaces().Get(t.Context(), prefix+"old", metav1.GetOptions{})
			if there := err == nil; there != test.want {
				t.Errorf("it stays: %v", there)
			}
		})
	}
}

func TestCheckRemovesThroughAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, refused := newSite("a", "b"), 0
		s.clients.PrependReactor("delete", "namespaces", func(ktesting.Action) (bool, runtime.Object, error) {
			if refused++; refused <= 3 {
				return true, nil, apierrors.NewServiceUnavailable("not now")
			}
			return false, nil, nil
		})
		if checks, err := Check(t.Context(), s.cluster()); err != nil || results(checks) != allPassed {
			t.Errorf("%v, %v", checks, err)
		}
		s.clean(t)
	})
}
