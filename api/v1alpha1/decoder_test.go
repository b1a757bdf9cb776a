package v1alpha1

import (
	"strings"
	"testing"
)

// TestDecodeValues reads values as they are written in real files.
func TestDecodeValues(t *testing.T) {
	config, problems := Decode("file", []byte(`
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata:
  name: prod
  creationTimestamp: null
  labels: &common {a: 1, b: yes, c: 2024-01-01, d: 1.30}
spec:
  kubernetesVersion: 1.30
  controlPlaneConfiguration:
    count: 0x3
    skipLoadBalancerDeployment: on
    taints: [{key: a, value: 1, effect: NoSchedule, timeAdded: 2024-01-01T00:00:00Z}]
    labels:
      <<: *common
      a: own
    machineHealthCheck: {nodeStartupTimeout: 1h30m, maxUnhealthy: 2}
    kubeletConfiguration:
      maxPods: 50
      memoryThrottlingFactor: 0.5
      evictionHard: {memory.available: 100Mi}
      reservedMemory: [{numaNode: 0, limits: {memory: 1Gi}}]
  workerNodeGroupConfigurations:
    - machineGroupRef: &ref {kind: VSphereMachineConfig, name: w}
    - name: second
      machineGroupRef: *ref
      machineHealthCheck: {maxUnhealthy: 30%}
  clusterNetwork:
    cniConfig: {cilium: {helmValues: {a: [1, 2.5, true, null, x]}}}
  registryMirrorConfiguration:
    port: 5000
...
---
# nothing
---
apiVersion: groundwork.dev/v1alpha1
kind: VSphereAddressPool
metadata: {name: pool}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	spec := &config.Cluster.Spec
	controlPlane := &spec.ControlPlaneConfiguration
	for name, pair := range map[string][2]any{
		"version":         {string(spec.KubernetesVersion), "1.30"},
		"hexadecimal":     {controlPlane.Count, 3},
		"on":              {controlPlane.SkipLoadBalancerDeployment, true},
		"number as text":  {controlPlane.Taints[0].Value, "1"},
		"time":            {controlPlane.Taints[0].TimeAdded.Year(), 2024},
		"own over merged": {controlPlane.Labels["a"], "own"},
		"merged":          {controlPlane.Labels["b"], "yes"},
		"date as text":    {controlPlane.Labels["c"], "2024-01-01"},
		"1.30 as text":    {controlPlane.Labels["d"], "1.30"},
		"duration":        {controlPlane.MachineHealthCheck.NodeStartupTimeout.Minutes(), 90.0},
		"number":          {controlPlane.MachineHealthCheck.MaxUnhealthy.IntValue(), 2},
		"percentage":      {spec.WorkerNodeGroupConfigurations[1].MachineHealthCheck.MaxUnhealthy.StrVal, "30%"},
		"alias":           {spec.WorkerNodeGroupConfigurations[1].MachineGroupRef.Name, "w"},
		"kubelet number":  {controlPlane.KubeletConfiguration.Object["maxPods"], int64(50)},
		"kubelet float":   {controlPlane.KubeletConfiguration.Object["memoryThrottlingFactor"], 0.5},
		"kubelet kind":    {controlPlane.KubeletConfiguration.GetKind(), "KubeletConfiguration"},
		"helm values":     {string(spec.ClusterNetwork.CNIConfig.Cilium.HelmValues.Raw), `{"a":[1,2.5,true,null,"x"]}`},
		"port as number":  {spec.RegistryMirrorConfiguration.Port, "5000"},
		"pools":           {len(config.AddressPools), 1},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestWrongTypes gives every kind of field a value of another kind.
func TestWrongTypes(t *testing.T) {
	for spec, want := range map[string]string{
		"kubernetesVersion: [1]":                                                         "this takes text, not a list",
		"kubernetesVersion: {a: b}":                                                      "this takes text, not fields",
		"controlPlaneConfiguration: 3":                                                   `this takes fields, not the number "3"`,
		"controlPlaneConfiguration: {count: true}":                                       `this takes a whole number, not "true"`,
		"controlPlaneConfiguration: {count: 1e30}":                                       "whole number",
		"controlPlaneConfiguration: {count: 99999999999999999999}":                       "whole number",
		"controlPlaneConfiguration: {skipLoadBalancerDeployment: 1}":                     "takes true or false",
		`controlPlaneConfiguration: {skipLoadBalancerDeployment: "yes"}`:                 "takes true or false",
		"controlPlaneConfiguration: {labels: [a]}":                                       "takes names with values, not a list",
		"controlPlaneConfiguration: {labels: {a: [b]}}":                                  "takes text, not a list",
		"controlPlaneConfiguration: {certSans: a.b}":                                     `takes a list, not the text "a.b"`,
		"controlPlaneConfiguration: {kubeletConfiguration: x}":                           "takes fields, not the text",
		"controlPlaneConfiguration: {kubeletConfiguration: {memoryThrottlingFactor: x}}": "takes a number",
		"controlPlaneConfiguration: {taints: [{key: a, timeAdded: soon}]}":               "cannot be read",
		"machineHealthCheck: {nodeStartupTimeout: soon}":                                 "takes a duration",
		"machineHealthCheck: {maxUnhealthy: [1]}":                                        "a number or a percentage, not a list",
		"machineHealthCheck: {maxUnhealthy: 99999999999}":                                "a number or a percentage",
		"etcdEncryption: [{providers: [{kms: {cachesize: 3000000000}}]}]":                "too large",
		"controlPlaneConfiguration: {<<: 3}":                                             "merges something that has no fields",
	} {
		_, problems := Decode("file", []byte(header+"metadata: {name: prod}\nspec:\n  "+spec+"\n"))
		if len(problems) == 0 || !strings.Contains(problems[0].Message, want) {
			t.Errorf("%s: want %q, got %v", spec, want, problems)
			continue
		}
		for _, p := range problems {
			checkWhole(t, p)
			if p.Line != 5 {
				t.Errorf("%s: line %d, want 5", spec, p.Line)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"name", "nodes", "externalEtcdConfiguration", "proxyConfiguration", "gitOpsRef"}
	for name, want := range map[string]string{
		"node": "nodes", "nmae": "name", "NAME": "name", "etcdConfiguration": "externalEtcdConfiguration",
		"gitops": "gitOpsRef", "unrelated": "", "": "", strings.Repeat("n", 100): "",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}
