// Package vsphere makes a cluster's machines in a vCenter, through Cluster
// API's vSphere provider (CAPV).
package vsphere

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// Options are what a Provider works from.
type Options struct {
	// Config has a Cluster, a VSphereDatacenter and the VSphereMachines that
	// the cluster names.
	Config *v1alpha1.Config
	// Release is that of the cluster's Kubernetes version.
	Release releases.Release
	// Releases has those of worker groups with a version of their own; nil
	// where there are none.
	Releases    *releases.Catalogue
	Credentials vcenter.Credentials
	// Registry are the registry mirror's credentials, where it asks for any.
	Registry kubeadm.Credentials
	// Thumbprint is the SHA-1 of the vCenter's certificate. It overrides the
	// configuration's: for a rehearsal, and for a certificate that was
	// verified in another way, because CAPV does not verify one at all
	// without a thumbprint.
	Thumbprint string
	// Proxy is how the checks reach the vCenter; nil means the environment's.
	Proxy func(*http.Request) (*url.URL, error)
}

// Provider implements providers.Provider.
type Provider struct {
	options Options
	cluster *v1alpha1.Cluster
	site    *v1alpha1.VSphereDatacenterConfigSpec
	errors  *sightings
	// settled is what Prepare found; empty before it.
	settled vcenter.Settlement
}

var (
	_ providers.Provider = (*Provider)(nil)
	_ providers.Preparer = (*Provider)(nil)
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
	if o.Config.VSphereDatacenter == nil {
		return nil, incomplete("it has no VSphereDatacenterConfig")
	}
	p := &Provider{
		options: o,
		cluster: o.Config.Cluster,
		site:    &o.Config.VSphereDatacenter.Spec,
		errors:  &sightings{began: time.Now(), now: time.Now, seen: map[string]sighting{}},
	}
	if p.cluster.Spec.ControlPlaneConfiguration.Endpoint == nil {
		return nil, incomplete("controlPlaneConfiguration.endpoint is missing")
	}
	groups := append([]*v1alpha1.Ref{p.cluster.Spec.ControlPlaneConfiguration.MachineGroupRef}, workerRefs(p.cluster)...)
	for _, ref := range groups {
		if ref == nil {
			return nil, incomplete("a machineGroupRef is missing")
		}
		if o.Config.VSphereMachines[ref.Name] == nil {
			return nil, incomplete(fmt.Sprintf("there is no VSphereMachineConfig %q", ref.Name))
		}
	}
	return p, nil
}

func workerRefs(cluster *v1alpha1.Cluster) []*v1alpha1.Ref {
	var refs []*v1alpha1.Ref
	for _, group := range cluster.Spec.WorkerNodeGroupConfigurations {
		refs = append(refs, group.MachineGroupRef)
	}
	return refs
}

// Name implements providers.Provider.
func (p *Provider) Name() string { return "vsphere" }

// Checks implements providers.Provider.
func (p *Provider) Checks() []providers.Check {
	var options []vcenter.Option
	for _, release := range p.usedReleases() {
		options = append(options, vcenter.WithRelease(release.Kubernetes, release.EKSD))
	}
	return vcenter.Checks(p.options.Config, p.vCenter(), options...)
}

// usedReleases are the releases that machines run. Those of worker groups
// that are not in the catalogue are left to Manifests to refuse.
func (p *Provider) usedReleases() []releases.Release {
	used := []releases.Release{p.options.Release}
	for _, group := range p.cluster.Spec.WorkerNodeGroupConfigurations {
		if release, err := p.release(group); err == nil {
			used = append(used, release)
		}
	}
	return used
}

// vCenter is the site's vCenter.
func (p *Provider) vCenter() vcenter.Site {
	return vcenter.Site{
		Server:      p.site.Server,
		Thumbprint:  p.thumbprint(),
		Insecure:    p.site.Insecure,
		Credentials: p.options.Credentials,
		Proxy:       p.options.Proxy,
	}
}

// thumbprint is what CAPV compares the vCenter's certificate with.
func (p *Provider) thumbprint() string {
	if p.options.Thumbprint != "" {
		return p.options.Thumbprint
	}
	return p.site.Thumbprint
}

// Manifests implements providers.Provider.
func (p *Provider) Manifests() (providers.Manifests, error) {
	objects := []client.Object{kubeadm.Namespace()}
	objects = append(objects, p.failureDomains()...)
	objects = append(objects, p.addressPools()...)
	objects = append(objects,
		kubeadm.Cluster(p.cluster, infrastructure("VSphereCluster", p.cluster.Name)),
		p.vsphereCluster())
	return kubeadm.Manifests(p.cluster, objects, p.controlPlane, p.workers)
}

func (p *Provider) controlPlane() ([]client.Object, error) {
	machine := p.machine(p.cluster.Spec.ControlPlaneConfiguration.MachineGroupRef)
	template, err := p.machineTemplate(p.cluster.Name+"-control-plane", machine)
	if err != nil {
		return nil, err
	}
	spec, err := kubeadm.ControlPlane(p.node(machine, p.options.Release))
	if err != nil {
		return nil, fmt.Errorf("making the control plane of %s: %w", p.cluster.Name, err)
	}
	return []client.Object{template, kubeadm.KubeadmControlPlane(p.cluster, p.options.Release, spec, templateRef(template))}, nil
}

func (p *Provider) workers(group v1alpha1.WorkerNodeGroupConfiguration) ([]client.Object, error) {
	release, err := p.release(group)
	if err != nil {
		return nil, err
	}
	machine := p.machine(group.MachineGroupRef)
	template, err := p.machineTemplate(kubeadm.GroupName(p.cluster, group), machine)
	if err != nil {
		return nil, err
	}
	spec, err := kubeadm.Worker(p.node(machine, release), group)
	if err != nil {
		return nil, fmt.Errorf("making the worker group %s of %s: %w", group.Name, p.cluster.Name, err)
	}
	config, err := kubeadm.ConfigTemplate(p.cluster, group, spec)
	if err != nil {
		return nil, err
	}
	zone, err := p.workerZone(group)
	if err != nil {
		return nil, err
	}
	return []client.Object{template, config,
		kubeadm.MachineDeployment(p.cluster, release, group, config, templateRef(template), zone)}, nil
}

// release is that of the group's own Kubernetes version, or the cluster's.
func (p *Provider) release(group v1alpha1.WorkerNodeGroupConfiguration) (releases.Release, error) {
	version := group.KubernetesVersion
	if version == nil || string(*version) == p.options.Release.Kubernetes {
		return p.options.Release, nil
	}
	catalogue := p.options.Releases
	if catalogue == nil {
		catalogue = &releases.Catalogue{}
	}
	release, err := catalogue.Find(string(*version))
	if err != nil {
		return releases.Release{}, fmt.Errorf("finding the release of worker group %s: %w", group.Name, err)
	}
	return release, nil
}

func (p *Provider) machine(ref *v1alpha1.Ref) *v1alpha1.VSphereMachineConfig {
	return p.options.Config.VSphereMachines[ref.Name]
}

// node is what kubeadm's part needs to know of a machine.
func (p *Provider) node(machine *v1alpha1.VSphereMachineConfig, release releases.Release) kubeadm.Node {
	return kubeadm.Node{
		Config:   p.options.Config,
		Release:  release,
		OSFamily: machine.Spec.OSFamily,
		Users:    machine.Spec.Users,
		HostOS:   machine.Spec.HostOSConfiguration,
		NoProxy:  []string{p.site.Server},
		Files:    []bootstrapv1.File{providerIDFile()},
		Commands: []string{providerIDPath},
	}
}

// Credentials implements providers.Provider: the Secret that the
// VSphereCluster's identityRef names, and the nodes' secret files.
func (p *Provider) Credentials() ([]client.Object, error) {
	c := p.options.Credentials
	if c.Username == "" || c.Password.Empty() {
		return nil, &failure.Error{
			Code:    failure.Preflight,
			Summary: "there are no credentials for the vCenter",
			Object:  "vCenter " + p.site.Server,
			Remedy:  fmt.Sprintf("set %s and %s in the environment", vcenter.UsernameVariable, vcenter.PasswordVariable),
		}
	}
	objects := []client.Object{kubeadm.Secret(p.cluster, p.identity(), map[string][]byte{
		"username": []byte(c.Username),
		"password": []byte(c.Password.Reveal()),
	})}
	files, err := kubeadm.SecretFiles(p.cluster, p.options.Registry)
	if err != nil {
		return nil, err
	}
	if files != nil {
		objects = append(objects, files)
	}
	return objects, nil
}

// identity is the name of the Secret with the vCenter's credentials.
func (p *Provider) identity() string { return p.cluster.Name + "-vsphere-credentials" }

func infrastructure(kind, name string) clusterv1.ContractVersionedObjectReference {
	return clusterv1.ContractVersionedObjectReference{APIGroup: infrav1.GroupVersion.Group, Kind: kind, Name: name}
}

func templateRef(t *infrav1.VSphereMachineTemplate) clusterv1.ContractVersionedObjectReference {
	return infrastructure("VSphereMachineTemplate", t.Name)
}
