package preflight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/verdict"
)

// endpoint is the control plane's address, where kube-vip is to announce it;
// else "".
func (s *survey) endpoint() string {
	control := s.cluster.Spec.ControlPlaneConfiguration
	if control.Endpoint == nil || control.SkipLoadBalancerDeployment {
		return ""
	}
	if _, err := netip.ParseAddr(control.Endpoint.Host); err != nil {
		return ""
	}
	return control.Endpoint.Host
}

// probesEndpoint says whether a host may have to announce the endpoint.
func (s *survey) probesEndpoint(h v1alpha1.SSHHost) bool {
	return s.endpoint() != "" && slices.ContainsFunc(s.groups, func(d demand) bool {
		return d.needs.ControlPlane && d.selector.Matches(h.Labels)
	})
}

// neighbor is what a host sees of the endpoint on its own network.
type neighbor struct {
	// asked is false where the host could not tell.
	asked bool
	// noRoute: it does not know a way there; gateway: the way is over one.
	noRoute bool
	gateway string
	// answers is what answers there, "" for nothing.
	answers string
}

// neighborScript prints how the host gets to the address, whether it is known
// on its network, whether it answers, and whether it is known then. kube-vip
// announces an address by ARP or NDP, which no gateway passes on.
const neighborScript = `ip route get "$1" 2>&1 | head -n 1
echo "before $(ip neigh show "$1" 2>/dev/null | head -n 1)"
command -v ping >/dev/null 2>&1 && ping -c 1 -W 1 "$1" >/dev/null 2>&1 && echo answers
echo "after $(ip neigh show "$1" 2>/dev/null | head -n 1)"
`

// lookForNeighbor asks a host for the endpoint.
func lookForNeighbor(ctx context.Context, h Host, address string) (neighbor, error) {
	result, err := h.Run(ctx, remote.Command{Script: neighborScript, Args: []string{address}})
	if err != nil {
		return neighbor{}, err
	}
	return parseNeighbor(result.Stdout), nil
}

func parseNeighbor(output string) neighbor {
	var n neighbor
	var before, after []string
	answered := false
	for i, line := range strings.Split(output, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case fields[0] == "before":
			before = fields[1:]
		case fields[0] == "after":
			after = fields[1:]
		case line == "answers":
			answered = true
		case i == 0:
			n.noRoute = strings.Contains(line, "unreachable") || strings.Contains(line, "No route")
			n.gateway = following(fields, "via")
			n.asked = n.noRoute || following(fields, "dev") != ""
		}
	}
	// Its own address answers too.
	if strings.HasPrefix(output, "local ") || n.gateway != "" || !n.asked {
		return n
	}
	// An entry that was there before may be of somebody who has gone since.
	known := slices.Contains(after, "REACHABLE") && !slices.Contains(before, "REACHABLE")
	if hardware := following(after, "lladdr"); answered || known {
		n.answers = "a machine"
		if hardware != "" {
			n.answers += " with the hardware address " + hardware
		}
	}
	return n
}

// following is the word after another.
func following(words []string, word string) string {
	if i := slices.Index(words, word); i >= 0 && i+1 < len(words) {
		return words[i+1]
	}
	return ""
}

// announces is what keeps a host from announcing the endpoint.
func (s *survey) announces(r report) []Problem {
	const remedy = "Choose an endpoint in the subnet of the control plane's hosts: kube-vip announces it there by ARP, which does not pass routers."
	switch {
	case r.neighbor.noRoute:
		return []Problem{{Check: CheckEndpoint, Remedy: remedy, Found: "it has no route to " + s.endpoint()}}
	case r.neighbor.gateway != "":
		return []Problem{{Check: CheckEndpoint, Remedy: remedy,
			Found: fmt.Sprintf("%s is not in its subnet, but behind the gateway %s", s.endpoint(), r.neighbor.gateway)}}
	}
	return nil
}

// checkEndpoint looks whether the control plane's address is one, is free,
// and can be announced by the control plane's hosts.
func (s *survey) checkEndpoint(ctx context.Context, v *verdict.Verdict) error {
	control := s.cluster.Spec.ControlPlaneConfiguration
	host := ""
	if control.Endpoint != nil {
		host = control.Endpoint.Host
	}
	if control.SkipLoadBalancerDeployment {
		v.Wants("the name or address of a load balancer")
		if host == "" {
			v.Fails("Set controlPlaneConfiguration.endpoint.host to the load balancer in front of the control plane.", "there is none")
		}
		v.Sees("%s, which this site takes care of", host)
		return nil
	}
	v.Wants("an address in the hosts' subnet that nothing uses yet: %s", host)
	if s.endpoint() == "" {
		v.Fails("Set controlPlaneConfiguration.endpoint.host to a free IP address of the hosts' subnet, outside of its DHCP range.", "%q is not an IP address", host)
		return nil
	}
	// An address that nobody has takes its time to say so, as hosts do.
	var who string
	var asking errgroup.Group
	asking.Go(func() (err error) {
		who, err = s.options.Answers(ctx, host)
		return err
	})
	reports, err := s.ask(ctx)
	if err = cmp.Or(err, asking.Wait()); err != nil {
		return err
	}
	// The cluster's own nodes have the endpoint when create is continued.
	ours := slices.ContainsFunc(reports, func(r report) bool { return r.err == nil && r.facts.Owner.Cluster == s.cluster.Name })
	if !ours {
		s.endpointFree(v, reports, host, who)
	}
	unfit := s.unfit(ctx, reports, CheckEndpoint)
	enough := len(allot(s.groups, len(reports), unfit.usable(s, reports))) == 0
	for _, f := range unfit.findings {
		if enough {
			v.Warns(f.Remedy, "%s: %s; enough other hosts are left", strings.Join(f.hosts, ", "), f.Found)
		} else {
			v.Fails(f.Remedy, "%s: %s", strings.Join(f.hosts, ", "), f.Found)
		}
	}
	switch {
	case ours:
		v.Sees("nodes of this cluster are there already, to whom it belongs")
	default:
		v.Sees("nothing answers there")
	}
	return nil
}

// endpointFree sees that nobody has the endpoint, who being what answers there.
func (s *survey) endpointFree(v *verdict.Verdict, reports []report, address, who string) {
	const remedy = "Choose an address that is free and outside of the DHCP range, or remove what has it: an earlier cluster, perhaps."
	for _, r := range reports {
		if r.host.Address == address || r.err == nil && slices.Contains(r.facts.Addresses, address) {
			v.Fails("Choose an address that no machine has; or take it off the host, where an earlier cluster has left it (ip addr del).", "%s has the address itself", r.host.Name)
			return
		}
	}
	for _, r := range reports {
		if r.err == nil && r.neighbor.answers != "" {
			v.Fails(remedy, "%s answers there, as %s sees", r.neighbor.answers, r.host.Name)
			return
		}
	}
	if who != "" {
		v.Fails(remedy, "%s", who)
	}
}

// endpointTimeout is how long an unused address is waited for: nothing
// answers there, so the whole of it passes in every good case.
const endpointTimeout = time.Second

// answers tries to connect to what a machine usually has open.
func answers(ctx context.Context, address string) (string, error) {
	ports := []string{"6443", "443", "22", "80"}
	errs := make([]error, len(ports))
	var wait sync.WaitGroup
	for i, port := range ports {
		wait.Go(func() {
			dialer := net.Dialer{Timeout: endpointTimeout}
			connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(address, port))
			if err == nil {
				_ = connection.Close() // nothing was said
			}
			errs[i] = err
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return "", fmt.Errorf("trying the endpoint was stopped: %w", context.Cause(ctx))
	}
	for i, port := range ports {
		switch at := net.JoinHostPort(address, port); {
		case errs[i] == nil:
			return "something answers at " + at, nil
		case errors.Is(errs[i], syscall.ECONNREFUSED):
			return "something refuses connections to " + at, nil
		}
	}
	return "", nil
}
