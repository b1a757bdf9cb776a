package v1alpha1

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

func (v *validator) clusterSpec() {
	spec := &v.config.Cluster.Spec
	v.kubernetesVersion(spec.KubernetesVersion, "spec.kubernetesVersion")
	v.eksaVersion()
	v.controlPlane(&spec.ControlPlaneConfiguration)
	v.workers()
	v.networks()
	v.externalEtcd()
	v.proxy()
	v.mirror()
	v.podIAM()
	v.encryption()
	v.healthCheck("spec.machineHealthCheck", spec.MachineHealthCheck, nil)
	v.packages()
}

func (v *validator) controlPlane(cp *ControlPlaneConfiguration) {
	const path = "spec.controlPlaneConfiguration"
	stacked := v.config.Cluster.Spec.ExternalEtcdConfiguration == nil
	switch {
	case cp.Count <= 0:
		v.cluster(path+".count", "the control plane needs at least one machine", "write 3, or 1 for a trial")
	case stacked && cp.Count%2 == 0:
		v.cluster(path+".count", fmt.Sprintf("the control plane's count is even (%d), and etcd runs on its machines: an even member adds no safety and can split the vote", cp.Count),
			"use an odd number: 1, 3 or 5")
	}
	v.endpoint(cp)
	v.machineGroup(path+".machineGroupRef", cp.MachineGroupRef)
	v.taints(path+".taints", cp.Taints)
	v.labels(path+".labels", cp.Labels)
	v.controlPlaneRollout(cp.UpgradeRolloutStrategy)
	for i, san := range cp.CertSANs {
		if !isHost(strings.TrimPrefix(san, "*.")) {
			v.cluster(fmt.Sprintf("%s.certSans[%d]", path, i), fmt.Sprintf("%s is neither an IP address nor a domain name", quote(san)),
				"write an address such as 10.0.0.5 or a name such as api.example.com")
		}
	}
	v.healthCheck(path+".machineHealthCheck", cp.MachineHealthCheck, v.config.Cluster.Spec.MachineHealthCheck)
	v.extraArgs(cp)
	v.kubelet(path+".kubeletConfiguration", cp.KubeletConfiguration)
	v.auditPolicy(cp.AuditPolicyContent)
}

// endpoint validates the API server's address.
func (v *validator) endpoint(cp *ControlPlaneConfiguration) {
	const path = "spec.controlPlaneConfiguration.endpoint.host"
	host := ""
	if cp.Endpoint != nil {
		host = cp.Endpoint.Host
	}
	if !v.required(v.config.Cluster, path, host, "write an unused IP address of the machines' network") {
		return
	}
	address, err := netip.ParseAddr(host)
	// Where the site brings its load balancer, it may have a name.
	ownBalancer := cp.SkipLoadBalancerDeployment ||
		v.config.TinkerbellDatacenter != nil && v.config.TinkerbellDatacenter.Spec.SkipLoadBalancerDeployment
	switch {
	case err != nil && ownBalancer && isHost(host):
	case err != nil:
		remedy := "write an IP address, such as 10.0.0.5"
		if bare, _, found := strings.Cut(host, ":"); found {
			if _, err := netip.ParseAddr(bare); err == nil {
				remedy = "write " + bare + " only; the port is always 6443"
			}
		}
		v.cluster(path, fmt.Sprintf("%s is not an IP address", quote(host)), remedy)
	case !address.Is4():
		v.cluster(path, fmt.Sprintf("%s is not an IPv4 address", quote(host)), "use an IPv4 address; IPv6 clusters are not supported")
	case !isUnicast(address):
		v.cluster(path, fmt.Sprintf("%s is not an address that a machine can have", quote(host)), "use an unused IP address of the machines' network")
	}
}

// isUnicast reports whether a machine on a network can have the address.
func isUnicast(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsUnspecified() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// isHost reports whether host is an IP address or a domain name. What ends in
// a number is an address or nothing: 10.0.0.300 is no name.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return strings.Trim(last, "0123456789") != "" && len(validation.IsDNS1123Subdomain(strings.ToLower(host))) == 0
}

func (v *validator) controlPlaneRollout(strategy *ControlPlaneUpgradeRolloutStrategy) {
	if strategy == nil {
		return
	}
	const path = "spec.controlPlaneConfiguration.upgradeRolloutStrategy"
	v.rolloutType(path, strategy.Type, strategy.RollingUpdate != nil)
	if params := strategy.RollingUpdate; params != nil && strategy.Type != InPlaceStrategyType && params.MaxSurge != 0 && params.MaxSurge != 1 {
		v.cluster(path+".rollingUpdate.maxSurge", fmt.Sprintf("the control plane's maxSurge is %d", params.MaxSurge), "write 0 or 1")
	}
}

// rolloutType validates what both kinds of rollout strategies share.
func (v *validator) rolloutType(path string, strategy UpgradeRolloutStrategyType, rolling bool) {
	switch strategy {
	case RollingUpdateStrategyType:
	case InPlaceStrategyType:
		if rolling {
			v.cluster(path+".rollingUpdate", "an in-place upgrade has no rolling update", "remove rollingUpdate")
		}
		if v.config.Cluster.Spec.DatacenterRef.Kind == VSphereDatacenterKind {
			v.cluster(path+".type", "virtual machines are replaced, not upgraded in place", "write RollingUpdate")
		}
	case "":
		v.cluster(path+".type", "the type is missing", "write RollingUpdate")
	default:
		v.cluster(path+".type", fmt.Sprintf("there is no upgrade strategy %s", quote(string(strategy))),
			choose(string(strategy), []string{string(RollingUpdateStrategyType), string(InPlaceStrategyType)}))
	}
}

// oidcFlags are what an OIDCConfig sets.
var oidcFlags = []string{
	"oidc-issuer-url", "oidc-client-id", "oidc-groups-claim", "oidc-groups-prefix",
	"oidc-required-claim", "oidc-username-claim", "oidc-username-prefix",
}

func (v *validator) extraArgs(cp *ControlPlaneConfiguration) {
	usesOIDC := slices.ContainsFunc(v.config.Cluster.Spec.IdentityProviderRefs, func(r Ref) bool { return r.Kind == OIDCConfigKind })
	for _, name := range slices.Sorted(maps.Keys(cp.APIServerExtraArgs)) {
		path := "spec.controlPlaneConfiguration.apiServerExtraArgs[" + name + "]"
		switch {
		case name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "= \t"):
			v.cluster(path, fmt.Sprintf("%s is not a flag's name", quote(name)), "write the name without dashes before it and the value after the colon")
		case usesOIDC && slices.Contains(oidcFlags, name):
			v.cluster(path, "the flag is set by the OIDCConfig that identityProviderRefs names", "remove it here")
		}
	}
}

func (v *validator) externalEtcd() {
	etcd := v.config.Cluster.Spec.ExternalEtcdConfiguration
	if etcd == nil {
		return
	}
	const path = "spec.externalEtcdConfiguration"
	if etcd.Count <= 0 || etcd.Count%2 == 0 {
		v.cluster(path+".count", fmt.Sprintf("the number of etcd machines is %d", etcd.Count), "use an odd number: 3 or 5")
	}
	v.machineGroup(path+".machineGroupRef", etcd.MachineGroupRef)
}
