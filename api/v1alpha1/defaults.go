package v1alpha1

import (
	"fmt"
	"path"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// Defaults of EKS Anywhere: pkg/api/v1alpha1 (cluster_defaults.go,
// vspheremachineconfig.go, etcdencryption.go, fluxconfig.go), pkg/cluster
// (defaults.go, flux.go), pkg/clusterapi (machine_health_check.go) and
// pkg/providers/vsphere (defaults.go).
const (
	DefaultDiskGiB    = 25
	DefaultNumCPUs    = 2
	DefaultMemoryMiB  = 8192
	MinDiskGiB        = 20
	MinMemoryMiB      = 2048
	DefaultMirrorPort = "443"

	// DefaultSSHPort is where sshd listens (IANA).
	DefaultSSHPort = 22

	DefaultUser             = "capv"
	DefaultBottlerocketUser = "ec2-user"

	DefaultNodeStartupTimeout           = 10 * time.Minute
	DefaultTinkerbellNodeStartupTimeout = 20 * time.Minute
	DefaultUnhealthyMachineTimeout      = 5 * time.Minute

	defaultWorkerGroup     = "md-0"
	defaultKMSCacheSize    = 1000
	defaultKMSTimeout      = 3 * time.Second
	defaultFluxNamespace   = "flux-system"
	defaultFluxBranch      = "main"
	defaultAWSPartition    = "aws"
	kubeletAPIVersion      = "kubelet.config.k8s.io/v1beta1"
	kubeletKind            = "KubeletConfiguration"
	defaultControlPlaneMax = "100%"
	defaultWorkersMax      = "40%"
)

// setDefaults fills in what the file leaves out. It changes nothing when run
// again.
func (c *Config) setDefaults() {
	if c.Cluster != nil {
		c.Cluster.setDefaults()
	}
	if c.VSphereDatacenter != nil {
		c.VSphereDatacenter.setDefaults()
	}
	for _, m := range c.VSphereMachines {
		c.defaultVSphereMachine(m)
	}
	for _, m := range c.TinkerbellMachines {
		if m.Spec.OSFamily == "" {
			m.Spec.OSFamily = Bottlerocket
		}
	}
	if c.SSHDatacenter != nil {
		c.SSHDatacenter.setDefaults()
	}
	for _, a := range c.AWSIam {
		setIfEmpty(&a.Spec.Partition, defaultAWSPartition)
	}
	for _, f := range c.Flux {
		setIfEmpty(&f.Spec.SystemNamespace, defaultFluxNamespace)
		setIfEmpty(&f.Spec.Branch, defaultFluxBranch)
		if f.Spec.ClusterConfigPath == "" && c.Cluster != nil {
			manager := c.Cluster.Spec.ManagementCluster.Name
			setIfEmpty(&manager, c.Cluster.Name)
			f.Spec.ClusterConfigPath = path.Join("clusters", manager)
		}
	}
}

func (c *Cluster) setDefaults() {
	spec := &c.Spec
	if mirror := spec.RegistryMirrorConfiguration; mirror != nil {
		setIfEmpty(&mirror.Port, DefaultMirrorPort)
	}
	for i := range spec.WorkerNodeGroupConfigurations {
		group := &spec.WorkerNodeGroupConfigurations[i]
		if i == 0 {
			setIfEmpty(&group.Name, defaultWorkerGroup)
		}
		switch {
		case group.Count != nil:
		case group.AutoScalingConfiguration != nil:
			group.Count = ptr.To(group.AutoScalingConfiguration.MinCount)
		default:
			group.Count = ptr.To(1)
		}
	}
	// The deprecated field of a plugin that is not Cilium stays, so that
	// validation can name it.
	if network := &spec.ClusterNetwork; network.CNIConfig == nil && network.CNI == Cilium {
		network.CNI, network.CNIConfig = "", &CNIConfig{Cilium: &CiliumConfig{}}
	}
	for _, encryption := range spec.EtcdEncryption {
		for _, provider := range encryption.Providers {
			if kms := provider.KMS; kms != nil {
				if kms.CacheSize == nil {
					kms.CacheSize = ptr.To[int32](defaultKMSCacheSize)
				}
				if kms.Timeout == nil {
					kms.Timeout = &metav1.Duration{Duration: defaultKMSTimeout}
				}
			}
		}
	}
	c.defaultHealthChecks()
}

// defaultHealthChecks gives the control plane and every worker group a whole
// health check: its own values, then the cluster's, then the defaults.
func (c *Cluster) defaultHealthChecks() {
	startup := DefaultNodeStartupTimeout
	if kind := c.Spec.DatacenterRef.Kind; kind == TinkerbellDatacenterKind || kind == SSHDatacenterKind {
		startup = DefaultTinkerbellNodeStartupTimeout
	}
	c.Spec.MachineHealthCheck = c.Spec.MachineHealthCheck.or(&MachineHealthCheck{
		NodeStartupTimeout:      &metav1.Duration{Duration: startup},
		UnhealthyMachineTimeout: &metav1.Duration{Duration: DefaultUnhealthyMachineTimeout},
	})
	cluster := c.Spec.MachineHealthCheck
	controlPlane := &c.Spec.ControlPlaneConfiguration
	controlPlane.MachineHealthCheck = controlPlane.MachineHealthCheck.or(cluster).
		or(&MachineHealthCheck{MaxUnhealthy: ptr.To(intstr.FromString(defaultControlPlaneMax))})
	for i := range c.Spec.WorkerNodeGroupConfigurations {
		group := &c.Spec.WorkerNodeGroupConfigurations[i]
		group.MachineHealthCheck = group.MachineHealthCheck.or(cluster).
			or(&MachineHealthCheck{MaxUnhealthy: ptr.To(intstr.FromString(defaultWorkersMax))})
	}
}

// or is m with what it lacks taken from other.
func (m *MachineHealthCheck) or(other *MachineHealthCheck) *MachineHealthCheck {
	whole := MachineHealthCheck{}
	if m != nil {
		whole = *m
	}
	if whole.NodeStartupTimeout == nil {
		whole.NodeStartupTimeout = other.NodeStartupTimeout
	}
	if whole.UnhealthyMachineTimeout == nil {
		whole.UnhealthyMachineTimeout = other.UnhealthyMachineTimeout
	}
	if whole.MaxUnhealthy == nil {
		whole.MaxUnhealthy = other.MaxUnhealthy
	}
	return &whole
}

func (v *VSphereDatacenterConfig) setDefaults() {
	v.Spec.Network = networkPath(v.Spec.Network, v.Spec.Datacenter)
	for i := range v.Spec.FailureDomains {
		domain := &v.Spec.FailureDomains[i]
		domain.Network = networkPath(domain.Network, v.Spec.Datacenter)
	}
	if v.Spec.Insecure {
		v.Spec.Thumbprint = ""
	}
}

// setDefaults gives every host what the file says once for all.
func (d *SSHDatacenterConfig) setDefaults() {
	spec := &d.Spec
	if spec.Port == 0 {
		spec.Port = DefaultSSHPort
	}
	for i := range spec.Hosts {
		host := &spec.Hosts[i]
		if host.Port == 0 {
			host.Port = spec.Port
		}
		setIfEmpty(&host.User, spec.User)
		setIfEmpty(&host.KeyFile, spec.KeyFile)
	}
}

// networkPath is the inventory path of a network given by name.
func networkPath(network, datacenter string) string {
	if network == "" || datacenter == "" || strings.HasPrefix(network, "/") {
		return network
	}
	return "/" + strings.Trim(datacenter, "/") + "/network/" + network
}

func (c *Config) defaultVSphereMachine(m *VSphereMachineConfig) {
	spec := &m.Spec
	if spec.NumCPUs == 0 {
		spec.NumCPUs = DefaultNumCPUs
	}
	if spec.MemoryMiB == 0 {
		spec.MemoryMiB = DefaultMemoryMiB
	}
	if spec.DiskGiB == 0 {
		spec.DiskGiB = DefaultDiskGiB
	}
	// As EKS Anywhere does, too little is raised, not refused.
	c.raise(m, "spec.memoryMiB", &spec.MemoryMiB, MinMemoryMiB)
	c.raise(m, "spec.diskGiB", &spec.DiskGiB, MinDiskGiB)
	if spec.OSFamily == "" {
		spec.OSFamily = Bottlerocket
	}
	spec.Users = defaultUsers(spec.Users, spec.OSFamily)
}

// raise lifts a positive value to least and notes it.
func (c *Config) raise(object any, field string, value *int, least int) {
	if *value <= 0 || *value >= least {
		return
	}
	c.decodeNotes = append(c.decodeNotes, c.problemAt(object, field,
		fmt.Sprintf("%d is too little; %d is used", *value, least), fmt.Sprintf("write %d or more", least)))
	*value = least
}

// defaultUsers names the first user and drops the empty keys by which EKS
// Anywhere's files ask for a generated one.
func defaultUsers(users []UserConfiguration, family OSFamily) []UserConfiguration {
	if len(users) == 0 {
		users = []UserConfiguration{{}}
	}
	name := DefaultUser
	if family == Bottlerocket {
		name = DefaultBottlerocketUser
	}
	setIfEmpty(&users[0].Name, name)
	for i := range users {
		if keys := users[i].SshAuthorizedKeys; len(keys) == 1 && keys[0] == "" {
			users[i].SshAuthorizedKeys = nil
		}
	}
	return users
}

func setIfEmpty(value *string, fallback string) {
	if *value == "" {
		*value = fallback
	}
}
