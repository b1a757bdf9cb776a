package cilium

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// well is the status of an agent that is well, as cilium-dbg prints it.
const well = `{
 "cilium":{"state":"Ok","msg":"1.19.5 (v1.19.5-5df0)"},
 "kubernetes":{"state":"Ok","msg":"1.35 (v1.35.4) [linux/amd64]"},
 "kvstore":{"state":"Disabled"},
 "container-runtime":{"state":"Disabled"},
 "cni-file":{"state":"Ok","msg":"successfully wrote CNI configuration file to /host/etc/cni/net.d/05-cilium.conflist"},
 "controllers":[{"name":"sync","status":{"success-count":3}},{"name":"now and then","status":{"consecutive-failure-count":2,"last-failure-msg":"again"}}],
 "ipam":{"status":"IPv4: 4/254 allocated from 10.244.0.0/24, "},
 "kube-proxy-replacement":{"mode":"True"},
 "routing":{"inter-host-routing-mode":"Tunnel","tunnel-protocol":"vxlan"}
}`

func TestAsk(t *testing.T) {
	settings := map[string]string{"kube-proxy-replacement": "true"}
	for _, test := range []struct {
		name     string
		from, to string // what is changed in a status that is well
		out      string // instead of it
		err      error
		want     []string
	}{
		{name: "well"},
		{name: "the agent", from: `"state":"Ok","msg":"1.19.5 (v1.19.5-5df0)"`, to: `"state":"Failure","msg":"7 unhealthy controllers"`, want: []string{"cilium: Failure: 7 unhealthy controllers"}},
		{name: "Kubernetes", from: `"state":"Ok","msg":"1.35`, to: `"state":"Warning","msg":"1.35`, want: []string{"kubernetes: Warning: 1.35 (v1.35.4) [linux/amd64]"}},
		{name: "no Kubernetes", from: `"kubernetes"`, to: `"x"`, want: []string{"kubernetes says nothing"}},
		{name: "the key-value store", from: `"kvstore":{"state":"Disabled"}`, to: `"kvstore":{"state":"Failure","msg":"no etcd"}`, want: []string{"kvstore: Failure: no etcd"}},
		{name: "the runtime", from: `"container-runtime":{"state":"Disabled"}`, to: `"container-runtime":{"state":"Failure"}`, want: []string{"container runtime: Failure"}},
		{name: "CNI", from: `"cni-file":{"state":"Ok"`, to: `"cni-file":{"state":"Failure"`, want: []string{"CNI configuration: Failure: successfully wrote CNI configuration file to /host/etc/cni/net.d/05-cilium.conflist"}},
		{name: "no addresses", from: `"IPv4: 4/254 allocated from 10.244.0.0/24, "`, to: `""`, want: []string{"IPAM: the node has no addresses for pods"}},
		{name: "a controller", from: `"consecutive-failure-count":2`, to: `"consecutive-failure-count":3`, want: []string{"controller now and then failed 3 times in a row: again"}},
		{name: "kube-proxy", from: `"mode":"True"`, to: `"mode":"False"`, want: []string{"kube-proxy replacement is False, and the settings say true: the agent has not taken them yet"}},
		{name: "stale", from: `"kvstore"`, to: `"stale":{"kubernetes":"2026-01-02T03:04:05Z"},"kvstore"`, want: []string{"kubernetes has been silent since " + time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Local().Format(time.TimeOnly)}},
		{name: "no answer", err: &execError{stderr: "Get http://x: connect: no such file", err: errors.New("exit 1")}, want: []string{"the agent does not answer: Get http://x: connect: no such file"}},
		{name: "nonsense", out: "nonsense", want: []string{"the agent's status cannot be read: invalid character 'o' in literal null (expecting 'u')"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := test.out
			if out == "" {
				if !strings.Contains(well, test.from) {
					t.Fatalf("there is no %s", test.from)
				}
				out = strings.Replace(well, test.from, test.to, 1)
			}
			a := Agent{Node: "n", Pod: "p"}
			(&cluster{}).ask(t.Context(), func(_ context.Context, c command) ([]byte, error) {
				if c.pod != "p" || c.container != agentContainer {
					t.Errorf("asked %v", c)
				}
				return []byte(out), test.err
			}, &a, settings)
			if diff := cmp.Diff(test.want, a.Problems); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAskReads(t *testing.T) {
	got := Agent{Node: "n", Pod: "p"}
	(&cluster{}).ask(t.Context(), func(context.Context, command) ([]byte, error) { return []byte(well), nil }, &got, nil)
	want := Agent{
		Node: "n", Pod: "p", Version: "1.19.5", State: "Ok", Message: "1.19.5 (v1.19.5-5df0)",
		KubeProxyReplacement: "True", Routing: "Tunnel [vxlan]", IPAM: "IPv4: 4/254 allocated from 10.244.0.0/24",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReach(t *testing.T) {
	ready := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	before, after := ready.Add(-time.Minute).Format(time.RFC3339), ready.Add(time.Minute).Format(time.RFC3339)
	path := func(icmp, http, at string) string {
		return fmt.Sprintf(`{"primary-address":{"ip":"10.0.0.2","icmp":{"status":%q,"lastProbed":%q},"http":{"status":%q,"lastProbed":%q}}}`, icmp, at, http, at)
	}
	for _, test := range []struct {
		name, host, endpoint string
		err                  error
		reachable            string
		want                 []string
	}{
		{name: "all", host: path("", "", after), endpoint: path("", "", after), reachable: "2/2"},
		{name: "no ICMP", host: path("timeout", "", after), endpoint: path("", "", after), reachable: "2/2"},
		{name: "no host", host: path("Connection timed out", "refused", after), endpoint: path("", "", after), reachable: "1/2",
			want: []string{"node b was not reached: host 10.0.0.2: ICMP Connection timed out, HTTP refused"}},
		{name: "no endpoint", host: path("", "", after), endpoint: path("lost", "lost", after), reachable: "1/2",
			want: []string{"node b was not reached: endpoint 10.0.0.2: ICMP lost, HTTP lost"}},
		{name: "probed before it was up", host: path("lost", "lost", before), endpoint: path("lost", "lost", before), reachable: "1/1"},
		{name: "turned off", err: errors.New("no such socket")},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := fmt.Sprintf(`{"nodes":[{"name":"default/a","host":%s,"health-endpoint":%s},{"name":"default/b","host":%s,"health-endpoint":%s}]}`,
				path("", "", after), path("", "", after), test.host, test.endpoint)
			a := Agent{Pod: "p"}
			reach(t.Context(), func(context.Context, command) ([]byte, error) { return []byte(out), test.err }, &a, map[string]time.Time{"a": ready, "b": ready})
			if a.Reachable != test.reachable {
				t.Errorf("reachable %s, want %s", a.Reachable, test.reachable)
			}
			if diff := cmp.Diff(test.want, a.Problems); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
