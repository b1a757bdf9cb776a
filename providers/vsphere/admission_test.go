package vsphere

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	jsonpatch "gomodules.xyz/jsonpatch/v2"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ipamv1 "sigs.k8s.io/cluster-api-ipam-provider-in-cluster/api/v1alpha2"
	infrav1 "sigs.k8s.io/cluster-api-provider-vsphere/api/govmomi/v1beta2"
	vspherewebhooks "sigs.k8s.io/cluster-api-provider-vsphere/webhooks"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	bootstrapwebhooks "sigs.k8s.io/cluster-api/bootstrap/kubeadm/webhooks"
	controlplanewebhooks "sigs.k8s.io/cluster-api/controlplane/kubeadm/webhooks"
	clusterwebhooks "sigs.k8s.io/cluster-api/webhooks"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func testScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, clusterv1.AddToScheme, bootstrapv1.AddToScheme, controlplanev1.AddToScheme,
		infrav1.AddToScheme, ipamv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return scheme
}

// admissionServer serves the webhooks of Cluster API and CAPV as their
// managers do, without an API server behind them.
func admissionServer(t *testing.T, scheme *runtime.Scheme) http.Handler {
	t.Helper()
	server := &webhook.DefaultServer{Options: webhook.Options{Host: "127.0.0.1"}}
	mgr, err := ctrl.NewManager(&rest.Config{Host: "http://127.0.0.1:1"}, ctrl.Options{
		Scheme:        scheme,
		WebhookServer: server,
		Metrics:       metricsserver.Options{BindAddress: "0"},
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) {
			return meta.NewDefaultRESTMapper(nil), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface{ SetupWebhookWithManager(ctrl.Manager) error }{
		&clusterwebhooks.Cluster{Client: fake.NewClientBuilder().WithScheme(scheme).Build()},
		&clusterwebhooks.MachineDeployment{},
		&clusterwebhooks.MachineHealthCheck{},
		&bootstrapwebhooks.KubeadmConfigTemplate{},
		&controlplanewebhooks.KubeadmControlPlane{},
		&vspherewebhooks.VSphereMachineTemplate{},
		&vspherewebhooks.VSphereDeploymentZone{},
		&vspherewebhooks.VSphereFailureDomain{},
	} {
		if err := w.SetupWebhookWithManager(mgr); err != nil {
			t.Fatal(err)
		}
	}
	return server.WebhookMux()
}

// admit asks a webhook about making the object; nil where there is none.
func admit(t *testing.T, server http.Handler, path string, object client.Object) *admissionv1.AdmissionResponse {
	t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	gvk := object.GetObjectKind().GroupVersionKind()
	kind := metav1.GroupVersionKind{Group: gvk.Group, Version: gvk.Version, Kind: gvk.Kind}
	review, err := json.Marshal(admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "1", Kind: kind, RequestKind: &kind, Operation: admissionv1.Create,
			Name: object.GetName(), Namespace: object.GetNamespace(), Object: runtime.RawExtension{Raw: raw},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, bytes.NewReader(review))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, request)
	if recorder.Code == http.StatusNotFound {
		return nil
	}
	var answer admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || answer.Response == nil {
		t.Fatalf("%s answered %d %q", path, recorder.Code, recorder.Body)
	}
	return answer.Response
}

func webhookPath(verb string, object client.Object) string {
	gvk := object.GetObjectKind().GroupVersionKind()
	return "/" + verb + "-" + strings.ReplaceAll(gvk.Group, ".", "-") + "-" + gvk.Version + "-" + strings.ToLower(gvk.Kind)
}

func TestWebhooksAcceptEveryObject(t *testing.T) {
	server := admissionServer(t, testScheme(t))
	asked := map[string]bool{}
	for _, object := range fullObjects(t) {
		kind := object.GetObjectKind().GroupVersionKind().Kind
		if answer := admit(t, server, webhookPath("mutate", object), object); answer != nil {
			asked[kind] = true
			if !answer.Allowed {
				t.Errorf("%s %s is refused: %s", kind, object.GetName(), answer.Result.Message)
			}
			checkDefaults(t, object, answer.Patch)
		}
		if answer := admit(t, server, webhookPath("validate", object), object); answer != nil {
			asked[kind] = true
			if !answer.Allowed {
				t.Errorf("%s %s is invalid: %s", kind, object.GetName(), answer.Result.Message)
			}
			if len(answer.Warnings) > 0 {
				t.Errorf("%s %s: %q", kind, object.GetName(), answer.Warnings)
			}
		}
	}
	for _, kind := range []string{"Cluster", "KubeadmControlPlane", "KubeadmConfigTemplate", "MachineDeployment", "MachineHealthCheck",
		"VSphereMachineTemplate", "VSphereFailureDomain", "VSphereDeploymentZone"} {
		if !asked[kind] {
			t.Errorf("no webhook was asked about %s", kind)
		}
	}
}

// checkDefaults fails where a webhook changes what we have set: it may only
// fill in what we leave open.
func checkDefaults(t *testing.T, object client.Object, patch []byte) {
	t.Helper()
	if len(patch) == 0 {
		return
	}
	var operations []jsonpatch.Operation
	if err := json.Unmarshal(patch, &operations); err != nil {
		t.Fatal(err)
	}
	for _, operation := range operations {
		if operation.Operation != "add" {
			t.Errorf("%T %s: a webhook would %s %s", object, object.GetName(), operation.Operation, operation.Path)
		}
	}
}

func TestAWebhookIsReallyAsked(t *testing.T) {
	server := admissionServer(t, testScheme(t))
	for _, object := range fullObjects(t) {
		template, ok := object.(*infrav1.VSphereMachineTemplate)
		if !ok {
			continue
		}
		template.Spec.Template.Spec.HardwareVersion = "nonsense"
		if answer := admit(t, server, webhookPath("validate", template), template); answer.Allowed {
			t.Error("a hardware version of nonsense is accepted")
		}
		return
	}
	t.Fatal("no VSphereMachineTemplate")
}
