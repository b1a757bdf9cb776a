package cluster

import (
	"slices"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// identity asks who may use the cluster's API besides the administrator.
func identity(d *draft.Draft) form.Page {
	var formerOIDC *v1alpha1.OIDCConfig
	var formerIAM *v1alpha1.AWSIamConfig
	return form.Page{
		ID: "identity", Title: "Sign-in",
		Intro: "Besides the administrator's certificate, the API server can accept users of an identity provider.",
		Fields: func() []form.Field {
			c := d.Config
			oidc := provider(d, v1alpha1.OIDCConfigKind, c.OIDC)
			fields := []form.Field{referred(d, "oidc", "OpenID Connect", "Yes accepts tokens of an OIDC issuer, such as Keycloak or Dex.", v1alpha1.OIDCConfigKind, oidc != nil,
				func(name string) {
					o := formerOIDC
					if o == nil {
						o = &v1alpha1.OIDCConfig{}
					}
					o.Name = name
					c.OIDC = with(c.OIDC, name, o)
				},
				func(name string) { formerOIDC = c.OIDC[name]; delete(c.OIDC, name) })}
			fields = append(fields, oidcFields(d, oidc)...)
			iam := provider(d, v1alpha1.AWSIamConfigKind, c.AWSIam)
			fields = append(fields, advanced(referred(d, "iam", "AWS IAM", "Yes accepts AWS IAM identities, by the AWS IAM authenticator. It is not supported yet.", v1alpha1.AWSIamConfigKind, iam != nil,
				func(name string) {
					o := formerIAM
					if o == nil {
						o = &v1alpha1.AWSIamConfig{Spec: v1alpha1.AWSIamConfigSpec{BackendMode: []string{"EKSConfigMap"}, Partition: "aws"}}
					}
					o.Name = name
					c.AWSIam = with(c.AWSIam, name, o)
				},
				func(name string) { formerIAM = c.AWSIam[name]; delete(c.AWSIam, name) }))...)
			return append(fields, iamFields(d, iam)...)
		},
	}
}

// provider is the identity provider of a kind that the cluster refers to.
func provider[T any](d *draft.Draft, kind string, objects map[string]*T) *T {
	for _, ref := range d.Config.Cluster.Spec.IdentityProviderRefs {
		if ref.Kind == kind {
			return objects[ref.Name]
		}
	}
	return nil
}

func with[T any](objects map[string]*T, name string, object *T) map[string]*T {
	if objects == nil {
		objects = map[string]*T{}
	}
	objects[name] = object
	return objects
}

// referred asks whether the cluster refers to an identity provider of a kind:
// add makes it, drop removes it.
func referred(d *draft.Draft, id, title, help, kind string, there bool, add, drop func(name string)) form.Field {
	spec := &d.Config.Cluster.Spec
	a, path := ofCluster(d, "identityProviderRefs"), ""
	if i := slices.IndexFunc(spec.IdentityProviderRefs, func(r v1alpha1.Ref) bool { return r.Kind == kind }); i >= 0 {
		path = indexed(i)
	}
	field := a.ask(id, title, path, help, answer{kind: form.Toggle,
		get: func() string {
			if there || path != "" {
				return "true"
			}
			return "false"
		},
		set: func(chosen string) error {
			yes := chosen == "true"
			if yes == (there || path != "") {
				return nil
			}
			if yes {
				name := d.Name()
				if name == "" {
					name = "cluster"
				}
				add(name)
				spec.IdentityProviderRefs = append(spec.IdentityProviderRefs, v1alpha1.Ref{Kind: kind, Name: name})
				return nil
			}
			for _, ref := range spec.IdentityProviderRefs {
				if ref.Kind == kind {
					drop(ref.Name)
				}
			}
			spec.IdentityProviderRefs = slices.DeleteFunc(spec.IdentityProviderRefs, func(r v1alpha1.Ref) bool { return r.Kind == kind })
			if len(spec.IdentityProviderRefs) == 0 {
				spec.IdentityProviderRefs = nil
			}
			return nil
		}})
	if path == "" {
		field.Object = ""
	}
	return field
}
