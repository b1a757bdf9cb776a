package v1alpha1

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// registered is an example with an AWSRegistrationConfig of that spec.
func registered(t *testing.T, spec string) (*Config, Problems) {
	t.Helper()
	example, err := os.ReadFile("../../examples/vsphere.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return Decode("demo.yaml", fmt.Appendf(example, "---\napiVersion: groundwork.dev/v1alpha1\nkind: AWSRegistrationConfig\nmetadata:\n  name: demo\nspec:\n%s\n", spec))
}

func TestRegistration(t *testing.T) {
	for name, test := range map[string]struct{ spec, field, says string }{
		"least":         {"  region: eu-central-1\n  createRole: true", "", ""},
		"everything":    {"  region: us-gov-west-1\n  clusterName: Plant_7\n  connectorRoleARN: arn:aws-us-gov:iam::111122223333:role/path/eks-connector\n  tags: {team: a}\n  viewers: ['arn:aws:iam::111122223333:user/ops']\n  connectorImage: mirror.example.com/eks-connector:1\n  proxyConfiguration: {httpsProxy: 'http://proxy.example.com:3128'}", "", ""},
		"no region":     {"  createRole: true", "spec.region", "missing or empty"},
		"wrong region":  {"  region: Frankfurt\n  createRole: true", "spec.region", "is not an AWS region"},
		"no role":       {"  region: eu-central-1", "spec.connectorRoleARN", "no IAM role"},
		"two roles":     {"  region: eu-central-1\n  createRole: true\n  connectorRoleARN: arn:aws:iam::111122223333:role/r", "spec.createRole", "a role already"},
		"wrong role":    {"  region: eu-central-1\n  connectorRoleARN: eks-connector", "spec.connectorRoleARN", "is not the ARN of an IAM role"},
		"wrong name":    {"  region: eu-central-1\n  createRole: true\n  clusterName: -x", "spec.clusterName", "is not a name that EKS takes"},
		"wrong viewer":  {"  region: eu-central-1\n  createRole: true\n  viewers: [ops]", "spec.viewers[0]", "is not the ARN of an IAM user or role"},
		"long tag":      {"  region: eu-central-1\n  createRole: true\n  tags: {k: " + strings.Repeat("v", 257) + "}", "spec.tags", "too long"},
		"unknown field": {"  region: eu-central-1\n  createRole: true\n  regoin: x", "spec.regoin", "region"},
	} {
		t.Run(name, func(t *testing.T) {
			config, problems := registered(t, test.spec)
			problems = append(problems, config.Validate()...)
			if test.field == "" {
				if len(problems) > 0 {
					t.Fatalf("it has problems: %v", problems)
				}
				text, err := config.YAML()
				if again, p := Decode("again.yaml", text); err != nil || len(p) > 0 || again.AWSRegistration == nil {
					t.Errorf("written and read again it is %v, %v, %v", again.AWSRegistration, err, p)
				}
				return
			}
			if len(problems) != 1 || problems[0].Field != test.field || !strings.Contains(problems[0].String(), test.says) {
				t.Errorf("the problems are %v; want one of %s that says %q", problems, test.field, test.says)
			}
		})
	}
	config, _ := registered(t, "  region: eu-central-1\n  createRole: true")
	if unsupported := config.Unsupported(); len(unsupported) != 1 || unsupported[0].Object != "AWSRegistrationConfig/demo" {
		t.Errorf("unsupported is %v", unsupported)
	}
	if notes := config.Notes(); strings.Contains(fmt.Sprint(notes), "AWSRegistrationConfig") {
		t.Errorf("the notes are %v", notes)
	}
}

func TestRegisteredOnce(t *testing.T) {
	spec := "  region: eu-central-1\n  createRole: true"
	_, problems := registered(t, spec+"\n---\napiVersion: groundwork.dev/v1alpha1\nkind: AWSRegistrationConfig\nmetadata:\n  name: other\nspec:\n"+spec)
	if len(problems) != 1 || problems[0].Object != "AWSRegistrationConfig/other" {
		t.Errorf("the problems are %v", problems)
	}
}
