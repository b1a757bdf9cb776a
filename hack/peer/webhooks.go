package peer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"path"
	"slices"
	"strconv"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/manifests"
)

// providerLabel says on each object whose it is; clusterctl relies on it too.
const providerLabel = "cluster.x-k8s.io/provider"

// Webhooks are where the managers serve admission and conversion: one
// certificate for all, and a port of its own for each. Ports were free when
// NewWebhooks looked; the stock managers open them on every interface.
type Webhooks struct {
	// CertDir holds tls.crt and tls.key.
	CertDir string
	// CA is the PEM certificate that the API server trusts.
	CA    []byte
	Ports map[Name]int
}

// NewWebhooks makes a certificate in dir and finds ports.
func NewWebhooks(dir string) (*Webhooks, error) {
	ports, err := freePorts(len(managers))
	if err != nil {
		return nil, err
	}
	ca, err := writeCertificate(dir)
	if err != nil {
		return nil, fmt.Errorf("make the webhooks' certificate: %w", err)
	}
	w := &Webhooks{CertDir: dir, CA: ca, Ports: map[Name]int{}}
	for i, m := range managers {
		w.Ports[m.name] = ports[i]
	}
	return w, nil
}

// Install applies the CustomResourceDefinitions and the webhook configurations
// of all managers, in place of any that lead elsewhere, and returns once every
// definition is established. Until Start has returned, the API server refuses
// objects of their kinds. c knows the types of apiextensions.k8s.io.
func (w *Webhooks) Install(ctx context.Context, c client.Client) error {
	var crds []string
	for _, data := range slices.Concat(manifests.CRDs(), manifests.WebhookConfigurations()) {
		object, err := w.aimed(data)
		if err != nil {
			return err
		}
		err = c.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("peer"), client.ForceOwnership)
		if err != nil {
			return fmt.Errorf("apply the %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		if object.GetKind() == "CustomResourceDefinition" {
			crds = append(crds, object.GetName())
		}
	}
	for _, name := range crds {
		err := poll(ctx, func(ctx context.Context) (bool, error) {
			var crd apiextensionsv1.CustomResourceDefinition
			if err := c.Get(ctx, client.ObjectKey{Name: name}, &crd); err != nil {
				return false, err
			}
			for _, condition := range crd.Status.Conditions {
				if condition.Type == apiextensionsv1.Established {
					return condition.Status == apiextensionsv1.ConditionTrue, nil
				}
			}
			return false, nil
		})
		if err != nil {
			return fmt.Errorf("wait until the definition %s is established: %w", name, err)
		}
	}
	return nil
}

// aimed is an object whose webhooks lead to the manager that it belongs to.
func (w *Webhooks) aimed(data []byte) (*unstructured.Unstructured, error) {
	object := &unstructured.Unstructured{}
	if err := json.Unmarshal(data, &object.Object); err != nil {
		return nil, fmt.Errorf("read a manifest: %w", err)
	}
	var configurations []map[string]any
	if conversion, found, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "conversion", "webhook", "clientConfig"); found {
		configurations = append(configurations, conversion.(map[string]any))
	}
	if webhooks, found, _ := unstructured.NestedFieldNoCopy(object.Object, "webhooks"); found {
		for _, webhook := range webhooks.([]any) {
			configurations = append(configurations, webhook.(map[string]any)["clientConfig"].(map[string]any))
		}
	}
	if len(configurations) == 0 {
		return object, nil
	}
	provider := object.GetLabels()[providerLabel]
	port, ok := w.port(provider)
	if !ok {
		return nil, fmt.Errorf("%s %s belongs to %q, which is none of the managers", object.GetKind(), object.GetName(), provider)
	}
	for _, configuration := range configurations {
		location, _, err := unstructured.NestedString(configuration, "service", "path")
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
		delete(configuration, "service")
		configuration["url"] = "https://" + net.JoinHostPort(loopback, strconv.Itoa(port)) + path.Join("/", location)
		configuration["caBundle"] = base64.StdEncoding.EncodeToString(w.CA)
	}
	return object, nil
}

func (w *Webhooks) port(provider string) (int, bool) {
	for _, m := range managers {
		if m.provider == provider {
			return w.Ports[m.name], true
		}
	}
	return 0, false
}
