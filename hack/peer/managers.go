// Package peer is what the benchmarks compare with: the stock managers of
// Cluster API, its kubeadm providers and its vSphere provider, built from the
// modules that go.mod pins and run as separate processes with upstream's
// default settings.
//
//	binaries, err := peer.Build(ctx, "")
//	webhooks, err := peer.NewWebhooks(dir)
//	err = webhooks.Install(ctx, client)   // CRDs and webhook configurations
//	managers, err := peer.Start(ctx, peer.Options{...})
//	defer managers.Stop(ctx)
package peer

// Name names a manager.
type Name string

// The managers.
const (
	Core                Name = "cluster-api"
	KubeadmBootstrap    Name = "kubeadm-bootstrap"
	KubeadmControlPlane Name = "kubeadm-control-plane"
	VSphere             Name = "vsphere"
)

// manager is how upstream builds and runs one of them.
type manager struct {
	name Name
	// main is the import path of its main package.
	main string
	// provider is the value of the label cluster.x-k8s.io/provider on the
	// CustomResourceDefinitions and webhook configurations that it serves.
	provider string
	// args are those of the provider's config/manager/manager.yaml with the
	// defaults of its variables; what concerns addresses, certificates and
	// leader election is left to Start.
	args []string
}

var managers = []manager{
	{
		name: Core, main: "sigs.k8s.io/cluster-api", provider: "cluster-api",
		args: []string{"--feature-gates=MachinePool=true,ClusterTopology=false,RuntimeSDK=false," +
			"MachineSetPreflightChecks=true,MachineWaitForVolumeDetachConsiderVolumeAttachments=true," +
			"PriorityQueue=true,ReconcilerRateLimiting=true,InPlaceUpdates=false,MachineTaintPropagation=false"},
	},
	{
		name: KubeadmBootstrap, main: "sigs.k8s.io/cluster-api/bootstrap/kubeadm", provider: "bootstrap-kubeadm",
		args: []string{"--feature-gates=MachinePool=true,KubeadmBootstrapFormatIgnition=false," +
			"PriorityQueue=true,ReconcilerRateLimiting=true", "--bootstrap-token-ttl=15m"},
	},
	{
		name: KubeadmControlPlane, main: "sigs.k8s.io/cluster-api/controlplane/kubeadm", provider: "control-plane-kubeadm",
		args: []string{"--feature-gates=MachinePool=true,ClusterTopology=false,KubeadmBootstrapFormatIgnition=false," +
			"PriorityQueue=true,ReconcilerRateLimiting=true,InPlaceUpdates=false,MachineTaintPropagation=false"},
	},
	{
		name: VSphere, main: "sigs.k8s.io/cluster-api-provider-vsphere", provider: "infrastructure-vsphere",
		args: []string{"--v=4", "--feature-gates=MultiNetworks=false,NodeAntiAffinity=false,NamespaceScopedZones=false," +
			"NodeAutoPlacement=false,PriorityQueue=true,ReconcilerRateLimiting=true", "--vm-operator-api-version=v1alpha5"},
	},
}
