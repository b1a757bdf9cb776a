// Package values makes the values of Cilium's Helm chart from a cluster's
// configuration. It needs neither Helm nor the chart.
package values

import (
	"encoding/json"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
)

// APIPort is the port of the cluster's endpoint, where Cilium finds the API
// without a kube-proxy. kubeadm's default, as everywhere in this project.
const APIPort = "6443"

// Values are values of the chart, made of what JSON has only, so that they
// compare equal to what a Helm release stores.
type Values = map[string]any

// Options decide what the configuration alone does not say.
type Options struct {
	// KubeProxyRuns is set for a cluster that has a kube-proxy: it is kept
	// unless helmValues ask for its replacement.
	KubeProxyRuns bool
}

// For returns the values: the defaults, with the fields of cniConfig.cilium
// and then helmValues over them, merged as Helm merges two files. The error
// is a *failure.Error.
func For(cfg *v1alpha1.Config, r releases.Release, o Options) (Values, error) {
	own, err := helmValues(cfg)
	if err != nil {
		return nil, err
	}
	values := Values{
		"ipam":                   Values{"mode": "kubernetes"},
		"identityAllocationMode": "crd",
		"prometheus":             Values{"enabled": true},
		"operator":               Values{"prometheus": Values{"enabled": true}, "replicas": operatorReplicas(cfg)},
		// Without it, agents go on with the settings that they started with.
		"rollOutCiliumPods": true,
		"envoy":             Values{"enabled": false},
		"l7Proxy":           needsProxy(own),
		// Its certificates, made at installation, expire after a year, and
		// nothing in the cluster would renew them.
		"hubble": Values{"enabled": false},
	}
	Merge(values, services(cfg, own, o))
	Merge(values, network(cilium(cfg), own))
	Merge(values, images(cfg, r, own))
	Merge(values, own)
	return normal(values)
}

// cilium is the cluster's cniConfig.cilium, never nil.
func cilium(cfg *v1alpha1.Config) *v1alpha1.CiliumConfig {
	if cni := cfg.Cluster.Spec.ClusterNetwork.CNIConfig; cni != nil && cni.Cilium != nil {
		return cni.Cilium
	}
	return &v1alpha1.CiliumConfig{}
}

func helmValues(cfg *v1alpha1.Config) (Values, error) {
	raw := cilium(cfg).HelmValues
	if raw == nil || len(raw.Raw) == 0 {
		return Values{}, nil
	}
	var own Values
	if err := json.Unmarshal(raw.Raw, &own); err != nil {
		return nil, &failure.Error{
			Code: failure.Configuration, Err: err, Object: "Cluster " + cfg.Cluster.Name,
			Summary: "spec.clusterNetwork.cniConfig.cilium.helmValues cannot be read",
			Remedy:  "write the values of Cilium's chart as a mapping, as in values.yaml",
		}
	}
	return own, nil
}

// operatorReplicas is 1 for a single node: two operators never share one.
func operatorReplicas(cfg *v1alpha1.Config) int {
	nodes := cfg.Cluster.Spec.ControlPlaneConfiguration.Count
	for _, group := range cfg.Cluster.Spec.WorkerNodeGroupConfigurations {
		switch {
		case group.AutoScalingConfiguration != nil:
			nodes += group.AutoScalingConfiguration.MinCount
		case group.Count != nil:
			nodes += *group.Count
		default:
			nodes++
		}
	}
	if nodes <= 1 {
		return 1
	}
	return 2
}

// needsProxy reports whether values ask for something that Envoy does, in
// the agent or beside it.
func needsProxy(own Values) bool {
	for _, path := range [][]string{{"envoy", "enabled"}, {"envoyConfig", "enabled"}, {"ingressController", "enabled"}, {"gatewayAPI", "enabled"}} {
		if isTrue(At(own, path...)) {
			return true
		}
	}
	return At(own, "loadBalancer", "l7", "backend") == "envoy"
}

// isTrue reports whether a value is true, as a Boolean or, as templates take
// it too, as a string.
func isTrue(v any) bool { return strings.EqualFold(fmt.Sprint(v), "true") }

// normal is values as they come back from JSON.
func normal(values Values) (Values, error) {
	data, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("encode the values of Cilium's chart: %w", err)
	}
	var n Values
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("decode the values of Cilium's chart: %w", err)
	}
	return n, nil
}
