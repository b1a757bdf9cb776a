package connectivity

import (
	"cmp"
	"fmt"
)

// tunnelPorts are Cilium's defaults, UDP.
var tunnelPorts = map[string]string{"vxlan": "8472", "geneve": "6081"}

// networkRemedy is what to do where nodes do not carry pods' packets.
func (c Cluster) networkRemedy() string {
	if c.Settings["routing-mode"] == "native" {
		return "without a tunnel the nodes must share one network, or the network between them must route the pods' addresses (spec.clusterNetwork.cniConfig.cilium.routingMode)"
	}
	protocol := cmp.Or(c.Settings["tunnel-protocol"], "vxlan")
	port := tunnelPorts[protocol]
	if set := c.Settings["tunnel-port"]; set != "" && set != "0" {
		port = set
	}
	return fmt.Sprintf("let the nodes send each other UDP port %s (%s): firewalls and the hypervisor's network too; the nodes' kernels must support %[2]s", port, protocol)
}

// serviceRemedy is what to do where services do not work and pods do.
func (c Cluster) serviceRemedy() string {
	if c.Settings["kube-proxy-replacement"] == "true" {
		return "where pods reach each other, see that kube-proxy's replacement is True on every node: bootstrap cilium status"
	}
	return "where pods reach each other, see that kube-proxy runs on every node: kubectl -n kube-system get daemonset kube-proxy"
}
