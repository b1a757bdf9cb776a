package v1alpha1

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
)

// kubeletField is the name of the fields that hold a KubeletConfiguration.
const kubeletField = "kubeletConfiguration"

// kubeletSchema decodes node a second time, into the kubelet's own type, for
// the problems alone.
func (d *decoder) kubeletSchema(node *yaml.Node, path string, depth int) {
	schema := &decoder{file: d.file, document: d.document, values: d.values}
	schema.value(node, reflect.ValueOf(&kubeletv1beta1.KubeletConfiguration{}).Elem(), path, depth)
	d.problems = append(d.problems, schema.problems...)
	d.values = schema.values
}

// defaultKubelet fills in what tells a KubeletConfiguration from any object.
func defaultKubelet(object map[string]any) {
	for name, value := range map[string]string{"apiVersion": kubeletAPIVersion, "kind": kubeletKind} {
		if object[name] == nil {
			object[name] = value
		}
	}
}

// kubelet validates what the schema of a KubeletConfiguration does not.
func (v *validator) kubelet(path string, config *unstructured.Unstructured) {
	if config == nil {
		return
	}
	if kind := config.GetKind(); kind != kubeletKind {
		v.cluster(path+".kind", fmt.Sprintf("the kind is %s", quote(kind)), "write kind: "+kubeletKind)
	}
	if apiVersion := config.GetAPIVersion(); apiVersion != kubeletAPIVersion {
		v.cluster(path+".apiVersion", fmt.Sprintf("the apiVersion is %s", quote(apiVersion)), "write apiVersion: "+kubeletAPIVersion)
	}
	if _, has := config.Object["providerID"]; has {
		v.cluster(path+".providerID", "the node's providerID is set by the provider, for each machine", "remove it")
	}
}

// auditLevels are the levels of audit.k8s.io/v1.
var auditLevels = []string{
	string(auditv1.LevelNone), string(auditv1.LevelMetadata), string(auditv1.LevelRequest), string(auditv1.LevelRequestResponse),
}

// auditPolicy validates the policy as far as the API server does when it
// starts: with a policy that it refuses, it does not come up.
func (v *validator) auditPolicy(content string) {
	if content == "" {
		return
	}
	const path = "spec.controlPlaneConfiguration.auditPolicyContent"
	problem := func(p Problem) {
		message := p.Message
		if p.Field != "" {
			message = p.Field + ": " + message
		}
		if p.Line > 0 {
			message = fmt.Sprintf("line %d of the policy: %s", p.Line, message)
		}
		v.cluster(path, message, p.Remedy)
	}
	documents, problems := parseDocuments("", []byte(content))
	for _, p := range problems {
		problem(p)
	}
	if len(documents) != 1 {
		if len(problems) == 0 {
			v.cluster(path, fmt.Sprintf("there are %d objects in the policy, and it must be one", len(documents)), "write one Policy of audit.k8s.io/v1")
		}
		return
	}
	policy := auditv1.Policy{}
	decoder := &decoder{document: documents[0]}
	decoder.value(documents[0].root, reflect.ValueOf(&policy).Elem(), "", 0)
	for _, p := range decoder.problems {
		problem(p)
	}
	if len(decoder.problems) > 0 {
		return
	}
	if policy.APIVersion != auditv1.SchemeGroupVersion.String() || policy.Kind != "Policy" {
		v.cluster(path, fmt.Sprintf("the policy is %s of %s", quote(policy.Kind), quote(policy.APIVersion)), "write apiVersion: audit.k8s.io/v1 and kind: Policy")
	}
	if len(policy.Rules) == 0 {
		v.cluster(path, "the policy has no rules, and the API server would refuse it", "add a rule, such as level: Metadata")
	}
	for i, rule := range policy.Rules {
		if !slices.Contains(auditLevels, string(rule.Level)) {
			v.cluster(path, fmt.Sprintf("rules[%d].level: there is no audit level %s", i, quote(string(rule.Level))), "use "+strings.Join(auditLevels, ", "))
		}
	}
}
