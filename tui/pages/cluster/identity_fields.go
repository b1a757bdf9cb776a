package cluster

import (
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

func indexed(i int) string { return fmt.Sprintf("[%d]", i) }

func oidcFields(d *draft.Draft, o *v1alpha1.OIDCConfig) []form.Field {
	if o == nil {
		return nil
	}
	a, spec := of(d, draft.Object(v1alpha1.OIDCConfigKind, o.Name), ""), &o.Spec
	fields := []form.Field{
		example(a.ask("issuer", "Issuer", "issuerUrl", "The issuer's https URL, as it stands in its tokens.", text(&spec.IssuerUrl)), "https://issuer.example.com"),
		a.ask("client", "Client ID", "clientId", "The client that tokens are issued for.", text(&spec.ClientId)),
	}
	return append(fields, advanced(
		means(a.ask("usernameClaim", "User claim", "usernameClaim", "The claim that holds the user's name.", text(&spec.UsernameClaim)), "sub"),
		a.ask("usernamePrefix", "User prefix", "usernamePrefix", "It is put before users' names.", text(&spec.UsernamePrefix)),
		a.ask("groupsClaim", "Groups claim", "groupsClaim", "The claim that holds the user's groups.", text(&spec.GroupsClaim)),
		a.ask("groupsPrefix", "Groups prefix", "groupsPrefix", "It is put before groups' names.", text(&spec.GroupsPrefix)),
		a.ask("requiredClaim", "Required claim", "requiredClaims", "claim=value: tokens without it are refused.", claims(&spec.RequiredClaims)),
	)...)
}

// claims takes "claim=value" on each line.
func claims(value *[]v1alpha1.OIDCConfigRequiredClaim) answer {
	return answer{kind: form.Text,
		get: func() string {
			var all []string
			for _, c := range *value {
				all = append(all, c.Claim+"="+c.Value)
			}
			return strings.Join(all, ", ")
		},
		set: func(typed string) error {
			var all []v1alpha1.OIDCConfigRequiredClaim
			if typed = strings.TrimSpace(typed); typed != "" {
				claim, text, found := strings.Cut(typed, "=")
				if !found {
					return refuse("write claim=value", "%q has no value", typed)
				}
				all = append(all, v1alpha1.OIDCConfigRequiredClaim{Claim: strings.TrimSpace(claim), Value: strings.TrimSpace(text)})
			}
			*value = all
			return nil
		}}
}

func iamFields(d *draft.Draft, o *v1alpha1.AWSIamConfig) []form.Field {
	if o == nil {
		return nil
	}
	a, spec := of(d, draft.Object(v1alpha1.AWSIamConfigKind, o.Name), ""), &o.Spec
	modes := choose(a.ask("iamBackend", "IAM mappings are in", "backendMode", "Where the authenticator finds its mappings.", lines(&spec.BackendMode)),
		form.Option{Value: "EKSConfigMap", Detail: "a ConfigMap"}, form.Option{Value: "CRD", Detail: "objects of their own"})
	modes.Kind = form.Choices
	const mapping = "ARN, user and groups, one mapping on each line: arn:aws:iam::111122223333:role/ops ops system:masters"
	return advanced(
		example(a.ask("iamRegion", "AWS region", "awsRegion", "The region of AWS to ask.", text(&spec.AWSRegion)), "us-west-2"),
		modes,
		a.ask("iamRoles", "IAM roles", "mapRoles", mapping, mappings(&spec.MapRoles,
			func(m v1alpha1.MapRoles) mapped { return mapped{m.RoleARN, m.Username, m.Groups} },
			func(m mapped) v1alpha1.MapRoles {
				return v1alpha1.MapRoles{RoleARN: m.arn, Username: m.user, Groups: m.groups}
			})),
		a.ask("iamUsers", "IAM users", "mapUsers", mapping, mappings(&spec.MapUsers,
			func(m v1alpha1.MapUsers) mapped { return mapped{m.UserARN, m.Username, m.Groups} },
			func(m mapped) v1alpha1.MapUsers {
				return v1alpha1.MapUsers{UserARN: m.arn, Username: m.user, Groups: m.groups}
			})),
		a.ask("iamPartition", "AWS partition", "partition", "aws, aws-cn or aws-us-gov.", text(&spec.Partition)),
	)
}

// mapped is an IAM identity and what it is in the cluster.
type mapped struct {
	arn, user string
	groups    []string
}

// mappings takes an ARN, a user and groups on each line.
func mappings[T any](value *[]T, from func(T) mapped, to func(mapped) T) answer {
	return answer{kind: form.Lines,
		get: func() string {
			var all []string
			for _, item := range *value {
				m := from(item)
				all = append(all, strings.TrimSpace(m.arn+" "+m.user+" "+strings.Join(m.groups, " ")))
			}
			return strings.Join(all, "\n")
		},
		set: func(typed string) error {
			var all []T
			for _, line := range split(typed) {
				words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
				if len(words) < 2 {
					return refuse("write the ARN, a space and the user's name in the cluster", "%q has no user", line)
				}
				m := mapped{arn: words[0], user: words[1]}
				if len(words) > 2 {
					m.groups = words[2:]
				}
				all = append(all, to(m))
			}
			*value = all
			return nil
		}}
}
