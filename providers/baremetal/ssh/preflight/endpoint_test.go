package preflight_test

import (
	"testing"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
)

func TestEndpoint(t *testing.T) {
	onLink := vip + " dev eth0 src 172.30.0.11 uid 0\n"
	for name, test := range map[string]struct {
		change func(*site)
		result event.CheckResult
		says   string
	}{
		"something answers here": {func(s *site) { s.answers = "something answers at " + vip + ":22" }, event.Failed, ":22"},
		"a host has it":          {func(s *site) { s.facts["w-3"].Addresses = append(s.facts["w-3"].Addresses, vip) }, event.Failed, "w-3 has the address itself"},
		"a host is to be it":     {func(s *site) { s.config.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = "172.30.0.12" }, event.Failed, "w-1 has"},
		"not an address":         {func(s *site) { s.config.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = "api.example.com" }, event.Failed, "not an IP address"},
		"behind a router":        {func(s *site) { s.sees["cp-1"] = vip + " via 172.30.0.1 dev eth0 src 172.30.0.11\nbefore \nafter \n" }, event.Failed, "behind the gateway 172.30.0.1"},
		"no route":               {func(s *site) { s.sees["cp-1"] = "RTNETLINK answers: Network is unreachable\nbefore \nafter \n" }, event.Failed, "no route"},
		"a neighbour answers": {func(s *site) {
			s.sees["cp-1"] = onLink + "before \nanswers\nafter " + vip + " dev eth0 lladdr 02:00:00:00:00:07 REACHABLE\n"
		}, event.Failed, "02:00:00:00:00:07"},
		"a neighbour is silent": {func(s *site) {
			s.sees["cp-1"] = onLink + "before \nafter " + vip + " dev eth0 lladdr 02:00:00:00:00:07 REACHABLE\n"
		}, event.Failed, "as cp-1 sees"},
		"a neighbour has gone": {func(s *site) {
			s.sees["cp-1"] = onLink + "before " + vip + " dev eth0 lladdr 02:00:00:00:00:07 REACHABLE\nafter " + vip + " dev eth0 lladdr 02:00:00:00:00:07 REACHABLE\n"
		}, event.Passed, "nothing answers"},
		"a neighbour long gone": {func(s *site) {
			s.sees["cp-1"] = onLink + "before \nafter " + vip + " dev eth0 lladdr 02:00:00:00:00:07 STALE\n"
		}, event.Passed, "nothing answers"},
		"the host knows nothing": {func(s *site) { s.sees["cp-1"] = "sh: 1: ip: not found\nbefore \nafter \n" }, event.Passed, "nothing answers"},
		"a spare is elsewhere": {func(s *site) {
			s.addHost("cp-2", "cp", "10.0.0.1")
			s.sees["cp-2"] = vip + " via 10.0.0.254 dev eth0\nbefore \nafter \n"
		}, event.Warned, "cp-2"},
		"it is ours already": {func(s *site) {
			s.facts["cp-1"].Owner = node.Owner{Cluster: "demo", Machine: "demo-abc", UID: "1"}
			s.facts["cp-1"].Addresses = append(s.facts["cp-1"].Addresses, vip)
			s.answers = "something answers"
		}, event.Passed, "nodes of this cluster"},
		"a load balancer": {func(s *site) {
			s.config.Cluster.Spec.ControlPlaneConfiguration.SkipLoadBalancerDeployment = true
			s.config.Cluster.Spec.ControlPlaneConfiguration.Endpoint.Host = "api.example.com"
		}, event.Passed, "this site takes care of"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			test.change(s)
			c := s.run()[preflight.CheckEndpoint]
			if c.Result != test.result {
				t.Errorf("%s: %s", c.Result, c.Found)
			}
			contains(t, c, test.says)
		})
	}
}
