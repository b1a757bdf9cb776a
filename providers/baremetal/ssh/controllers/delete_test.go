package controllers_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

func TestDeletedMachineLeavesTheHostClean(t *testing.T) {
	s := newSite(t, 1, never)
	s.addMachine("a")
	s.untilReady("a")
	m := s.machine("a")
	// Cluster API may have taken the bootstrap data away by then.
	s.delete(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: "a-data"}})
	s.delete(m)
	s.untilGone(m)
	if fake := s.fake(0); fake.resets != 1 || fake.owner.UID != "" {
		t.Errorf("%d resets, and %+v has the host", fake.resets, fake.owner)
	}
	s.untilAvailable(0)
	s.addMachine("b")
	s.untilReady("b")
}

func TestDeletionStopsWhatIsBeingDone(t *testing.T) {
	s := newSite(t, 1, never)
	s.fake(0).set(func(h *fakeHost) { h.holdFiles = true })
	s.addMachine("a")
	s.until("it installs", func() bool { return s.fake(0).get(func(h *fakeHost) bool { return h.installs > 0 }) })
	m := s.machine("a")
	s.delete(m)
	s.untilGone(m)
	if fake := s.fake(0); fake.resets != 1 || fake.owner.UID != "" {
		t.Errorf("%d resets, and %+v has the host", fake.resets, fake.owner)
	}
}

func TestDeletionWaitsForAHostThatIsAway(t *testing.T) {
	s := newSite(t, 1, never)
	s.addMachine("a")
	s.untilReady("a")
	m := s.machine("a")
	s.fake(0).powerOff()
	s.delete(m)
	s.until("it says what it waits for", func() bool {
		c := conditions.Get(s.machine("a"), infrav1.DeletingCondition)
		return c != nil && c.Reason == infrav1.HostUnreachableReason && strings.Contains(c.Message, "the machine goes without its host")
	})
	s.fake(0).powerOn()
	s.untilGone(m)
	if s.fake(0).resets != 1 || s.host(0).Annotations[infrav1.NeedsCleaningAnnotation] != "" {
		t.Errorf("%d resets, annotations %v", s.fake(0).resets, s.host(0).Annotations)
	}
}

func TestMachineGoesWithoutAHostThatStaysAway(t *testing.T) {
	s := newSite(t, 1, 50*time.Millisecond)
	s.addMachine("a")
	s.untilReady("a")
	m := s.machine("a")
	s.fake(0).powerOff()
	s.delete(m)
	s.untilGone(m)
	host := s.host(0)
	if host.Annotations[infrav1.NeedsCleaningAnnotation] != string(m.UID) || host.Spec.ConsumerRef.Name != "" {
		t.Fatalf("the host's claim is %+v, its annotations are %v", host.Spec.ConsumerRef, host.Annotations)
	}
	s.addMachine("b")
	s.untilReason("b", infrav1.NoHostAvailableReason)
	s.fake(0).set(func(h *fakeHost) { h.down, h.failResets = false, true })
	s.until("the failure is told", func() bool {
		return conditions.GetReason(s.host(0), infrav1.CleanCondition) == infrav1.CleaningFailedReason
	})
	if s.host(0).Spec.ConsumerRef.Name != "" {
		t.Error("a dirty host was claimed")
	}
	s.fake(0).set(func(h *fakeHost) { h.failResets = false })
	s.untilReady("b")
	if s.host(0).Annotations[infrav1.NeedsCleaningAnnotation] != "" {
		t.Error("the annotation is still there")
	}
}

func TestMachineRemovedByForceIsCleanedUp(t *testing.T) {
	s := newSite(t, 1, never)
	s.addMachine("a")
	s.untilReady("a")
	s.until("the host says that it is in use", func() bool {
		return conditions.GetReason(s.host(0), infrav1.AvailableCondition) == infrav1.InUseReason
	})
	s.stop()
	m := s.machine("a")
	byForce := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := s.Patch(t.Context(), m, byForce); err != nil {
		t.Fatal(err)
	}
	s.delete(m)
	s.untilGone(m)
	s.start(never)
	s.untilAvailable(0)
	if fake := s.fake(0); fake.resets != 1 || fake.owner.UID != "" {
		t.Errorf("%d resets, and %+v has the host", fake.resets, fake.owner)
	}
}

// addSSHCluster makes the cluster's infrastructure.
func (s *site) addSSHCluster() *infrav1.SSHCluster {
	s.Helper()
	c := &infrav1.SSHCluster{ObjectMeta: s.meta(clusterName)}
	c.OwnerReferences = []metav1.OwnerReference{{APIVersion: clusterv1.GroupVersion.String(), Kind: "Cluster", Name: clusterName, UID: s.cluster.UID}}
	c.Spec.ControlPlaneEndpoint = clusterv1.APIEndpoint{Host: "192.0.2.1", Port: 6443}
	s.create(c)
	s.until("the infrastructure is there", func() bool {
		if err := s.Get(s.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			s.Fatal(err)
		}
		return c.Status.Initialization.Provisioned != nil && *c.Status.Initialization.Provisioned
	})
	return c
}

func TestHostsOutliveMachinesAndCredentialsHosts(t *testing.T) {
	s := newSite(t, 2, never)
	s.untilAvailable(0)
	infrastructure := s.addSSHCluster()
	s.addMachine("a")
	s.untilReady("a")
	s.fake(0).set(func(h *fakeHost) { h.holdJob = true }) // the reset takes its time
	m, host, other := s.machine("a"), s.host(0), s.host(1)
	s.delete(m)
	s.delete(infrastructure)
	s.until("the cluster waits for the machine", func() bool {
		c := &infrav1.SSHCluster{}
		if err := s.Get(t.Context(), client.ObjectKeyFromObject(infrastructure), c); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(conditions.GetMessage(c, clusterv1.ReadyCondition), "SSHMachines are gone: a")
	})
	// Somebody deletes the Cluster out of turn: its hosts go when they can.
	s.delete(s.cluster)
	s.untilGone(other)
	s.until("the host is on its way out", func() bool { return !s.host(0).DeletionTimestamp.IsZero() })
	s.fake(0).set(func(h *fakeHost) { h.holdJob = false })
	s.untilGone(m)
	s.untilGone(infrastructure)
	s.untilGone(host)
	s.untilGone(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: "credentials"}})
	if fake := s.fake(0); fake.resets != 1 || fake.owner.UID != "" {
		t.Errorf("%d resets, and %+v has the host", fake.resets, fake.owner)
	}
}

func TestClusterGoesWithoutAHostThatIsAway(t *testing.T) {
	s := newSite(t, 1, 100*time.Millisecond)
	infrastructure := s.addSSHCluster()
	s.addMachine("a")
	s.untilReady("a")
	m, host := s.machine("a"), s.host(0)
	s.fake(0).powerOff()
	s.delete(m)
	s.untilGone(m)
	s.delete(infrastructure)
	s.untilGone(infrastructure)
	s.delete(s.cluster)
	s.untilGone(host) // after the grace
}

// Somebody has taken the host over by hand before it could be reset.
func TestHostThatIsAnothersMeanwhileIsNotReset(t *testing.T) {
	s := newSite(t, 1, never)
	s.stop()
	host := s.host(0)
	s.change(host, func() { host.Annotations = map[string]string{infrav1.NeedsCleaningAnnotation: "gone"} })
	s.fake(0).set(func(h *fakeHost) { h.owner.UID, h.owner.Machine, h.owner.Cluster = "u", "m", "c" })
	s.start(never)
	s.until("the host is another's", func() bool {
		host := s.host(0)
		return conditions.GetReason(host, infrav1.CleanCondition) == infrav1.OwnedByAnotherReason &&
			host.Annotations[infrav1.NeedsCleaningAnnotation] == ""
	})
	if n := s.fake(0).resets; n > 0 {
		t.Errorf("it was reset %d times", n)
	}
}
