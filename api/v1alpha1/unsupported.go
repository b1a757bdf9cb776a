package v1alpha1

import (
	"fmt"
	"strings"
)

// Unsupported returns what the configuration asks for that is valid in EKS
// Anywhere and that Groundwork does not do, each with the reason. Load and
// Parse report it with the other problems: nothing is ignored in silence.
func (c *Config) Unsupported() Problems {
	if c.Cluster == nil {
		return nil
	}
	v := &validator{config: c}
	spec := &c.Cluster.Spec
	if spec.DatacenterRef.Kind == TinkerbellDatacenterKind {
		v.cluster("spec.datacenterRef.kind", "clusters on bare metal cannot be created yet", "use vSphere, with a "+VSphereDatacenterKind+", or servers that already run Linux, with a "+SSHDatacenterKind)
	}
	if !c.Cluster.IsSelfManaged() {
		v.cluster("spec.managementCluster.name", fmt.Sprintf("workload clusters, managed by another cluster such as %s, are not supported yet", quote(spec.ManagementCluster.Name)),
			"remove managementCluster; the cluster then manages itself")
	}
	if spec.ExternalEtcdConfiguration != nil {
		v.cluster("spec.externalEtcdConfiguration", "etcd on machines of its own is not supported: upstream Cluster API has no provider for it",
			"remove the field; etcd then runs on the control plane's machines, of which there must be an odd number")
	}
	v.unsupportedUpgrades()
	v.unsupportedAddOns()
	if p := spec.ProxyConfiguration; p != nil {
		v.proxyCredentials("spec.proxyConfiguration.httpProxy", p.HttpProxy)
		v.proxyCredentials("spec.proxyConfiguration.httpsProxy", p.HttpsProxy)
	}
	v.unsupportedMachines()
	if spec.DatacenterRef.Kind == SSHDatacenterKind {
		v.unsupportedOverSSH()
	}
	return v.problems.inFileOrder(c.Source)
}

func (v *validator) unsupportedUpgrades() {
	const message, remedy = "in-place upgrades are not supported yet", "write RollingUpdate"
	spec := &v.config.Cluster.Spec
	if s := spec.ControlPlaneConfiguration.UpgradeRolloutStrategy; s != nil && s.Type == InPlaceStrategyType {
		v.cluster("spec.controlPlaneConfiguration.upgradeRolloutStrategy.type", message, remedy)
	}
	for i := range spec.WorkerNodeGroupConfigurations {
		if s := spec.WorkerNodeGroupConfigurations[i].UpgradeRolloutStrategy; s != nil && s.Type == InPlaceStrategyType {
			v.cluster(fmt.Sprintf("spec.workerNodeGroupConfigurations[%d].upgradeRolloutStrategy.type", i), message, remedy)
		}
	}
}

func (v *validator) unsupportedAddOns() {
	spec := &v.config.Cluster.Spec
	if spec.GitOpsRef != nil {
		v.cluster("spec.gitOpsRef", "GitOps with Flux is not supported yet", "remove gitOpsRef, and install Flux on the finished cluster")
	}
	for i, ref := range spec.IdentityProviderRefs {
		if ref.Kind == AWSIamConfigKind {
			v.cluster(fmt.Sprintf("spec.identityProviderRefs[%d]", i), "the AWS IAM authenticator is not supported yet", "remove the reference; OIDCConfig is supported")
		}
	}
	if r := v.config.AWSRegistration; r != nil {
		v.add(r, "kind", "clusters cannot be registered with AWS yet", "remove the object, and register the finished cluster with `aws eks register-cluster`")
	}
	if p := spec.Packages; p != nil && !p.Disable {
		v.cluster("spec.packages", "curated packages are not supported: they need EKS Anywhere's package controller", "remove packages, or write disable: true below it")
	}
}

// proxyCredentials never quotes the address.
func (v *validator) proxyCredentials(path, address string) {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = address
	}
	host, _, _ := strings.Cut(rest, "/")
	if strings.Contains(host, "@") {
		v.cluster(path, "the proxy's address has credentials in it, which are not supported: every object and file with the address would show them",
			"remove them, and let the proxy admit the nodes by their addresses")
	}
}

// unsupportedMachines looks at the machine configurations that are in use.
func (v *validator) unsupportedMachines() {
	for _, ref := range v.config.machineRefs() {
		var object any
		var family OSFamily
		if m := v.config.vsphereMachine(ref); m != nil {
			object, family = m, m.Spec.OSFamily
		} else if m := v.config.tinkerbellMachine(ref); m != nil {
			object, family = m, m.Spec.OSFamily
		}
		if object == nil || family != Bottlerocket {
			continue
		}
		message := "Bottlerocket is not supported: upstream Cluster API's kubeadm provider cannot configure it"
		if !v.config.has(object, "spec.osFamily") {
			message = "osFamily is missing, which means bottlerocket, and " + message
		}
		v.add(object, "spec.osFamily", message, "write ubuntu or redhat, and a template of that family")
	}
}

// machineRefs are the references to machine configurations, each once.
func (c *Config) machineRefs() []*Ref {
	spec := &c.Cluster.Spec
	all := []*Ref{spec.ControlPlaneConfiguration.MachineGroupRef}
	for i := range spec.WorkerNodeGroupConfigurations {
		all = append(all, spec.WorkerNodeGroupConfigurations[i].MachineGroupRef)
	}
	if spec.ExternalEtcdConfiguration != nil {
		all = append(all, spec.ExternalEtcdConfiguration.MachineGroupRef)
	}
	var unique []*Ref
	seen := map[Ref]bool{}
	for _, ref := range all {
		if ref != nil && !seen[*ref] {
			seen[*ref] = true
			unique = append(unique, ref)
		}
	}
	return unique
}

// has reports whether the file has the field at path of object; true for an
// object that came from no file.
func (c *Config) has(object any, path string) bool {
	d := c.documents[object]
	if d == nil {
		return true
	}
	_, ok := d.fields[d.inFile(path)]
	return ok
}
