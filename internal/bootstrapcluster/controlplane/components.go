package controlplane

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	googleuuid "github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"

	"groundwork.dev/bootstrap/manifests"
)

// Where the API server keeps what is written before it starts.
const (
	etcdPrefix = "/registry"
	crdsKey    = etcdPrefix + "/apiextensions.k8s.io/customresourcedefinitions/"
)

// settled is how long ago a CRD that is written has been established. For 2 s
// after that moment the API server holds back the first objects of a kind, in
// case another API server has not heard of it; there is no other here.
const settled = time.Hour

// components are the CRDs and webhook configurations of this program's
// version, pointed at its webhooks.
type components struct {
	crds []*apiextensionsv1.CustomResourceDefinition
	// webhooks are the stored configurations by their keys.
	webhooks map[string][]byte
}

// loadComponents reads the embedded components and points them at the
// webhooks at url, whose certificates ca signs.
func loadComponents(url string, ca []byte) (*components, error) {
	c := &components{webhooks: map[string][]byte{}}
	for _, data := range manifests.CRDs() {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := json.Unmarshal(data, crd); err != nil {
			return nil, fmt.Errorf("read an embedded CRD: %w", err)
		}
		if conversion := crd.Spec.Conversion; conversion != nil && conversion.Webhook != nil {
			convert := url + "/convert"
			conversion.Webhook.ClientConfig = &apiextensionsv1.WebhookClientConfig{URL: &convert, CABundle: ca}
		}
		apiextensionsv1.SetDefaults_CustomResourceDefinition(crd)
		apiextensionsv1.SetDefaults_CustomResourceDefinitionSpec(&crd.Spec)
		c.crds = append(c.crds, crd)
	}
	for _, data := range manifests.WebhookConfigurations() {
		if err := c.addWebhooks(data, url, ca); err != nil {
			return nil, fmt.Errorf("read an embedded webhook configuration: %w", err)
		}
	}
	return c, nil
}

func (c *components) addWebhooks(data []byte, url string, ca []byte) error {
	// Both kinds are the same but for fields that are not looked at here.
	configuration := &admissionv1.ValidatingWebhookConfiguration{}
	if err := json.Unmarshal(data, configuration); err != nil {
		return err
	}
	if configuration.Kind == "MutatingWebhookConfiguration" {
		m := &admissionv1.MutatingWebhookConfiguration{}
		if err := json.Unmarshal(data, m); err != nil {
			return err
		}
		for i := range m.Webhooks {
			local(&m.Webhooks[i].ClientConfig, url, ca)
		}
		return c.store("mutatingwebhookconfigurations", m)
	}
	for i := range configuration.Webhooks {
		local(&configuration.Webhooks[i].ClientConfig, url, ca)
	}
	return c.store("validatingwebhookconfigurations", configuration)
}

// store keeps a configuration as it goes into etcd. Its identity follows from
// its name: it is written anew at every start.
func (c *components) store(resource string, o metav1.Object) error {
	key := etcdPrefix + "/" + resource + "/" + o.GetName()
	o.SetUID(types.UID(googleuuid.NewSHA1(googleuuid.NameSpaceURL, []byte(key)).String()))
	o.SetCreationTimestamp(longAgo())
	o.SetGeneration(1)
	data, err := json.Marshal(o)
	c.webhooks[key] = data
	return err
}

// local points a webhook at this process.
func local(c *admissionv1.WebhookClientConfig, url string, ca []byte) {
	target := url
	if c.Service != nil && c.Service.Path != nil {
		target += *c.Service.Path
	}
	c.Service, c.URL, c.CABundle = nil, &target, ca
}

// install writes the components into etcd, before an API server reads it, as
// one would have left them there: established, and long ago. That spares a
// start two to three seconds, of which the API server would spend one to
// write each CRD four times. What an earlier start has written stays where it
// is equal, and keeps its identity and stored versions where it is not.
func (c *components) install(ctx context.Context, etcd *clientv3.Client) error {
	var puts []clientv3.Op
	for _, crd := range c.crds {
		op, err := putCRD(ctx, etcd, crd)
		if err != nil {
			return fmt.Errorf("install CRD %s: %w", crd.Name, err)
		}
		puts = append(puts, op...)
	}
	for key, data := range c.webhooks {
		puts = append(puts, clientv3.OpPut(key, string(data)))
	}
	// All or nothing, and one sync to disk.
	if _, err := etcd.Txn(ctx).Then(puts...).Commit(); err != nil {
		return fmt.Errorf("install CRDs and webhook configurations: %w", err)
	}
	return nil
}

// putCRD returns the operation that brings one CRD up to date, nothing where
// it is.
func putCRD(ctx context.Context, etcd *clientv3.Client, crd *apiextensionsv1.CustomResourceDefinition) ([]clientv3.Op, error) {
	wanted := crd.DeepCopy()
	wanted.TypeMeta = metav1.TypeMeta{APIVersion: apiextensionsv1.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"}
	wanted.UID, wanted.Generation, wanted.CreationTimestamp = uuid.NewUUID(), 1, longAgo()
	wanted.Status = establishedStatus(wanted.Spec)

	answer, err := etcd.Get(ctx, crdsKey+crd.Name)
	if err != nil {
		return nil, err
	}
	if len(answer.Kvs) > 0 {
		old := &apiextensionsv1.CustomResourceDefinition{}
		// The API server stores what it changes in an older version.
		decoder := apiextensionsserver.Codecs.UniversalDecoder(apiextensionsv1.SchemeGroupVersion)
		if err := runtime.DecodeInto(decoder, answer.Kvs[0].Value, old); err != nil {
			return nil, fmt.Errorf("read what is installed: %w", err)
		}
		if equality.Semantic.DeepEqual(old.Spec, wanted.Spec) && equality.Semantic.DeepEqual(old.Labels, wanted.Labels) {
			return nil, nil
		}
		wanted.UID, wanted.Generation, wanted.CreationTimestamp = old.UID, old.Generation+1, old.CreationTimestamp
		for _, version := range old.Status.StoredVersions {
			if !slices.Contains(wanted.Status.StoredVersions, version) {
				wanted.Status.StoredVersions = append(wanted.Status.StoredVersions, version)
			}
		}
	}
	data, err := json.Marshal(wanted)
	return []clientv3.Op{clientv3.OpPut(crdsKey+crd.Name, string(data))}, err
}

func longAgo() metav1.Time {
	return metav1.NewTime(time.Now().Add(-settled).UTC().Truncate(time.Second))
}

// establishedStatus is what the API server's controllers would say of a CRD
// whose names collide with nobody's and whose schemas are structural, both of
// which a test makes sure of.
func establishedStatus(spec apiextensionsv1.CustomResourceDefinitionSpec) apiextensionsv1.CustomResourceDefinitionStatus {
	status := apiextensionsv1.CustomResourceDefinitionStatus{AcceptedNames: spec.Names}
	for _, c := range []apiextensionsv1.CustomResourceDefinitionCondition{
		{Type: apiextensionsv1.NamesAccepted, Reason: "NoConflicts", Message: "no conflicts found"},
		{Type: apiextensionsv1.Established, Reason: "InitialNamesAccepted", Message: "the initial names have been accepted"},
	} {
		c.Status, c.LastTransitionTime = apiextensionsv1.ConditionTrue, longAgo()
		status.Conditions = append(status.Conditions, c)
	}
	for _, version := range spec.Versions {
		if version.Storage {
			status.StoredVersions = []string{version.Name}
		}
	}
	return status
}
