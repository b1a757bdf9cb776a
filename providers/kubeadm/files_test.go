package kubeadm

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"k8s.io/apiserver/pkg/audit/policy"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

func TestContentThatJinjaWouldRenderIsEncoded(t *testing.T) {
	for text, encoded := range map[string]bool{
		"plain":              false,
		"a {b} c":            false,
		"{{ ds.meta_data }}": true,
		"{% if x %}":         true,
		"${#var}":            true,
	} {
		f := File("/x", text)
		if (f.Encoding == bootstrapv1.Base64) != encoded {
			t.Errorf("%q has encoding %q", text, f.Encoding)
			continue
		}
		got := f.Content
		if encoded {
			data, err := base64.StdEncoding.DecodeString(f.Content)
			if err != nil {
				t.Fatal(err)
			}
			got = string(data)
		}
		if got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestDefaultAuditPolicyIsOneThatTheAPIServerLoads(t *testing.T) {
	if _, err := policy.LoadPolicyFromBytes([]byte(defaultAuditPolicy)); err != nil {
		t.Fatal(err)
	}
}

// The first rule that matches decides, so no rule that logs bodies may stand
// before the one that keeps those of secrets out.
func TestDefaultAuditPolicyKeepsSecretsOut(t *testing.T) {
	loaded, err := policy.LoadPolicyFromBytes([]byte(defaultAuditPolicy))
	if err != nil {
		t.Fatal(err)
	}
	for i, rule := range loaded.Rules {
		for _, group := range rule.Resources {
			for _, resource := range group.Resources {
				if group.Group == "" && resource == "secrets" {
					if rule.Level != "Metadata" {
						t.Errorf("rule %d logs secrets with level %s", i, rule.Level)
					}
					return
				}
			}
			matchesSecrets := group.Group == "" && len(group.Resources) == 0
			if matchesSecrets && rule.Level != "None" && rule.Level != "Metadata" {
				t.Fatalf("rule %d logs the content of all core resources before secrets are taken out", i)
			}
		}
		if len(rule.Resources) == 0 && len(rule.NonResourceURLs) == 0 && rule.Level != "None" {
			t.Fatalf("rule %d logs everything before secrets are taken out", i)
		}
	}
	t.Error("no rule takes secrets out")
}

func TestUsersAuditPolicyIsTakenAsItIs(t *testing.T) {
	const users = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]"
	spec := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) { c.ControlPlaneConfiguration.AuditPolicyContent = "\n" + users + "\n\n" }))
	if got := content(t, spec, auditPolicyPath); got != users+"\n" {
		t.Errorf("got %q", got)
	}
}

func TestEncryptionConfigurationIsStrictlyOne(t *testing.T) {
	size := int32(5)
	spec := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) {
		c.EtcdEncryption = []v1alpha1.EtcdEncryption{{
			Resources: []string{"secrets"},
			Providers: []v1alpha1.EtcdEncryptionProvider{{KMS: &v1alpha1.KMS{Name: "k", SocketListenAddress: "unix:///k", CacheSize: &size}}},
		}}
	}))
	var got apiserverv1.EncryptionConfiguration
	if err := yaml.UnmarshalStrict([]byte(content(t, spec, encryptionHostPath)), &got); err != nil {
		t.Fatal(err)
	}
	providers := got.Resources[0].Providers
	if len(providers) != 2 || providers[0].KMS == nil || *providers[0].KMS.CacheSize != size || providers[1].Identity == nil {
		t.Errorf("the providers are %+v; identity must be last", providers)
	}
	if got.APIVersion != "apiserver.config.k8s.io/v1" || got.Kind != "EncryptionConfiguration" {
		t.Errorf("it is a %s %s", got.APIVersion, got.Kind)
	}
}

func TestAdmissionRulesAreJSON(t *testing.T) {
	skip := true
	spec := controlPlane(t, testNode(func(c *v1alpha1.ClusterSpec) { c.ControlPlaneConfiguration.SkipAdmissionForSystemResources = &skip }))
	var rules []map[string]any
	if err := json.Unmarshal([]byte(content(t, spec, admissionRulesPath)), &rules); err != nil {
		t.Fatal(err)
	}
	for i, rule := range rules {
		for _, field := range []string{"apiGroup", "apiVersion", "kind", "scope", "name", "username"} {
			if _, there := rule[field]; !there {
				t.Errorf("rule %d has no %s", i, field)
			}
		}
		if (rule["scope"] == "Namespaced") != (rule["namespace"] != nil) {
			t.Errorf("rule %d: scope %v and namespace %v", i, rule["scope"], rule["namespace"])
		}
	}
	if has(controlPlane(t, testNode(nil)), admissionRulesPath) {
		t.Error("the rules are there without being asked for")
	}
}

func TestContentNames(t *testing.T) {
	name := func(content any) string {
		got, err := ContentName("base", content)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if name(map[string]int{"a": 1, "b": 2}) != name(map[string]int{"b": 2, "a": 1}) {
		t.Error("the same content has two names")
	}
	if name(1) == name(2) {
		t.Error("two contents have one name")
	}
}
