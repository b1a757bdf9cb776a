package v1alpha1

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// rule is one edit of a valid file and the one problem that it makes.
type rule struct {
	name string
	// edits are pairs: text of the file and what replaces its first instance.
	edits []string
	// field and message are the problem's; message is a part of it.
	field, message string
	// at is a part of the line that the problem points to.
	at string
}

func checkRules(t *testing.T, file string, rules []rule) {
	t.Helper()
	base, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if config, problems := Decode(file, base); len(problems)+len(config.Validate()) > 0 {
		t.Fatalf("the file without edits has problems:\n%v", append(problems, config.Validate()...))
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			text := string(base)
			for i := 0; i < len(rule.edits); i += 2 {
				edited := strings.Replace(text, rule.edits[i], rule.edits[i+1], 1)
				if edited == text {
					t.Fatalf("the edit of %q changes nothing", rule.edits[i])
				}
				text = edited
			}
			config, problems := Decode("file", []byte(text))
			problems = problems.and(config.Validate())
			if rule.message == "" {
				if len(problems) > 0 {
					t.Errorf("problems with what is right:\n%v", problems)
				}
				return
			}
			if len(problems) != 1 {
				t.Errorf("%d problems, want 1:\n%v", len(problems), problems)
			}
			if len(problems) == 0 {
				return
			}
			p := problems[0]
			if p.Field != rule.field || !strings.Contains(p.Message, rule.message) {
				t.Errorf("got %s\nwant %s: %s", p, rule.field, rule.message)
			}
			checkWhole(t, p)
			lines := strings.Split(text, "\n")
			if p.Line < 1 || p.Line > len(lines) || !strings.Contains(lines[p.Line-1], rule.at) {
				t.Errorf("line %d is %q, want the one with %q", p.Line, lines[max(p.Line-1, 0)], rule.at)
			}
		})
	}
}

const (
	cp     = "spec.controlPlaneConfiguration"
	worker = "spec.workerNodeGroupConfigurations[0]"
)

// inControlPlane adds a line to the control plane's configuration, and
// inWorkers to the first worker group's; inSpec to the Cluster's spec.
func inControlPlane(lines string) []string {
	return []string{"    count: 3\n", "    count: 3\n" + indent(4, lines)}
}

func inWorkers(lines string) []string {
	return []string{"      count: 2\n", "      count: 2\n" + indent(6, lines)}
}

func inSpec(lines string) []string {
	return []string{"  kubernetesVersion: \"1.35\"\n", "  kubernetesVersion: \"1.35\"\n" + indent(2, lines)}
}

func indent(by int, lines string) string {
	var b strings.Builder
	for line := range strings.Lines(lines + "\n") {
		b.WriteString(strings.Repeat(" ", by) + line)
	}
	return b.String()
}

func TestClusterRules(t *testing.T) {
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"capital in the name", []string{"  name: prod\n", "  name: Prod\n"}, "metadata.name", "not a valid cluster name", "name: Prod"},
		{"digit first", []string{"  name: prod\n", "  name: 1prod\n"}, "metadata.name", "not a valid cluster name", "1prod"},
		{"one letter", []string{"  name: prod\n", "  name: p\n"}, "metadata.name", "not a valid cluster name", "name: p"},
		{"35 characters", []string{"  name: prod\n", "  name: " + strings.Repeat("p", 35) + "\n"}, "", "", ""},
		{"36 characters", []string{"  name: prod\n", "  name: " + strings.Repeat("p", 36) + "\n"}, "metadata.name", "36 characters", "ppp"},
		{"no name", []string{"metadata:\n  name: prod\n", "metadata: {}\n"}, "metadata.name", "has no name", "metadata"},
		{"namespace of the Cluster alone", []string{"  name: prod\n", "  name: prod\n  namespace: default\n"}, "", "", ""},
		{"namespace with a space", []string{"  name: prod-cp\nspec:", "  name: prod-cp\n  namespace: a b\nspec:"}, "metadata.namespace", "not a valid namespace", "namespace: a b"},
		{"another namespace", []string{"  name: prod-cp\nspec:", "  name: prod-cp\n  namespace: other\nspec:"}, "metadata.namespace", `"other"`, "namespace: other"},

		{"version as a number", []string{`"1.35"`, "1.35"}, "", "", ""},
		{"version 1.30 as a number", []string{`"1.35"`, "1.30"}, "", "", ""},
		{"old version", []string{`"1.35"`, `"1.29"`}, "spec.kubernetesVersion", `"1.29" is not supported`, "1.29"},
		{"future version", []string{`"1.35"`, `"1.37"`}, "spec.kubernetesVersion", "not supported", "1.37"},
		{"patch version", []string{`"1.35"`, `"v1.35.2"`}, "spec.kubernetesVersion", "not a Kubernetes minor", "1.35.2"},
		{"no version", []string{"  kubernetesVersion: \"1.35\"\n", ""}, "spec.kubernetesVersion", "missing", "spec:"},
		{"eksaVersion", inSpec("eksaVersion: latest"), "spec.eksaVersion", "not a version", "eksaVersion"},
		{"eksaVersion and bundlesRef", inSpec("eksaVersion: v0.26.1\nbundlesRef: {apiVersion: a, name: b, namespace: c}"), "spec.bundlesRef", "exclude each other", "bundlesRef"},

		{"no control plane", []string{"count: 3", "count: 0"}, cp + ".count", "at least one machine", "count: 0"},
		{"even control plane", []string{"count: 3", "count: 2"}, cp + ".count", "even (2)", "count: 2"},
		{"count in quotes", []string{"count: 3", `count: "3"`}, cp + ".count", `not the text "3"`, "count"},
		{"no endpoint", []string{"      host: 198.51.100.10\n", "      host:\n"}, cp + ".endpoint.host", "missing", "host:"},
		{"endpoint with a port", []string{"host: 198.51.100.10", "host: 198.51.100.10:6443"}, cp + ".endpoint.host", "not an IP address", ":6443"},
		{"endpoint by name", []string{"host: 198.51.100.10", "host: api.example.com"}, cp + ".endpoint.host", "not an IP address", "api.example.com"},
		{"endpoint by name of the site's balancer", append(inControlPlane("skipLoadBalancerDeployment: true"), "host: 198.51.100.10", "host: api.example.com"), "", "", ""},
		{"endpoint with four digits", []string{"host: 198.51.100.10", "host: 198.51.100.1000"}, cp + ".endpoint.host", "not an IP address", "1000"},
		{"endpoint is loopback", []string{"host: 198.51.100.10", "host: 127.0.0.1"}, cp + ".endpoint.host", "not an address that a machine can have", "127.0.0.1"},
		{"endpoint is IPv6", []string{"host: 198.51.100.10", "host: \"2001:db8::1\""}, cp + ".endpoint.host", "not an IPv4", "2001"},
		{"endpoint in the pods' range", []string{"host: 198.51.100.10", "host: 192.168.4.4"}, cp + ".endpoint.host", "inside the pods' range", "host"},
		{"endpoint in the services' range", []string{"host: 198.51.100.10", "host: 10.96.4.4"}, cp + ".endpoint.host", "inside the services' range", "host"},
		{"no machine group", []string{"    machineGroupRef: {kind: VSphereMachineConfig, name: prod-cp}\n", ""}, cp + ".machineGroupRef", "missing", "controlPlaneConfiguration"},
		{"machine group of another provider", []string{"{kind: VSphereMachineConfig, name: prod-cp}", "{kind: TinkerbellMachineConfig, name: prod-cp}"}, cp + ".machineGroupRef.kind", "cannot be to the kind", "Tinkerbell"},
		{"unknown machine group", []string{"name: prod-worker}", "name: prod-wroker}"}, worker + ".machineGroupRef.name", `no VSphereMachineConfig named "prod-wroker"`, "wroker"},
		{"unknown datacenter", []string{"{kind: VSphereDatacenterConfig, name: prod}", "{kind: VSphereDatacenterConfig, name: dc}"}, "spec.datacenterRef.name", "no VSphereDatacenterConfig named", "datacenterRef"},
		{"SAN", inControlPlane("certSans: [10.0.0.1, api.example.com, \"*.example.com\"]"), "", "", ""},
		{"bad SAN", inControlPlane("certSans: [10.0.0.300]"), cp + ".certSans[0]", "neither an IP address nor a domain", "certSans"},
		{"maxSurge 2", inControlPlane("upgradeRolloutStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 2}}"), cp + ".upgradeRolloutStrategy.rollingUpdate.maxSurge", "maxSurge is 2", "maxSurge"},
		{"no strategy type", inControlPlane("upgradeRolloutStrategy: {rollingUpdate: {maxSurge: 1}}"), cp + ".upgradeRolloutStrategy.type", "type is missing", "upgradeRolloutStrategy"},
		{"unknown strategy", inControlPlane("upgradeRolloutStrategy: {type: Rolling}"), cp + ".upgradeRolloutStrategy.type", "no upgrade strategy", "Rolling"},
		{"in place on vSphere", inControlPlane("upgradeRolloutStrategy: {type: InPlace}"), cp + ".upgradeRolloutStrategy.type", "not upgraded in place", "InPlace"},
		{"flag with dashes", inControlPlane("apiServerExtraArgs: {--v: \"4\"}"), cp + ".apiServerExtraArgs[--v]", "not a flag's name", "--v"},
		{"etcd machines without a group", inSpec("externalEtcdConfiguration: {count: 3}"), "spec.externalEtcdConfiguration.machineGroupRef", "missing", "externalEtcd"},
		{"label of the control plane", inControlPlane("labels: {a: \"b c\"}"), cp + ".labels[a]", "not a label's value", "b c"},
		{"etcd machines", inSpec("externalEtcdConfiguration: {count: 2, machineGroupRef: {kind: VSphereMachineConfig, name: prod-cp}}"), "spec.externalEtcdConfiguration.count", "etcd machines is 2", "count: 2"},

		{"unknown field", []string{"    count: 3\n", "    cuont: 3\n    count: 3\n"}, cp + ".cuont", "no such field", "cuont"},
		{"case of a field", inControlPlane("certSANs: [api.example.com]"), "", "", ""},
		{"status of an exported object", []string{"metadata:\n  name: prod\n", "status: {x: 1}\nmetadata:\n  name: prod\n"}, "", "", ""},
	})
}

func TestWorkerRules(t *testing.T) {
	checkRules(t, "testdata/vsphere.yaml", []rule{
		{"first name defaults", []string{"    - name: md-0\n      count: 2", "    - count: 2"}, "", "", ""},
		{"second without a name", []string{"    - name: md-0\n", "    - machineGroupRef: {kind: VSphereMachineConfig, name: prod-worker}\n      name: a\n    - count: 1\n      machineGroupRef: {kind: VSphereMachineConfig, name: prod-worker}\n    - name: md-0\n"}, "spec.workerNodeGroupConfigurations[1].name", "missing", "count: 1"},
		{"same name", []string{"    - name: md-0\n", "    - name: md-0\n      machineGroupRef: {kind: VSphereMachineConfig, name: prod-worker}\n    - name: md-0\n"}, "spec.workerNodeGroupConfigurations[1].name", "has the same name", "name: md-0"},
		{"name with a capital", []string{"md-0", "MD-0"}, worker + ".name", "not a valid name", "MD-0"},
		{"long names", []string{"md-0", strings.Repeat("m", 59)}, worker + ".name", "together have 64", "mmm"},
		{"negative count", []string{"count: 2", "count: -1"}, worker + ".count", "count is -1", "-1"},
		{"count is a fraction", []string{"count: 2", "count: 2.5"}, worker + ".count", "whole number", "2.5"},
		{"autoscaling", inWorkers("autoscalingConfiguration: {minCount: 1, maxCount: 5}"), "", "", ""},
		{"autoscaling negative", inWorkers("autoscalingConfiguration: {minCount: -1, maxCount: 5}"), worker + ".autoscalingConfiguration.minCount", "least count is -1", "minCount"},
		{"autoscaling upside down", inWorkers("autoscalingConfiguration: {minCount: 3, maxCount: 1}"), worker + ".autoscalingConfiguration.minCount", "greater than the greatest", "minCount"},
		{"count below autoscaling", inWorkers("autoscalingConfiguration: {minCount: 3, maxCount: 5}"), worker + ".autoscalingConfiguration", "is not between", "autoscaling"},
		{"count from autoscaling", []string{"      count: 2\n", "      autoscalingConfiguration: {minCount: 3, maxCount: 5}\n"}, "", "", ""},
		{"maxSurge and maxUnavailable 0", inWorkers("upgradeRolloutStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}"), worker + ".upgradeRolloutStrategy.rollingUpdate", "both 0", "rollingUpdate"},
		{"maxUnavailable negative", inWorkers("upgradeRolloutStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: -1}}"), worker + ".upgradeRolloutStrategy.rollingUpdate", "negative", "rollingUpdate"},
		{"unknown strategy", inWorkers("upgradeRolloutStrategy: {type: Recreate}"), worker + ".upgradeRolloutStrategy.type", "no upgrade strategy", "Recreate"},
		{"rollingUpdate missing", inWorkers("upgradeRolloutStrategy: {type: RollingUpdate}"), worker + ".upgradeRolloutStrategy.rollingUpdate", "missing", "upgradeRolloutStrategy"},
		{"newer workers", inWorkers("kubernetesVersion: \"1.36\""), worker + ".kubernetesVersion", "newer than", "1.36"},
		{"workers two behind", inWorkers("kubernetesVersion: \"1.33\""), "", "", ""},
		{"workers' version", inWorkers("kubernetesVersion: \"1.34.1\""), worker + ".kubernetesVersion", "not a Kubernetes minor", "1.34.1"},
		{"workers three behind", inWorkers("kubernetesVersion: \"1.32\""), worker + ".kubernetesVersion", "3 minors behind", "1.32"},
		{"all tainted", inWorkers("taints: [{key: dedicated, effect: NoSchedule}]"), "spec.workerNodeGroupConfigurations", "nowhere to run", "workerNodeGroup"},
		{"soft taint", inWorkers("taints: [{key: dedicated, effect: PreferNoSchedule}]"), "", "", ""},
		{"taint's effect", inWorkers("taints: [{key: dedicated, effect: NoScheduel}]"), worker + ".taints[0].effect", "no taint effect", "NoScheduel"},
		{"taint's key", inControlPlane("taints: [{key: \"a b\", effect: NoSchedule}]"), cp + ".taints[0].key", "not a taint's key", "a b"},
		{"taint's value", inControlPlane("taints: [{key: a, value: \"b c\", effect: NoSchedule}]"), cp + ".taints[0].value", "not a taint's value", "b c"},
		{"taint twice", inControlPlane("taints: [{key: a, effect: NoSchedule}, {key: a, value: x, effect: NoSchedule}]"), cp + ".taints[1]", "there twice", "taints"},
		{"label's name", inWorkers("labels: {\"a b\": c}"), worker + ".labels[a b]", "not a label's name", "a b"},
		{"label's value", inWorkers("labels: {a: \"b c\"}"), worker + ".labels[a]", "not a label's value", "b c"},
		{"label as a number", inWorkers("labels: {a: 1}"), "", "", ""},
		{"reserved label", inWorkers("labels: {node-role.kubernetes.io/worker: \"\"}"), worker + ".labels[node-role.kubernetes.io/worker]", "kubelet refuses", "node-role"},
		{"label of the kubelet", inWorkers("labels: {node.kubernetes.io/tier: gold, topology.kubernetes.io/zone: a}"), "", "", ""},
		{"health check", inSpec("machineHealthCheck: {nodeStartupTimeout: 15m, unhealthyMachineTimeout: 300s, maxUnhealthy: 50%}"), "", "", ""},
		{"health check without a unit", inSpec("machineHealthCheck: {nodeStartupTimeout: 15}"), "spec.machineHealthCheck.nodeStartupTimeout", "takes a duration", "nodeStartupTimeout"},
		{"health check negative", inSpec("machineHealthCheck: {nodeStartupTimeout: -15m}"), "spec.machineHealthCheck.nodeStartupTimeout", "below one second", "nodeStartupTimeout"},
		{"health check of a group", inWorkers("machineHealthCheck: {unhealthyMachineTimeout: 1ms}"), worker + ".machineHealthCheck.unhealthyMachineTimeout", "below one second", "unhealthyMachineTimeout"},
		{"maxUnhealthy of 200 percent", inControlPlane("machineHealthCheck: {maxUnhealthy: 200%}"), cp + ".machineHealthCheck.maxUnhealthy", "neither a number", "maxUnhealthy"},
		{"maxUnhealthy as a number", inControlPlane("machineHealthCheck: {maxUnhealthy: 2}"), "", "", ""},
		{"failure domain", append(inWorkers("failureDomains: [a]"), "  server:", failureDomain("a", "/DC/network/VM Network")+"  server:"), "", "", ""},
		{"unknown failure domain", append(inWorkers("failureDomains: [b]"), "  server:", failureDomain("a", "net")+"  server:"), worker + ".failureDomains[0]", "no failure domain", "failureDomains: [b]"},
		{"two failure domains", append(inWorkers("failureDomains: [a, b]"), "  server:", failureDomain("a", "net")+strings.TrimPrefix(failureDomain("b", "net"), "  failureDomains:\n")+"  server:"), worker + ".failureDomains", "can be in one", "failureDomains: [a, b]"},
		{"no workers", []string{"    - name: md-0\n      count: 2\n      machineGroupRef: {kind: VSphereMachineConfig, name: prod-worker}\n", ""}, "spec.workerNodeGroupConfigurations", "no worker group", "workerNodeGroup"},
	})
}

func failureDomain(name, network string) string {
	return fmt.Sprintf("  failureDomains:\n    - {name: %s, computeCluster: c, resourcePool: r, datastore: d, folder: f, network: %s}\n", name, network)
}
