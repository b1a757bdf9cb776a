package controllers_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/cluster-api/util/conditions"
	"sigs.k8s.io/controller-runtime/pkg/client"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

func TestLostConnectionIsTakenUpAgain(t *testing.T) {
	s := newSite(t, 2, never)
	s.untilAvailable(0)
	fake := s.fake(0)
	fake.set(func(h *fakeHost) { h.holdFiles, h.holdJob = true, true })
	s.addMachine("a")
	s.until("it installs", func() bool { return fake.get(func(h *fakeHost) bool { return h.installs == 1 }) })
	fake.powerOff()
	s.untilReason("a", infrav1.HostUnreachableReason)
	s.until("the failure is noted", func() bool {
		f := s.machine("a").Status.Failure
		return f.Reason == infrav1.HostUnreachableReason && !f.Since.IsZero()
	})
	fake.powerOn()
	s.until("it installs again", func() bool { return fake.get(func(h *fakeHost) bool { return h.installs == 2 }) })
	s.until("the failure is forgotten", func() bool { return s.machine("a").Status.Failure.Reason == "" })
	fake.set(func(h *fakeHost) { h.holdFiles = false })
	s.untilReason("a", infrav1.BootstrappingReason)
	// The network alone fails: the job on the host goes on.
	fake.set(func(h *fakeHost) { h.down = true })
	s.untilReason("a", infrav1.HostUnreachableReason)
	fake.set(func(h *fakeHost) { h.down, h.holdJob = false, false })
	s.untilReady("a")
	if host := s.machine("a").Status.HostRef.Name; host != "host-0" || fake.bootstraps != 1 || fake.resets != 0 {
		t.Errorf("it is on %s after %d bootstraps and %d resets", host, fake.bootstraps, fake.resets)
	}
}

func TestRestartOfTheHostStartsTheBootstrapAgain(t *testing.T) {
	s := newSite(t, 2, 1) // no patience: yet the machine keeps its host
	s.untilAvailable(0)
	fake := s.fake(0)
	fake.set(func(h *fakeHost) { h.holdJob = true })
	s.addMachine("a")
	s.untilReason("a", infrav1.BootstrappingReason)
	fake.powerOff()
	s.untilReason("a", infrav1.HostUnreachableReason)
	fake.set(func(h *fakeHost) { h.down, h.holdJob = false, false })
	s.untilReady("a")
	if host := s.machine("a").Status.HostRef.Name; host != "host-0" || fake.bootstraps != 2 || fake.resets != 0 {
		t.Errorf("it is on %s after %d bootstraps and %d resets", host, fake.bootstraps, fake.resets)
	}
	if failures := s.machine("a").Status.BootstrapFailures; failures != 0 {
		t.Errorf("%d failures are counted", failures)
	}
}

func TestFailedJoinIsTriedAgain(t *testing.T) {
	s := newSite(t, 1, never)
	s.fake(0).set(func(h *fakeHost) { h.failBoots = 3 })
	s.addMachine("a")
	s.untilReady("a")
	if n := s.fake(0).bootstraps; n != 4 {
		t.Errorf("the bootstrap was started %d times", n)
	}
}

func TestBootstrapThatAlwaysFails(t *testing.T) {
	s := newSite(t, 1, never)
	s.fake(0).set(func(h *fakeHost) { h.failBoots = 4 })
	s.addMachine("a")
	s.untilReason("a", infrav1.BootstrapFailedReason)
	message := conditions.GetMessage(s.machine("a"), infrav1.BootstrappedCondition)
	if message != "the bootstrap failed on node-0: kubeadm join\n[preflight] attempt 4\nerror execution phase: connection refused" {
		t.Errorf("the message is %q", message)
	}
	s.until("the machine has failed", func() bool { return s.machine("a").Status.Phase == infrav1.MachineFailed })
	if n := s.fake(0).bootstraps; n != 4 {
		t.Errorf("the bootstrap was started %d times", n)
	}

	// Controllers that are started later try again, as many times.
	s.stop()
	m := s.machine("a")
	before := m.DeepCopy()
	m.Status.LastBootstrapFailure.Time = m.Status.LastBootstrapFailure.Add(-time.Minute)
	if err := s.Status().Patch(t.Context(), m, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	s.start(never)
	s.untilReady("a")
	if n := s.fake(0).bootstraps; n != 5 {
		t.Errorf("the bootstrap was started %d times", n)
	}
}

// The first control-plane machine fails for reasons of its own host.
func TestFailedInitIsTriedOnceMore(t *testing.T) {
	s := newSite(t, 1, never)
	s.cluster.Status.Initialization.ControlPlaneInitialized = ptr.To(false)
	if err := s.Status().Update(t.Context(), s.cluster); err != nil {
		t.Fatal(err)
	}
	s.fake(0).set(func(h *fakeHost) { h.failBoots = 100 })
	s.addControlPlaneMachine("a")
	s.untilReason("a", infrav1.BootstrapFailedReason)
	if n := s.fake(0).bootstraps; n != 2 || !s.fake(0).work.ControlPlane {
		t.Errorf("the bootstrap was started %d times, for %+v", n, s.fake(0).work)
	}
}

func TestInstallThatFailsMovesToAnotherHost(t *testing.T) {
	s := newSite(t, 2, 30*time.Millisecond)
	s.untilAvailable(0)
	s.fake(0).set(func(h *fakeHost) { h.refusals = errors.New("no space left on device") })
	s.addMachine("a")
	s.untilReady("a")
	if host := s.machine("a").Status.HostRef.Name; host != "host-1" {
		t.Errorf("it is on %s", host)
	}
	s.until("host-0 is clean", func() bool { return s.host(0).Annotations[infrav1.NeedsCleaningAnnotation] == "" })
	if owner := s.fake(0).owner; owner.UID != "" {
		t.Errorf("%+v is left on host-0", owner)
	}
}

func TestInstallThatFailsSaysWhy(t *testing.T) {
	s := newSite(t, 1, never)
	s.fake(0).set(func(h *fakeHost) { h.refusals = errors.New("no space left on device") })
	s.addMachine("a")
	s.untilReason("a", infrav1.InstallFailedReason)
	if message := conditions.GetMessage(s.machine("a"), infrav1.MachineReadyCondition); !strings.Contains(message, "no space left on device") {
		t.Errorf("the message is %q", message)
	}
	s.fake(0).set(func(h *fakeHost) { h.refusals = nil })
	s.untilReady("a")
}

// The controllers may be killed at any moment.
func TestControllersThatAreStartedAgainGoOn(t *testing.T) {
	s := newSite(t, 2, never)
	s.untilAvailable(0)
	fake := s.fake(0)
	fake.set(func(h *fakeHost) { h.holdFiles, h.holdJob = true, true })
	s.addMachine("a")
	s.until("it installs", func() bool { return fake.get(func(h *fakeHost) bool { return h.installs == 1 }) })
	s.stop()
	s.start(never)
	s.until("it installs again", func() bool { return fake.get(func(h *fakeHost) bool { return h.installs == 2 }) })
	fake.set(func(h *fakeHost) { h.holdFiles = false })
	s.untilReason("a", infrav1.BootstrappingReason)
	s.stop()
	fake.set(func(h *fakeHost) { h.holdJob = false })
	s.start(never)
	s.untilReady("a")
	if host := s.machine("a").Status.HostRef.Name; host != "host-0" || fake.bootstraps != 1 || fake.resets != 0 {
		t.Errorf("it is on %s after %d bootstraps and %d resets", host, fake.bootstraps, fake.resets)
	}
	if s.host(1).Spec.ConsumerRef.Name != "" {
		t.Error("it has claimed a second host")
	}
}

// clusterctl move restores specs with new UIDs, and no status.
func TestMovedMachineIsANode(t *testing.T) {
	s := newSite(t, 1, never)
	s.stop()
	host := s.host(0)
	s.change(host, func() { host.Spec.ConsumerRef = infrav1.ConsumerReference{Name: "a", UID: "of-before"} })
	s.fake(0).set(func(h *fakeHost) { h.owner.UID, h.owner.Machine, h.owner.Cluster = "of-before", "a", clusterName })
	s.addMachine("a")
	m := s.machine("a")
	s.change(m, func() { m.Spec.ProviderID = "ssh://of-before" })
	s.start(never)
	s.untilReady("a")
	if s.fake(0).installs+s.fake(0).bootstraps > 0 || s.machine("a").Spec.ProviderID != "ssh://of-before" {
		t.Errorf("it was made again: %d installs", s.fake(0).installs)
	}
	s.delete(s.machine("a"))
	s.untilGone(m)
	if s.fake(0).resets != 1 {
		t.Errorf("the host was reset %d times", s.fake(0).resets)
	}
}

func TestTemplateCannotBeChanged(t *testing.T) {
	s := newSite(t, 0, never)
	template := &infrav1.SSHMachineTemplate{ObjectMeta: s.meta("t")}
	template.Spec.Template.Spec = s.machineSpec()
	s.create(template)
	template.Spec.Template.Spec.SandboxImage = "other"
	err := s.Update(t.Context(), template)
	if err == nil || !strings.Contains(err.Error(), "make another one and refer to it") {
		t.Errorf("it was changed: %v", err)
	}
	if err := s.Get(t.Context(), client.ObjectKeyFromObject(template), template); err != nil {
		t.Fatal(err)
	}
	template.Labels["more"] = "labels"
	if err := s.Update(t.Context(), template); err != nil {
		t.Errorf("its labels cannot be changed: %v", err)
	}
}

// The process may end between the claim and the status that shows it.
func TestClaimThatNobodyHasShown(t *testing.T) {
	s := newSite(t, 2, never)
	s.stop()
	s.addMachine("a")
	host := s.host(1)
	s.change(host, func() { host.Spec.ConsumerRef = infrav1.ConsumerReference{Name: "a", UID: string(s.machine("a").UID)} })
	s.fake(1).set(func(h *fakeHost) { h.holdFiles = true })
	s.start(never)
	s.until("it installs", func() bool { return s.fake(1).get(func(h *fakeHost) bool { return h.installs > 0 }) })
	s.until("the claim is shown", func() bool {
		m := s.machine("a")
		return conditions.IsTrue(m, infrav1.HostClaimedCondition) && m.Status.HostRef.Name == "host-1"
	})
	if s.host(0).Spec.ConsumerRef.Name != "" {
		t.Error("it has claimed a second host")
	}
}
