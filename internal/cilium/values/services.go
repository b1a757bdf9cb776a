package values

import (
	"fmt"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// KubeProxyReplacement reports whether a new cluster of the configuration
// gets no kube-proxy, because Cilium does its work: always, unless helmValues
// turn it off or chain Cilium with another plugin.
func KubeProxyReplacement(cfg *v1alpha1.Config) bool {
	own, err := helmValues(cfg)
	return err == nil && replacesKubeProxy(own, Options{})
}

// replacesKubeProxy decides by what values say, then by what there is. Chaining
// without a word about kube-proxy is how EKS Anywhere runs Cilium: a file
// written for it means a cluster with kube-proxy.
func replacesKubeProxy(own Values, o Options) bool {
	if v := At(own, "kubeProxyReplacement"); v != nil {
		return isTrue(v)
	}
	if mode := At(own, "cni", "chainingMode"); mode != nil && mode != "none" {
		return false
	}
	return !o.KubeProxyRuns
}

// services says who carries the traffic to services.
func services(cfg *v1alpha1.Config, own Values, o Options) Values {
	if !replacesKubeProxy(own, o) {
		// As EKS Anywhere does it: the portmap plugin serves host ports.
		return Values{"kubeProxyReplacement": false, "cni": Values{"chainingMode": "portmap"}}
	}
	values := Values{"kubeProxyReplacement": true}
	// The agents must find the API before they make the kubernetes service
	// work.
	if endpoint := cfg.Cluster.Spec.ControlPlaneConfiguration.Endpoint; endpoint != nil && endpoint.Host != "" {
		values["k8sServiceHost"], values["k8sServicePort"] = endpoint.Host, APIPort
	}
	return values
}

// network says how packets travel, as EKS Anywhere's fields have it.
func network(c *v1alpha1.CiliumConfig, own Values) Values {
	values := Values{}
	switch {
	case c.RoutingMode == v1alpha1.CiliumRoutingModeDirect:
		values["routingMode"] = "native"
		values["autoDirectNodeRoutes"] = true
		if c.IPv4NativeRoutingCIDR != "" {
			values["ipv4NativeRoutingCIDR"] = c.IPv4NativeRoutingCIDR
		}
		if c.IPv6NativeRoutingCIDR != "" {
			values["ipv6NativeRoutingCIDR"] = c.IPv6NativeRoutingCIDR
		}
	case own["routingMode"] == "native": // nothing is tunnelled
	default:
		// Geneve, as EKS Anywhere: the two protocols of a cluster's nodes do
		// not understand each other, so a change of it interrupts a cluster.
		values["routingMode"], values["tunnelProtocol"] = "tunnel", "geneve"
	}
	if c.PolicyEnforcementMode != "" {
		values["policyEnforcementMode"] = string(c.PolicyEnforcementMode)
	}
	if c.EgressMasqueradeInterfaces != "" {
		values["egressMasqueradeInterfaces"] = c.EgressMasqueradeInterfaces
	}
	if c.CNIExclusive != nil {
		values["cni"] = Values{"exclusive": *c.CNIExclusive}
	}
	return values
}

// Policy returns the values' policy enforcement mode: "default", "always" or
// "never".
func Policy(values Values) string {
	if mode := At(values, "policyEnforcementMode"); mode != nil {
		return fmt.Sprint(mode)
	}
	return string(v1alpha1.CiliumPolicyModeDefault)
}
