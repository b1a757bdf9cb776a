package preflight_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/event"
	runner "groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

func TestFitHostsPass(t *testing.T) {
	s := newSite(t)
	s.addHost("other", "storage", "172.30.0.99") // nobody's
	s.errors["other"] = errors.New("must not be asked")
	got := s.run()
	s.wantOnly(got, nil)
	for _, name := range []string{"cp-1", "w-1", "w-2", "w-3"} {
		if s.looks[name] != 1 {
			t.Errorf("%s was looked at %d times", name, s.looks[name])
		}
	}
	contains(t, got[preflight.CheckKernel], "4 hosts", "6.8.0-45-generic")
	contains(t, got[preflight.CheckEnough], "4 hosts fit")
}

// A host that is not fit fails the preflight only where no spare takes its
// place.
func TestSpares(t *testing.T) {
	swap := func(s *site, hosts ...string) {
		for _, h := range hosts {
			s.facts[h].Swap = 2 << 30
		}
	}
	for name, test := range map[string]struct {
		change func(*site)
		want   map[string]event.CheckResult
	}{
		"one of three for two": {
			func(s *site) { swap(s, "w-2") },
			map[string]event.CheckResult{preflight.CheckSwap: event.Warned, preflight.CheckEnough: event.Warned},
		},
		"two of three for two": {
			func(s *site) { swap(s, "w-1", "w-2") },
			map[string]event.CheckResult{preflight.CheckSwap: event.Failed, preflight.CheckEnough: event.Failed},
		},
		"one of one": {
			func(s *site) { swap(s, "cp-1") },
			map[string]event.CheckResult{preflight.CheckSwap: event.Failed, preflight.CheckEnough: event.Failed},
		},
		"each check leaves enough, both together do not": {
			func(s *site) { swap(s, "w-1"); s.facts["w-2"].Systemd = false },
			map[string]event.CheckResult{preflight.CheckSwap: event.Warned, preflight.CheckSystemd: event.Warned, preflight.CheckEnough: event.Failed},
		},
		"what cannot be asked is no spare": {
			func(s *site) { swap(s, "w-1"); s.errors["w-2"] = refusal(remote.ErrUnreachable) },
			map[string]event.CheckResult{preflight.CheckReachable: event.Warned, preflight.CheckSwap: event.Failed, preflight.CheckEnough: event.Failed},
		},
		"a spare of both groups serves where it is needed": {
			func(s *site) {
				s.config.SSHMachines["cp"].Spec.HardwareSelector = v1alpha1.HardwareSelector{"rack": "a"}
				s.config.SSHDatacenter.Spec.Hosts[0].Labels["rack"] = "a"
				s.config.SSHDatacenter.Spec.Hosts[1].Labels["rack"] = "a" // w-1
				swap(s, "cp-1")
			},
			map[string]event.CheckResult{preflight.CheckSwap: event.Warned, preflight.CheckEnough: event.Warned},
		},
		"a spare of both groups does not serve twice": {
			func(s *site) {
				s.config.SSHMachines["cp"].Spec.HardwareSelector = v1alpha1.HardwareSelector{"rack": "a"}
				s.config.SSHDatacenter.Spec.Hosts[0].Labels["rack"] = "a"
				s.config.SSHDatacenter.Spec.Hosts[1].Labels["rack"] = "a"
				swap(s, "cp-1", "w-3")
			},
			map[string]event.CheckResult{preflight.CheckSwap: event.Failed, preflight.CheckEnough: event.Failed},
		},
		"what can be borne fails nothing": {
			func(s *site) {
				for _, f := range s.facts {
					f.NTPSynchronized = false
				}
			},
			map[string]event.CheckResult{preflight.CheckClock: event.Warned},
		},
		"a group makes room for one that has no other": {
			func(s *site) {
				s.addHost("cp-2", "storage", "172.30.0.21")
				s.config.SSHMachines["cp"].Spec.HardwareSelector = v1alpha1.HardwareSelector{"rack": "a"}
				s.config.SSHDatacenter.Spec.Hosts[1].Labels["rack"] = "a" // w-1, which workers need
				s.config.SSHDatacenter.Spec.Hosts[4].Labels["rack"] = "a"
				swap(s, "w-3")
			},
			map[string]event.CheckResult{preflight.CheckSwap: event.Warned, preflight.CheckEnough: event.Warned},
		},
		"a host that is too small for a control plane is a worker": {
			func(s *site) {
				s.config.SSHMachines["cp"].Spec.HardwareSelector = v1alpha1.HardwareSelector{"rack": "a"}
				for i := range s.config.SSHDatacenter.Spec.Hosts[:3] {
					s.config.SSHDatacenter.Spec.Hosts[i].Labels["rack"] = "a"
				}
				s.facts["w-1"].CPUs = 1
			},
			map[string]event.CheckResult{preflight.CheckSize: event.Warned},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			test.change(s)
			s.wantOnly(s.run(), test.want)
		})
	}
}

// Each way in which a host cannot be asked has a check of its own, and what
// the other hosts have is told all the same.
func TestConnectionChecks(t *testing.T) {
	for check, kind := range map[string]error{
		preflight.CheckReachable: remote.ErrUnreachable,
		preflight.CheckHostKeys:  remote.ErrHostKey,
		preflight.CheckLogin:     remote.ErrLogin,
		preflight.CheckRoot:      remote.ErrSudo,
	} {
		s := newSite(t)
		s.errors["cp-1"] = refusal(kind)
		s.facts["w-1"].Swap = 1 << 30
		got := s.run()
		// The swap leaves workers enough, but there is no control plane.
		s.wantOnly(got, map[string]event.CheckResult{check: event.Failed, preflight.CheckSwap: event.Failed, preflight.CheckEnough: event.Failed})
		contains(t, got[check], "cp-1: it did not work", "mend it")
		contains(t, got[preflight.CheckEnough], "the control plane needs 1 hosts and gets 0", "cp-1 ("+check+")")
	}
	s := newSite(t)
	for name := range s.facts {
		s.errors[name] = refusal(remote.ErrUnreachable)
	}
	got := s.run()
	if c := got[preflight.CheckKernel]; c.Result != event.Skipped {
		t.Errorf("kernels of hosts that nobody has seen: %+v", c)
	}
}

func TestNodeFiles(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*site)
		check  string
		result event.CheckResult
		says   string
	}{
		"another version": {func(s *site) { s.index.Kubernetes, s.index.Version = "1.34", "v1.34.9" }, preflight.CheckNodeFiles, event.Failed, "v1.34.9"},
		"no kubelet":      {func(s *site) { s.index.Files = s.index.Files[:5] }, preflight.CheckNodeFiles, event.Failed, "kubelet"},
		"a file is gone": {func(s *site) {
			if err := os.Remove(filepath.Join(s.folder, "images/3.tar")); err != nil {
				s.t.Fatal(err)
			}
		}, preflight.CheckNodeFiles, event.Failed, "images/3.tar"},
		"an image is missing": {func(s *site) { s.index.Images = s.index.Images[1:] }, preflight.CheckImages, event.Failed, "cilium/cilium"},
		"an image is missing and there is a mirror": {func(s *site) {
			s.index.Images = s.index.Images[1:]
			s.config.Cluster.Spec.RegistryMirrorConfiguration = &v1alpha1.RegistryMirrorConfiguration{Endpoint: "registry.example.com", Port: "5000"}
		}, preflight.CheckImages, event.Warned, "cilium/cilium"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			test.change(s)
			got := s.run()
			if c := got[test.check]; c.Result != test.result {
				t.Errorf("%s: %s", c.Result, c.Found)
			}
			contains(t, got[test.check], test.says, "bootstrap images export")
		})
	}
	t.Run("no bundle", func(t *testing.T) {
		s := newSite(t)
		o := s.checkOptions()
		o.Bundle = func(context.Context) (*bundle.Bundle, error) { return nil, refusal(errors.New("no such folder")) }
		results, _ := runner.Run(t.Context(), preflight.Checks(o), event.Discard)
		for _, r := range results {
			want := event.Passed
			switch r.Name {
			case preflight.CheckNodeFiles:
				want = event.Failed
			case preflight.CheckImages:
				want = event.Skipped
			}
			if r.Result != want {
				t.Errorf("%s: %s: %s", r.Name, r.Result, r.Found)
			}
		}
	})
}

func TestMachinesAreDifferent(t *testing.T) {
	s := newSite(t)
	s.addHost("w-4", "worker", "172.30.1.12") // w-1's other address
	s.facts["w-4"].Addresses = []string{"172.30.0.12", "172.30.1.12"}
	s.facts["w-2"].MachineID = s.facts["w-3"].MachineID
	got := s.run()
	c := got[preflight.CheckMachines]
	if c.Result != event.Failed {
		t.Errorf("%s: %s", c.Result, c.Found)
	}
	contains(t, c, "w-1 and w-4 are the same machine", "w-2 and w-3 have the same machine ID")
}

// The checks against a real SSH server: what Dial refuses, and node.Look.
func TestOverSSH(t *testing.T) {
	s := newSite(t)
	servers := map[string]remote.Target{}
	for name, o := range map[string]remotetest.Options{
		"cp-1": {},
		"w-1":  {User: "admin", Sudo: remotetest.SudoFree},
		"w-2":  {User: "admin", Sudo: remotetest.SudoRefuses},
		"w-3":  {RefuseKeys: true},
	} {
		servers[name] = remotetest.Serve(t, o)
	}
	o := s.checkOptions()
	o.Dial, o.Look = nil, nil
	o.Target = func(h v1alpha1.SSHHost) (remote.Target, error) { return servers[h.Name], nil }
	results, err := runner.Run(t.Context(), preflight.Checks(o), event.Discard)
	if err == nil {
		t.Error("too few hosts are enough")
	}
	for _, r := range results {
		switch r.Name {
		case preflight.CheckReachable, preflight.CheckHostKeys:
			if r.Result != event.Passed {
				t.Errorf("%s: %s: %s", r.Name, r.Result, r.Found)
			}
		case preflight.CheckLogin:
			contains(t, r, "w-3: ", "authorized_keys")
		case preflight.CheckRoot:
			contains(t, r, "w-2: ", "NOPASSWD")
		case preflight.CheckAddresses: // the machine that this runs on has not the addresses
			contains(t, r, "it is reached at 172.30.0.11, but has")
		}
	}
}

func TestCancelled(t *testing.T) {
	s := newSite(t)
	o := s.checkOptions()
	started := make(chan struct{}, 10)
	o.Look = func(ctx context.Context, _ node.Remote) (node.Facts, error) {
		started <- struct{}{}
		<-ctx.Done()
		return node.Facts{}, ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	began := time.Now()
	if _, err := runner.Run(ctx, preflight.Checks(o), event.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to stop", took)
	}
}
