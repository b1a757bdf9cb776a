package manager

import (
	capvwebhooks "sigs.k8s.io/cluster-api-provider-vsphere/webhooks"
	bootstrapwebhooks "sigs.k8s.io/cluster-api/bootstrap/kubeadm/webhooks"
	"sigs.k8s.io/cluster-api/controllers/clustercache"
	controlplanewebhooks "sigs.k8s.io/cluster-api/controlplane/kubeadm/webhooks"
	"sigs.k8s.io/cluster-api/webhooks"
	ctrl "sigs.k8s.io/controller-runtime"
)

// addWebhooks adds defaulting, validation and, with the first of them, the
// conversion of every kind that the scheme knows in several versions. The
// kinds behind a feature gate that is off are among them: their webhooks
// reject them with a message that says so.
func addWebhooks(mgr ctrl.Manager, clusters clustercache.ClusterCache) error {
	c := mgr.GetClient()
	for _, w := range []interface {
		SetupWebhookWithManager(ctrl.Manager) error
	}{
		&webhooks.ClusterClass{Client: c},
		&webhooks.Cluster{Client: c, ClusterCacheReader: clusters},
		&webhooks.Machine{},
		&webhooks.MachineSet{},
		&webhooks.MachineDeployment{},
		&webhooks.MachineDrainRule{},
		&webhooks.MachinePool{},
		&webhooks.MachineHealthCheck{},
		&webhooks.ClusterResourceSet{},
		&webhooks.ClusterResourceSetBinding{},
		&webhooks.ExtensionConfig{},
		&webhooks.IPAddress{Client: mgr.GetAPIReader()},
		&webhooks.IPAddressClaim{},

		&bootstrapwebhooks.KubeadmConfig{},
		&bootstrapwebhooks.KubeadmConfigTemplate{},

		&controlplanewebhooks.KubeadmControlPlane{},
		&controlplanewebhooks.ScaleValidator{Client: c},
		&controlplanewebhooks.KubeadmControlPlaneTemplate{},

		&capvwebhooks.VSphereClusterTemplate{},
		&capvwebhooks.VSphereMachine{},
		&capvwebhooks.VSphereMachineTemplate{},
		&capvwebhooks.VSphereVM{},
		&capvwebhooks.VSphereDeploymentZone{},
		&capvwebhooks.VSphereFailureDomain{},
	} {
		if err := w.SetupWebhookWithManager(mgr); err != nil {
			return err
		}
	}
	return nil
}
