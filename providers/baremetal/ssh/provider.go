// Package ssh makes a cluster's machines of hosts that already run Linux, over
// SSH: Cluster API objects for the controllers in controllers.
package ssh

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

// The environment variables that hold secrets.
const (
	// KeyPassphraseVariable is for the passphrase of the private keys.
	KeyPassphraseVariable = "GROUNDWORK_SSH_KEY_PASSPHRASE"
	// SudoPasswordVariable is for the password that sudo asks for.
	SudoPasswordVariable = "GROUNDWORK_SSH_SUDO_PASSWORD"
)

// Options are what a Provider works from.
type Options struct {
	// Config has a Cluster, an SSHDatacenter and the SSHMachines that the
	// cluster names.
	Config *v1alpha1.Config
	// Release is that of the cluster's Kubernetes version.
	Release releases.Release
	// Releases is not used: the node files are of one version.
	Releases *releases.Catalogue
	// Registry are the registry mirror's credentials, where it asks for any.
	Registry kubeadm.Credentials
	// ReadFile reads a private key; nil is ReadKeyFile.
	ReadFile func(path string) ([]byte, error)
	// KeyPassphrase opens private keys that have a passphrase, SudoPassword
	// is what sudo asks for on the hosts.
	KeyPassphrase, SudoPassword secret.String
}

// Provider implements providers.Provider.
type Provider struct {
	options Options
	cluster *v1alpha1.Cluster
	site    *v1alpha1.SSHDatacenterConfigSpec
	// began is when this program did.
	began time.Time
	now   func() time.Time
}

var (
	_ providers.Provider    = (*Provider)(nil)
	_ providers.HeadStarter = (*Provider)(nil)
)

// New checks that what the cluster refers to is there. The error is a
// *failure.Error.
func New(o Options) (*Provider, error) {
	incomplete := func(what string) error {
		return &failure.Error{
			Code:    failure.Configuration,
			Summary: "the configuration is incomplete: " + what,
			Remedy:  "check the file with bootstrap validate",
		}
	}
	if o.Config == nil || o.Config.Cluster == nil {
		return nil, incomplete("it has no Cluster")
	}
	if o.Config.SSHDatacenter == nil {
		return nil, incomplete("it has no SSHDatacenterConfig")
	}
	if o.ReadFile == nil {
		o.ReadFile = ReadKeyFile
	}
	p := &Provider{
		options: o, cluster: o.Config.Cluster, site: &o.Config.SSHDatacenter.Spec,
		began: time.Now(), now: time.Now,
	}
	spec := &p.cluster.Spec
	if spec.ControlPlaneConfiguration.Endpoint == nil {
		return nil, incomplete("controlPlaneConfiguration.endpoint is missing")
	}
	refs := []*v1alpha1.Ref{spec.ControlPlaneConfiguration.MachineGroupRef}
	for _, group := range spec.WorkerNodeGroupConfigurations {
		refs = append(refs, group.MachineGroupRef)
	}
	for _, ref := range refs {
		if ref == nil {
			return nil, incomplete("a machineGroupRef is missing")
		}
		if o.Config.SSHMachines[ref.Name] == nil {
			return nil, incomplete(fmt.Sprintf("there is no SSHMachineConfig %q", ref.Name))
		}
	}
	return p, nil
}

// Name implements providers.Provider.
func (p *Provider) Name() string { return "ssh" }

// HeadStart implements providers.HeadStarter: node files are copied to the
// workers while the control plane comes up.
func (p *Provider) HeadStart() bool { return true }

// Manifests implements providers.Provider.
func (p *Provider) Manifests() (providers.Manifests, error) {
	objects := []client.Object{
		kubeadm.Namespace(),
		kubeadm.Cluster(p.cluster, infrastructure("SSHCluster", p.cluster.Name)),
		p.sshCluster(),
	}
	return kubeadm.Manifests(p.cluster, append(objects, p.hosts()...), p.controlPlane, p.workers)
}

func (p *Provider) controlPlane() ([]client.Object, error) {
	machine := p.machine(p.cluster.Spec.ControlPlaneConfiguration.MachineGroupRef)
	kubelet := p.cluster.Spec.ControlPlaneConfiguration.KubeletConfiguration
	template, err := p.machineTemplate(p.cluster.Name+"-control-plane", machine, kubelet)
	if err != nil {
		return nil, err
	}
	spec, err := kubeadm.ControlPlane(p.node(machine, kubelet))
	if err != nil {
		return nil, fmt.Errorf("making the control plane of %s: %w", p.cluster.Name, err)
	}
	return []client.Object{template, kubeadm.KubeadmControlPlane(p.cluster, p.options.Release, spec, templateRef(template))}, nil
}

func (p *Provider) workers(group v1alpha1.WorkerNodeGroupConfiguration) ([]client.Object, error) {
	if v := group.KubernetesVersion; v != nil && *v != "" && string(*v) != p.options.Release.Kubernetes {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: "worker group " + group.Name,
			Summary: fmt.Sprintf("the workers' Kubernetes is %s, and the node files are of %s", *v, p.options.Release.Kubernetes),
			Remedy:  "remove the group's kubernetesVersion",
		}
	}
	machine := p.machine(group.MachineGroupRef)
	template, err := p.machineTemplate(kubeadm.GroupName(p.cluster, group), machine, group.KubeletConfiguration)
	if err != nil {
		return nil, err
	}
	spec, err := kubeadm.Worker(p.node(machine, group.KubeletConfiguration), group)
	if err != nil {
		return nil, fmt.Errorf("making the worker group %s of %s: %w", group.Name, p.cluster.Name, err)
	}
	config, err := kubeadm.ConfigTemplate(p.cluster, group, spec)
	if err != nil {
		return nil, err
	}
	return []client.Object{template, config,
		kubeadm.MachineDeployment(p.cluster, p.options.Release, group, config, templateRef(template), "")}, nil
}

func (p *Provider) machine(ref *v1alpha1.Ref) *v1alpha1.SSHMachineConfig {
	return p.options.Config.SSHMachines[ref.Name]
}

// The expressions that a host's own data replaces, see node.Work.
const (
	instanceID = "{{ ds.meta_data.instance_id }}"
	address    = "{{ ds.meta_data.local_ipv4 }}"
)

// node is what kubeadm's part needs to know of a machine.
func (p *Provider) node(machine *v1alpha1.SSHMachineConfig, kubelet *unstructured.Unstructured) kubeadm.Node {
	n := kubeadm.Node{
		Config:     p.options.Config,
		Release:    p.options.Release,
		OSFamily:   machine.Spec.OSFamily,
		Users:      machine.Spec.Users,
		HostOS:     machine.Spec.HostOSConfiguration,
		ProviderID: infrav1.ProviderIDPrefix + instanceID,
		NodeIP:     address,
	}
	for _, host := range p.site.Hosts {
		n.NoProxy = append(n.NoProxy, host.Address)
	}
	if isFalse(kubelet, "failCgroupV1") {
		// kubeadm's check refuses cgroup v1 even where the kubelet bears it.
		n.IgnorePreflightErrors = []string{"SystemVerification"}
	}
	return n
}

func infrastructure(kind, name string) clusterv1.ContractVersionedObjectReference {
	return clusterv1.ContractVersionedObjectReference{APIGroup: infrav1.GroupVersion.Group, Kind: kind, Name: name}
}

func templateRef(t *infrav1.SSHMachineTemplate) clusterv1.ContractVersionedObjectReference {
	return infrastructure("SSHMachineTemplate", t.Name)
}
