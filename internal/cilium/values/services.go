package values

import (
	"fmt"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// replacesKubeProxy decides by what helmValues say; where they say nothing, a
// kube-proxy that there is stays.
func replacesKubeProxy(cfg *v1alpha1.Config, own Values, o Options) bool {
	said := own["kubeProxyReplacement"] != nil
	return cfg.Cluster.ReplacesKubeProxy() && (said || !o.KubeProxyRuns)
}

// services says who carries the traffic to services.
func services(cfg *v1alpha1.Config, own Values, o Options) Values {
	if !replacesKubeProxy(cfg, own, o) {
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
