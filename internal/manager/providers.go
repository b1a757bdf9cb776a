package manager

import (
	"context"
	"time"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/util/sets"
	capvcontrollers "sigs.k8s.io/cluster-api-provider-vsphere/controllers"
	capvcontext "sigs.k8s.io/cluster-api-provider-vsphere/pkg/context"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	bootstrapcontrollers "sigs.k8s.io/cluster-api/bootstrap/kubeadm/controllers"
	"sigs.k8s.io/cluster-api/controllers"
	"sigs.k8s.io/cluster-api/controllers/clustercache"
	controlplanecontrollers "sigs.k8s.io/cluster-api/controlplane/kubeadm/controllers"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	ssh "groundwork.dev/bootstrap/providers/baremetal/ssh/controllers"
)

const (
	// remoteConnectionGracePeriod is how long a workload cluster may be out of
	// reach until its Cluster says so, remoteConditionsGracePeriod until what
	// was known of its nodes is called unknown. Upstream's figures; the latter
	// has to be 2 min at least.
	remoteConnectionGracePeriod = 50 * time.Second
	remoteConditionsGracePeriod = 5 * time.Minute

	// etcdDialTimeout and etcdCallTimeout are upstream's, for the etcd members
	// of workload clusters.
	etcdDialTimeout = 10 * time.Second
	etcdCallTimeout = 15 * time.Second
	// controlPlaneTimeout lets a reconcile try every etcd member.
	controlPlaneTimeout = 3 * time.Minute
)

// How many objects each controller works on at a time. More than keep a few
// cores busy only make each other wait, and act on events that one reconcile
// could have answered together.
const (
	perMachine = 10
	perVM      = 20 // each waits for many answers of a vCenter
	perGroup   = 10
	perCluster = 5
	rarely     = 2
)

func addCore(ctx context.Context, mgr ctrl.Manager, clusters clustercache.ClusterCache) error {
	secrets, err := secretMetadataCache(mgr)
	if err != nil {
		return err
	}
	c, api := mgr.GetClient(), mgr.GetAPIReader()
	return firstError(
		func() error {
			return (&controllers.ClusterReconciler{Client: c, APIReader: api, ClusterCache: clusters,
				RemoteConnectionGracePeriod: remoteConnectionGracePeriod}).SetupWithManager(ctx, mgr, concurrency(perCluster))
		},
		func() error {
			return (&controllers.MachineReconciler{Client: c, APIReader: api, ClusterCache: clusters,
				RemoteConditionsGracePeriod: remoteConditionsGracePeriod}).SetupWithManager(ctx, mgr, concurrency(perMachine))
		},
		func() error {
			return (&controllers.MachineSetReconciler{Client: c, APIReader: api, ClusterCache: clusters,
				PreflightChecks: sets.New(clusterv1.MachineSetPreflightCheckAll)}).SetupWithManager(ctx, mgr, concurrency(perGroup))
		},
		func() error {
			return (&controllers.MachineDeploymentReconciler{Client: c, APIReader: api}).SetupWithManager(ctx, mgr, concurrency(perGroup))
		},
		func() error {
			return (&controllers.MachineHealthCheckReconciler{Client: c, ClusterCache: clusters}).SetupWithManager(ctx, mgr, concurrency(rarely))
		},
		func() error {
			return (&controllers.ClusterResourceSetReconciler{Client: c, ClusterCache: clusters}).SetupWithManager(ctx, mgr, concurrency(rarely), secrets)
		},
		func() error {
			return (&controllers.ClusterResourceSetBindingReconciler{Client: c}).SetupWithManager(ctx, mgr, concurrency(rarely))
		},
	)
}

func addKubeadm(ctx context.Context, mgr ctrl.Manager, clusters clustercache.ClusterCache, secrets client.Client) error {
	return firstError(
		func() error {
			return (&bootstrapcontrollers.KubeadmConfigReconciler{Client: mgr.GetClient(), SecretCachingClient: secrets, ClusterCache: clusters,
				TokenTTL: bootstrapcontrollers.DefaultTokenTTL}).SetupWithManager(ctx, mgr, concurrency(perMachine))
		},
		func() error {
			return (&controlplanecontrollers.KubeadmControlPlaneReconciler{
				Client: mgr.GetClient(), APIReader: mgr.GetAPIReader(), SecretCachingClient: secrets, ClusterCache: clusters,
				EtcdDialTimeout: etcdDialTimeout, EtcdCallTimeout: etcdCallTimeout, EtcdLogger: zap.NewNop(),
				RemoteConditionsGracePeriod: remoteConditionsGracePeriod,
			}).SetupWithManager(ctx, mgr, controller.Options{MaxConcurrentReconciles: perCluster, ReconciliationTimeout: controlPlaneTimeout})
		},
	)
}

// addVSphere adds CAPV's controllers to this manager: its own would be a
// second one, with a cache of its own.
func addVSphere(ctx context.Context, mgr ctrl.Manager, clusters clustercache.ClusterCache) error {
	// No login here: each VSphereCluster names the Secret of its own.
	capv := &capvcontext.ControllerManagerContext{
		Namespace: "capv-system", Name: "capv-controller-manager",
		Client: mgr.GetClient(), Logger: mgr.GetLogger(), Scheme: mgr.GetScheme(),
	}
	return firstError(
		func() error {
			return capvcontrollers.AddClusterControllerToManager(ctx, capv, mgr, false, concurrency(perCluster))
		},
		func() error {
			return capvcontrollers.AddMachineControllerToManager(ctx, capv, mgr, false, concurrency(perMachine))
		},
		func() error {
			return capvcontrollers.AddVMControllerToManager(ctx, capv, mgr, clusters, concurrency(perVM))
		},
		func() error {
			return capvcontrollers.AddVsphereClusterIdentityControllerToManager(ctx, capv, mgr, concurrency(rarely))
		},
		func() error {
			return capvcontrollers.AddVSphereDeploymentZoneControllerToManager(ctx, capv, mgr, concurrency(rarely))
		},
	)
}

// addSSH adds the controllers of hosts that already run Linux. Their work on
// hosts ends with ctx.
func addSSH(ctx context.Context, mgr ctrl.Manager) error {
	return ssh.SetupWithManager(ctx, mgr, ssh.Options{PerMachine: perMachine, PerCluster: perCluster})
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
