package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/verdict"
)

// hostCheck is a check that looks at every host by itself.
type hostCheck struct {
	name string
	want string
	// sees says what is in order with a host, for the summary; nil for
	// nothing.
	sees func(report) string
	// connects is true for the checks that come before any facts.
	connects bool
}

// hostChecks are in the order in which they are reported.
var hostChecks = []hostCheck{
	{name: CheckReachable, want: "an SSH server that answers on every host", connects: true},
	{name: CheckHostKeys, want: "the key that is pinned for each host", connects: true},
	{name: CheckLogin, want: "hosts that let the user in with the key", connects: true},
	{name: CheckRoot, want: "users that are root, or become root through sudo", connects: true},
	{name: CheckAddresses, want: "hosts that have the addresses of the configuration"},
	{name: CheckArchitecture, want: "the processor architecture of the node files", sees: func(r report) string { return r.facts.Arch }},
	{name: CheckSystem, want: "the operating systems of the machine configurations", sees: func(r report) string { return r.facts.OSName }},
	{name: CheckKernel, want: "kernels that Kubernetes and Cilium work with", sees: func(r report) string { return r.facts.Kernel }},
	{name: CheckSystemd, want: "systemd, and cgroup v2"},
	{name: CheckCommands, want: "what a node's software calls on the hosts"},
	{name: CheckSize, want: "as much as kubeadm asks for"},
	{name: CheckDisk, want: "room for the node files, their images and what runs"},
	{name: CheckSwap, want: "no swap, unless the kubelet is told to bear it"},
	{name: CheckClock, want: fmt.Sprintf("clocks that are within %s of this machine's", maxSkew)},
	{name: CheckPorts, want: "the ports of Kubernetes and Cilium free"},
	{name: CheckRuntimes, want: "no container runtime or kubelet of others"},
	{name: CheckLeftovers, want: "nothing of an earlier cluster"},
	{name: CheckOwner, want: "hosts that no other cluster has"},
}

// checkHosts reports what a check finds on the hosts. It fails where the
// hosts that are left without those that it finds unfit, and without those
// that could not be asked, are too few.
func (s *survey) checkHosts(ctx context.Context, v *verdict.Verdict, k hostCheck) error {
	v.Wants("%s", k.want)
	reports, err := s.ask(ctx)
	if err != nil {
		return err
	}
	asked := 0
	var sights []string
	for _, r := range reports {
		if r.err == nil {
			asked++
			if k.sees != nil && !slices.Contains(sights, k.sees(r)) {
				sights = append(sights, k.sees(r))
			}
		}
	}
	if asked == 0 && !k.connects {
		v.Skipped = "not looked at: no host could be asked"
		return nil
	}
	unfit := s.unfit(ctx, reports, k.name)
	enough := len(allot(s.groups, len(reports), unfit.usable(s, reports))) == 0
	for _, f := range unfit.findings {
		text := strings.Join(f.hosts, ", ") + ": " + f.Found
		switch {
		case f.Bearable:
			v.Warns(f.Remedy, "%s", text)
		case enough:
			v.Warns(f.Remedy, "%s; enough other hosts are left", text)
		default:
			v.Fails(f.Remedy, "%s", text)
		}
	}
	summary := hostCount(asked)
	if len(sights) > 0 {
		summary += ": " + strings.Join(sights, ", ")
	}
	v.Sees("%s", summary)
	return nil
}

func hostCount(n int) string {
	if n == 1 {
		return "1 host"
	}
	return fmt.Sprintf("%d hosts", n)
}

// finding is a problem and the hosts that have it.
type finding struct {
	Problem
	hosts []string
}

// unfitness is which hosts cannot be machines of which groups.
type unfitness struct {
	findings []finding
	bad      map[[2]int]bool // host and group
}

// unfit finds the hosts with problems of the check; "" is all checks. Hosts
// that could not be asked are unfit for everything.
func (s *survey) unfit(ctx context.Context, reports []report, check string) *unfitness {
	u := &unfitness{bad: map[[2]int]bool{}}
	for h, r := range reports {
		for g, d := range s.groups {
			if !d.selector.Matches(r.host.Labels) {
				continue
			}
			for _, p := range s.problems(ctx, r, d) {
				ours := check == "" || p.Check == check
				if !p.Bearable && (ours || r.err != nil) {
					u.bad[[2]int{h, g}] = true
				}
				if ours {
					u.add(r.host.Name, p)
				}
			}
		}
	}
	return u
}

// add notes a problem of a host. What several groups object to is said once,
// and not as bearable where one cannot bear it.
func (u *unfitness) add(host string, p Problem) {
	for i := range u.findings {
		f := &u.findings[i]
		if f.Found == p.Found && f.Check == p.Check && f.Bearable == p.Bearable {
			if !slices.Contains(f.hosts, host) {
				f.hosts = append(f.hosts, host)
			}
			return
		}
	}
	u.findings = append(u.findings, finding{p, []string{host}})
}

// usable is who can be what, for allot.
func (u *unfitness) usable(s *survey, reports []report) func(host, group int) bool {
	return func(h, g int) bool {
		return s.groups[g].selector.Matches(reports[h].host.Labels) && !u.bad[[2]int{h, g}]
	}
}

// checkEnough sees whether the hosts without any problem are enough: two
// checks may each have left enough, and together not.
func (s *survey) checkEnough(ctx context.Context, v *verdict.Verdict) error {
	total := 0
	for _, d := range s.groups {
		total += d.count
	}
	v.Wants("fit hosts for %d machines", total)
	reports, err := s.ask(ctx)
	if err != nil {
		return err
	}
	unfit := s.unfit(ctx, reports, "")
	usable := unfit.usable(s, reports)
	fit := 0
	var why []string
	for h, r := range reports {
		is := false
		for g := range s.groups {
			is = is || usable(h, g)
		}
		if is {
			fit++
			continue
		}
		var checks []string
		for _, f := range unfit.findings {
			if !f.Bearable && slices.Contains(f.hosts, r.host.Name) && !slices.Contains(checks, f.Check) {
				checks = append(checks, f.Check)
			}
		}
		why = append(why, fmt.Sprintf("%s (%s)", r.host.Name, strings.Join(checks, ", ")))
	}
	v.Sees("%s fit", hostCount(fit))
	short := allot(s.groups, len(reports), usable)
	for _, sf := range short {
		text := fmt.Sprintf("%s needs %d hosts and gets %d", sf.group, sf.count, sf.gets)
		if len(why) > 0 {
			text += "; not fit: " + strings.Join(why, ", ")
		}
		v.Fails("Mend the hosts as the other checks say, or add fit ones with the labels "+labels(sf.selector)+".", "%s", text)
	}
	if len(short) == 0 && len(why) > 0 {
		v.Warns("Mend them, or take them out of the configuration.", "%s fit, which is enough; not fit: %s", hostCount(fit), strings.Join(why, ", "))
	}
	return nil
}

// remedyOf is what an error asks for.
func remedyOf(err error) string { return failure.Remedy(err) }
