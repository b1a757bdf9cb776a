package bootstrapcluster

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	bootstrapv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
)

func TestStagesAreReported(t *testing.T) {
	sharedForTest(t)
	for _, name := range []string{
		controlplane.StageEtcd, controlplane.StageAPIServer, controlplane.StageCRDs,
		controlplane.StageWebhooks, controlplane.StageControllers,
	} {
		i := slices.IndexFunc(sharedStages, func(s Stage) bool { return s.Name == name })
		if i < 0 {
			t.Errorf("stage %q was not reported", name)
			continue
		}
		s := sharedStages[i]
		t.Logf("%-18s %5.2f s %4d MB", s.Name, s.Seconds, s.RSS>>20)
		if s.Seconds <= 0 || s.RSS < 10<<20 {
			t.Errorf("stage %q: %v s, %d bytes", name, s.Seconds, s.RSS)
		}
	}
}

// newNamespace makes a namespace that the test deletes again.
func newNamespace(t *testing.T, c *Cluster) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	create(t, c, ns)
	t.Cleanup(func() { _ = c.Client().Delete(context.Background(), ns) })
	return ns.Name
}

func create(t *testing.T, c *Cluster, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		if err := c.Client().Create(t.Context(), o); err != nil {
			t.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

// eventually waits until f says that it is so.
func eventually(t *testing.T, what string, f func(context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, f); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func eventuallyGone(t *testing.T, c *Cluster, o client.Object) {
	t.Helper()
	eventually(t, "wait until "+o.GetName()+" is gone", func(ctx context.Context) (bool, error) {
		err := c.Client().Get(ctx, client.ObjectKeyFromObject(o), o)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
}

func TestConvertsBothWays(t *testing.T) {
	c := sharedForTest(t)
	ns := newNamespace(t, c)
	old := &bootstrapv1beta1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "old"}}
	old.Spec.Template.Spec.JoinConfiguration = &bootstrapv1beta1.JoinConfiguration{
		NodeRegistration: bootstrapv1beta1.NodeRegistrationOptions{KubeletExtraArgs: map[string]string{"cloud-provider": "external"}},
	}
	create(t, c, old)
	var current bootstrapv1.KubeadmConfigTemplate
	if err := c.Client().Get(t.Context(), client.ObjectKeyFromObject(old), &current); err != nil {
		t.Fatal(err)
	}
	// v1beta1 has a map where v1beta2 has a list.
	args := current.Spec.Template.Spec.JoinConfiguration.NodeRegistration.KubeletExtraArgs
	if len(args) != 1 || args[0].Name != "cloud-provider" || args[0].Value == nil || *args[0].Value != "external" {
		t.Errorf("v1beta1's kubeletExtraArgs became %+v", args)
	}

	current = bootstrapv1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "current"}}
	current.Spec.Template.Spec.JoinConfiguration.NodeRegistration.KubeletExtraArgs = args
	create(t, c, &current)
	var back bootstrapv1beta1.KubeadmConfigTemplate
	if err := c.Client().Get(t.Context(), client.ObjectKeyFromObject(&current), &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Spec.Template.Spec.JoinConfiguration.NodeRegistration.KubeletExtraArgs["cloud-provider"]; got != "external" {
		t.Errorf("v1beta2's kubeletExtraArgs came back with cloud-provider=%q", got)
	}
}

func TestWebhooksDefaultAndReject(t *testing.T) {
	c := sharedForTest(t)
	ns := newNamespace(t, c)
	replicas := int32(1)
	md := &clusterv1.MachineDeployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "workers"},
		Spec: clusterv1.MachineDeploymentSpec{
			ClusterName: "demo", Replicas: &replicas,
			Template: clusterv1.MachineTemplateSpec{Spec: clusterv1.MachineSpec{
				ClusterName: "demo", Version: "not a version",
				Bootstrap:         clusterv1.Bootstrap{ConfigRef: clusterv1.ContractVersionedObjectReference{APIGroup: "bootstrap.cluster.x-k8s.io", Kind: "KubeadmConfigTemplate", Name: "workers"}},
				InfrastructureRef: clusterv1.ContractVersionedObjectReference{APIGroup: "infrastructure.cluster.x-k8s.io", Kind: "VSphereMachineTemplate", Name: "workers"},
			}},
		},
	}
	err := c.Client().Create(t.Context(), md)
	if err == nil || !strings.Contains(err.Error(), "admission webhook") || !strings.Contains(err.Error(), "spec.template.spec.version") {
		t.Errorf("a MachineDeployment of no version: %v", err)
	}
	md.Spec.Template.Spec.Version = "1.35.0"
	create(t, c, md)
	if got := md.Spec.Template.Spec.Version; got != "v1.35.0" {
		t.Errorf("the webhook left version %q", got)
	}
}

func TestNamespaceDeletion(t *testing.T) {
	c := sharedForTest(t)
	ns := newNamespace(t, c)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "a"}}
	template := &bootstrapv1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "b"}}
	create(t, c, secret, template)
	if err := c.Client().Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}); err != nil {
		t.Fatal(err)
	}
	eventuallyGone(t, c, secret)
	eventuallyGone(t, c, template)
	eventuallyGone(t, c, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})
}

func TestGarbageCollection(t *testing.T) {
	c := sharedForTest(t)
	ns := newNamespace(t, c)
	owner := &bootstrapv1.KubeadmConfigTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "owner"}}
	create(t, c, owner)
	owned := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "owned", OwnerReferences: []metav1.OwnerReference{
		{APIVersion: bootstrapv1.GroupVersion.String(), Kind: "KubeadmConfigTemplate", Name: owner.Name, UID: owner.UID},
	}}}
	create(t, c, owned)
	if err := c.Client().Delete(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	eventuallyGone(t, c, owned)
}

func TestStrangersAreRefused(t *testing.T) {
	c := sharedForTest(t)
	for name, token := range map[string]string{"anonymous": "", "a wrong token": "0123456789"} {
		config := rest.AnonymousClientConfig(c.RESTConfig())
		config.BearerToken = token
		config.Dial = c.RESTConfig().Dial
		stranger, err := rest.HTTPClientFor(config)
		if err != nil {
			t.Fatal(err)
		}
		response, err := stranger.Get(config.Host + "/api/v1/secrets")
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", name, response.Status)
		}
		if err := response.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
