package controlplane

import (
	"fmt"
	"net/http"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// newMapper knows the resources of this control plane without asking its API
// server, so that the manager can be set up while that one starts. Anything
// else is asked for.
func newMapper(crds []*apiextensionsv1.CustomResourceDefinition, config *rest.Config, http *http.Client) (meta.RESTMapper, error) {
	known := meta.NewDefaultRESTMapper(preferredVersions(crds))
	for _, kind := range []string{"Secret", "ConfigMap", "Event", "ServiceAccount"} {
		known.Add(corev1.SchemeGroupVersion.WithKind(kind), meta.RESTScopeNamespace)
	}
	known.Add(corev1.SchemeGroupVersion.WithKind("Namespace"), meta.RESTScopeRoot)
	known.Add(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"), meta.RESTScopeRoot)
	for _, kind := range []string{"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"} {
		known.Add(admissionregistrationv1.SchemeGroupVersion.WithKind(kind), meta.RESTScopeRoot)
	}
	for _, crd := range crds {
		scope := meta.RESTScope(meta.RESTScopeNamespace)
		if crd.Spec.Scope == apiextensionsv1.ClusterScoped {
			scope = meta.RESTScopeRoot
		}
		for _, version := range crd.Spec.Versions {
			gv := schema.GroupVersion{Group: crd.Spec.Group, Version: version.Name}
			names := crd.Spec.Names
			known.AddSpecific(gv.WithKind(names.Kind), gv.WithResource(names.Plural), gv.WithResource(names.Singular), scope)
			known.Add(gv.WithKind(names.ListKind), scope) // asked for its scope only
		}
	}
	asked, err := apiutil.NewDynamicRESTMapper(config, http)
	if err != nil {
		return nil, fmt.Errorf("set up the search for resources: %w", err)
	}
	return meta.FirstHitRESTMapper{MultiRESTMapper: meta.MultiRESTMapper{known, asked}}, nil
}

// preferredVersions are those to take where none is asked for: what is stored.
func preferredVersions(crds []*apiextensionsv1.CustomResourceDefinition) []schema.GroupVersion {
	preferred := []schema.GroupVersion{
		corev1.SchemeGroupVersion, apiextensionsv1.SchemeGroupVersion, admissionregistrationv1.SchemeGroupVersion,
	}
	for _, crd := range crds {
		for _, version := range crd.Spec.Versions {
			gv := schema.GroupVersion{Group: crd.Spec.Group, Version: version.Name}
			if version.Storage && !slices.Contains(preferred, gv) {
				preferred = append(preferred, gv)
			}
		}
	}
	return preferred
}
