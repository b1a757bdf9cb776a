package cilium

import (
	"bytes"
	"fmt"
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/providers"
)

// systemNamespaces are where the cluster's own pods run: without a policy
// that lets them, they could not speak to each other where the policy
// enforcement mode is "always". EKS Anywhere does the same for its namespaces
// (pkg/networking/cilium/network_policy.yaml).
func systemNamespaces(cfg *v1alpha1.Config) []string {
	list := []string{namespace}
	if cfg.Cluster.IsSelfManaged() {
		list = append(list, providers.Namespace)
	}
	if ref := cfg.Cluster.Spec.GitOpsRef; ref != nil {
		if flux := cfg.Flux[ref.Name]; flux != nil {
			list = append(list, flux.Spec.SystemNamespace)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// systemPolicies are the policies as a template of the chart, so that they
// come and go with the release. Helm leaves the namespaces: more than its
// policy is in them.
func systemPolicies(cfg *v1alpha1.Config) []byte {
	var b bytes.Buffer
	for _, name := range systemNamespaces(cfg) {
		if name != namespace {
			fmt.Fprintf(&b, `---
apiVersion: v1
kind: Namespace
metadata:
  name: %[1]s
  annotations:
    helm.sh/resource-policy: keep
`, name)
		}
		fmt.Fprintf(&b, `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-all-%[1]s
  namespace: %[1]s
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress: [{}]
  egress: [{}]
`, name)
	}
	return b.Bytes()
}
