package cluster

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// The network plugins that a file can choose.
const (
	ciliumPlugin   = "Cilium"
	kindnetdPlugin = "kindnetd"
)

// cni asks for the network plugin and its settings.
func cni(d *draft.Draft) []form.Field {
	spec, a := &d.Config.Cluster.Spec.ClusterNetwork, ofCluster(d, "clusterNetwork")
	var fields []form.Field
	if spec.CNI != "" || spec.CNIConfig == nil || spec.CNIConfig.Cilium == nil || spec.CNIConfig.Kindnetd != nil {
		fields = append(fields, plugin(a, spec))
	}
	if spec.CNIConfig == nil || spec.CNIConfig.Cilium == nil {
		return fields
	}
	cilium := spec.CNIConfig.Cilium
	a = a.below("cniConfig.cilium")
	direct := cilium.RoutingMode == v1alpha1.CiliumRoutingModeDirect
	return append(fields, advanced(
		choose(a.ask("policies", "Network policies", "policyEnforcementMode", "Which pods Cilium lets communicate where no policy selects them.", orDefault(text(&cilium.PolicyEnforcementMode), string(v1alpha1.CiliumPolicyModeDefault))),
			form.Option{Value: string(v1alpha1.CiliumPolicyModeDefault), Detail: "all, until a policy selects them"},
			form.Option{Value: string(v1alpha1.CiliumPolicyModeAlways), Detail: "none without a policy"},
			form.Option{Value: string(v1alpha1.CiliumPolicyModeNever), Detail: "all, policies have no effect"}),
		choose(a.ask("routing", "Routing", "routingMode", "How packets go between nodes.", orDefault(text(&cilium.RoutingMode), string(v1alpha1.CiliumRoutingModeOverlay))),
			form.Option{Value: string(v1alpha1.CiliumRoutingModeOverlay), Detail: "in a tunnel"},
			form.Option{Value: string(v1alpha1.CiliumRoutingModeDirect), Detail: "your network routes the pods' range"}),
		shownIf(direct || cilium.IPv4NativeRoutingCIDR != "", a.ask("routedCIDR", "Routed range", "ipv4NativeRoutingCIDR", "The range that your network routes to the nodes by itself.", text(&cilium.IPv4NativeRoutingCIDR))),
		shownIf(direct || cilium.IPv6NativeRoutingCIDR != "", a.ask("routedCIDR6", "Routed IPv6 range", "ipv6NativeRoutingCIDR", "As above, for IPv6.", text(&cilium.IPv6NativeRoutingCIDR))),
		a.ask("masquerade", "Masquerade interfaces", "egressMasqueradeInterfaces", "The interface, or the beginning of interfaces' names, where pods' addresses are translated; empty is all.", text(&cilium.EgressMasqueradeInterfaces)),
		a.ask("exclusive", "Only Cilium", "cniExclusive", "Yes removes other network plugins' configuration from the nodes.", toggleOr(&cilium.CNIExclusive, true)),
		a.ask("skipUpgrade", "Cilium is yours", "skipUpgrade", "Yes installs Cilium once and leaves its upgrades to you.", toggleOr(&cilium.SkipUpgrade, false)),
		a.askYAML("helmValues", "Helm values", "helmValues", "Values of Cilium's chart as YAML. kubeProxyReplacement: false keeps kube-proxy.", chartValues(&cilium.HelmValues)),
	)...)
}

// plugin asks for another plugin where the file has one that does not work.
func plugin(a asker, spec *v1alpha1.ClusterNetwork) form.Field {
	// It can be wrong in two fields, and in both.
	return choose(a.ask("plugin", "Network plugin", "", "Cilium is the one that works here.", answer{
		get: func() string {
			switch config := spec.CNIConfig; {
			case spec.CNI != "":
				return string(spec.CNI)
			case config != nil && config.Kindnetd != nil:
				return kindnetdPlugin
			case config != nil && config.Cilium != nil:
				return ciliumPlugin
			}
			return ""
		},
		set: func(chosen string) error {
			if chosen == ciliumPlugin {
				spec.CNI = ""
				if spec.CNIConfig == nil {
					spec.CNIConfig = &v1alpha1.CNIConfig{}
				}
				spec.CNIConfig.Kindnetd = nil
				if spec.CNIConfig.Cilium == nil {
					spec.CNIConfig.Cilium = &v1alpha1.CiliumConfig{}
				}
			}
			return nil
		},
	}), form.Option{Value: ciliumPlugin})
}

// orDefault shows what an empty value means, and leaves it empty.
func orDefault(value answer, means string) answer {
	get, set := value.get, value.set
	value.get = func() string {
		if own := get(); own != "" {
			return own
		}
		return means
	}
	value.set = func(chosen string) error {
		if chosen == means && get() == "" {
			return nil
		}
		return set(chosen)
	}
	return value
}

// shownIf hides a field that does not matter.
func shownIf(matters bool, f form.Field) form.Field {
	f.Hidden = func() bool { return !matters }
	return f
}
