package controllers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/ptr"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/util/conditions"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

func TestHostBecomesNode(t *testing.T) {
	s := newSite(t, 1, never)
	s.addMachine("a")
	s.untilReady("a")
	s.untilReason("a", clusterv1.ReadyReason)

	m, host, fake := s.machine("a"), s.host(0), s.fake(0)
	if want := "ssh://" + string(host.UID); m.Spec.ProviderID != want {
		t.Errorf("the provider ID is %q, want %q", m.Spec.ProviderID, want)
	}
	if host.Spec.ConsumerRef != (infrav1.ConsumerReference{Name: "a", UID: string(m.UID)}) {
		t.Errorf("the claim is %+v", host.Spec.ConsumerRef)
	}
	addresses := fmt.Sprint(m.Status.Addresses)
	if addresses != "[{Hostname node-0} {InternalIP 198.51.100.0}]" {
		t.Errorf("the addresses are %s", addresses)
	}
	if m.Status.Copied.Total != 1204<<20 || m.Status.Phase != infrav1.MachineProvisioned {
		t.Errorf("the status is %+v", m.Status)
	}
	w := fake.work
	if w.Hostname != "node-0" || w.InstanceID != string(host.UID) || w.Address != "198.51.100.0" || w.ControlPlane ||
		string(w.BootstrapData) != "#cloud-config" || w.Owner.Cluster != clusterName || w.Owner.UID != string(m.UID) {
		t.Errorf("the work is %+v", w)
	}
	if fake.key != "planted-private-key" || fake.installs != 1 || fake.bootstraps != 1 {
		t.Errorf("%d installs, %d bootstraps with the key %q", fake.installs, fake.bootstraps, fake.key)
	}
	s.until("the host is in use", func() bool {
		return conditions.GetReason(s.host(0), infrav1.AvailableCondition) == infrav1.InUseReason
	})
	if facts := s.host(0).Status.Facts; facts.OS != "Fake Linux 1" || facts.CPUs != 4 || facts.Memory != 8<<30 {
		t.Errorf("the facts are %+v", facts)
	}
}

// The node files do not wait for the bootstrap data, which a worker gets when
// the control plane is there.
func TestNodeFilesDoNotWaitForBootstrapData(t *testing.T) {
	s := newSite(t, 1, never)
	s.addMachineWithout("a", nil)
	s.untilReason("a", infrav1.WaitingForBootstrapDataReason)
	if m := s.machine("a"); !conditions.IsTrue(m, infrav1.NodeFilesInstalledCondition) {
		t.Errorf("the node files are not installed:\n%s", s.describe())
	}
}

func TestProgressIsTold(t *testing.T) {
	s := newSite(t, 1, never)
	s.fake(0).set(func(h *fakeHost) { h.holdFiles = true })
	s.addMachine("a")
	s.until("the copy is told of", func() bool {
		return conditions.GetMessage(s.machine("a"), infrav1.MachineReadyCondition) == "copying node files (812 of 1204 MiB)"
	})
	s.until("the bytes are counted", func() bool {
		m := s.machine("a")
		return m.Status.Phase == infrav1.MachineInstalling && m.Status.Copied.Sent == 808<<20
	})
	s.fake(0).set(func(h *fakeHost) { h.holdFiles, h.holdJob = false, true })
	s.until("the bootstrap is told of", func() bool {
		return conditions.GetMessage(s.machine("a"), infrav1.MachineReadyCondition) == "kubeadm join on node-0"
	})
	s.fake(0).set(func(h *fakeHost) { h.holdJob = false })
	s.untilReady("a")
}

func TestNoTwoMachinesGetOneHost(t *testing.T) {
	const machines = 8
	s := newSite(t, machines, never)
	for i := range machines {
		s.addMachine(fmt.Sprintf("m-%d", i))
	}
	taken := map[string]string{}
	for i := range machines {
		name := fmt.Sprintf("m-%d", i)
		s.untilReady(name)
		host := s.machine(name).Status.HostRef.Name
		if other := taken[host]; other != "" {
			t.Errorf("%s and %s have %s", name, other, host)
		}
		taken[host] = name
	}
	for i := range machines {
		if fake := s.fake(i); fake.installs != 1 || fake.bootstraps != 1 {
			t.Errorf("host-%d: %d installs, %d bootstraps", i, fake.installs, fake.bootstraps)
		}
	}
}

func TestUnusableHostsAreSkippedAndNamed(t *testing.T) {
	s := newSite(t, 4, never)
	s.fake(0).powerOff()
	s.fake(1).set(func(h *fakeHost) { h.leftovers = []string{"/etc/kubernetes/admin.conf"} })
	s.until("the hosts have been looked at", func() bool {
		for i, reason := range []string{infrav1.NotReachableReason, infrav1.NotCleanReason} {
			if conditions.GetReason(s.host(i), infrav1.AvailableCondition) != reason {
				return false
			}
		}
		return true
	})
	other := s.host(3)
	s.change(other, func() { other.Labels["type"] = "other" })
	s.addMachine("a")
	s.untilReady("a")
	if got := s.machine("a").Status.HostRef.Name; got != "host-2" {
		t.Errorf("it got %s", got)
	}
	s.addMachine("b")
	s.untilReason("b", infrav1.NoHostAvailableReason)
	s.until("every host is named", func() bool {
		message := conditions.GetMessage(s.machine("b"), infrav1.MachineReadyCondition)
		return strings.Contains(message, "host-0 does not answer: there is no route to the host") &&
			strings.Contains(message, "host-1 is not clean: there are remains of a cluster on the host: /etc/kubernetes/admin.conf") &&
			strings.Contains(message, "host-2 has machine a") && strings.Contains(message, "1 of 4 hosts are not of type=worker")
	})
	s.fake(0).powerOn()
	s.untilReady("b")
}

// A host that is another's on the host itself is left alone, whatever its
// SSHHost says.
func TestHostOfAnotherIsLeftAlone(t *testing.T) {
	s := newSite(t, 2, never)
	s.untilAvailable(0)
	s.untilAvailable(1)
	s.stop()
	s.fake(0).set(func(h *fakeHost) { h.owner.UID, h.owner.Machine, h.owner.Cluster = "u", "m", "c" })
	s.addMachine("a")
	s.start(never)
	s.untilReady("a")
	if got := s.machine("a").Status.HostRef.Name; got != "host-1" {
		t.Errorf("it got %s", got)
	}
	if s.fake(0).owner.Machine != "m" || s.fake(0).installs+s.fake(0).resets > 0 {
		t.Error("something was done on another's host")
	}
	s.until("the host is told of", func() bool {
		return conditions.GetReason(s.host(0), infrav1.CleanCondition) == infrav1.OwnedByAnotherReason
	})
}

func TestHostThatDiesBeforeTheStartIsReplaced(t *testing.T) {
	s := newSite(t, 2, 30*time.Millisecond)
	s.untilAvailable(0)
	s.fake(0).set(func(h *fakeHost) { h.holdFiles = true })
	s.addMachine("a")
	s.until("it installs on host-0", func() bool { return s.fake(0).get(func(h *fakeHost) bool { return h.installs > 0 }) })
	s.fake(0).powerOff()
	s.untilReady("a")
	if got := s.machine("a").Status.HostRef.Name; got != "host-1" {
		t.Errorf("it is on %s", got)
	}
	if s.host(0).Annotations[infrav1.NeedsCleaningAnnotation] != string(s.machine("a").UID) {
		t.Errorf("nobody will clean the host:\n%s", s.describe())
	}
	s.fake(0).powerOn()
	s.untilAvailable(0)
	if s.fake(0).resets != 1 {
		t.Errorf("the host was reset %d times", s.fake(0).resets)
	}
}

func TestBundleThatCannotBeRead(t *testing.T) {
	s := newSite(t, 2, 1) // no patience with hosts
	s.untilAvailable(0)
	s.bundle = t.TempDir()
	s.addMachine("a")
	s.untilReason("a", infrav1.NodeFilesUnavailableReason)
	// It is no host's fault.
	if claim := s.host(0).Spec.ConsumerRef.Name; claim != "a" {
		t.Errorf("host-0 has been given to %q", claim)
	}
}

func TestClusterWithoutInfrastructureWaits(t *testing.T) {
	s := newSite(t, 1, never)
	s.cluster.Status.Initialization.InfrastructureProvisioned = nil
	s.cluster.Status.Initialization.ControlPlaneInitialized = ptr.To(false)
	if err := s.Status().Update(t.Context(), s.cluster); err != nil {
		t.Fatal(err)
	}
	s.addMachine("a")
	s.untilReason("a", infrav1.WaitingForClusterInfrastructureReason)
	if s.host(0).Spec.ConsumerRef.Name != "" {
		t.Error("it has claimed a host")
	}
}

// A host that is clean but cannot be a node is left, not tried.
func TestUnfitHostIsLeft(t *testing.T) {
	s := newSite(t, 2, never)
	s.fake(0).set(func(h *fakeHost) { h.swap = 1 << 30 })
	s.untilAvailable(0)
	s.addMachine("a")
	s.untilReady("a")
	if host := s.machine("a").Status.HostRef.Name; host != "host-1" {
		t.Errorf("it is on %s", host)
	}
	s.addMachine("b")
	s.untilReason("b", infrav1.NoHostAvailableReason)
	s.until("it is told why", func() bool {
		message := conditions.GetMessage(s.machine("b"), infrav1.MachineReadyCondition)
		return strings.Contains(message, "host-0 is not fit:") && strings.Contains(message, "swap")
	})
	if fake := s.fake(0); fake.installs > 0 || fake.owner.UID != "" {
		t.Errorf("something was done on it: %d installs for %+v", fake.installs, fake.owner)
	}
	s.fake(0).set(func(h *fakeHost) { h.swap = 0 })
	s.untilReady("b")
}
