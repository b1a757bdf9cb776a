package cluster

import (
	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// registration asks whether the cluster is to appear in the AWS console.
func registration(d *draft.Draft) form.Page {
	var former *v1alpha1.AWSRegistrationConfig
	var formerProxy *v1alpha1.ProxyConfiguration
	return form.Page{
		ID: "registration", Title: "AWS",
		Intro: "A cluster can be registered with Amazon EKS, to be looked at in the AWS console. Nothing else of it is in AWS.",
		Fields: func() []form.Field {
			whether := of(d, registrationObject(d), "").ask("register", "Register it", "",
				"Yes connects it by EKS Connector. It is not supported yet: a configuration with it can be saved, and not be created.",
				present(&d.Config.AWSRegistration, func() *v1alpha1.AWSRegistrationConfig {
					r := former
					if r == nil {
						r = &v1alpha1.AWSRegistrationConfig{Spec: v1alpha1.AWSRegistrationConfigSpec{CreateRole: true}}
					}
					r.Name, r.Namespace = d.Name(), d.Config.Cluster.Namespace
					if r.Name == "" {
						r.Name = "cluster"
					}
					return r
				}, func(was *v1alpha1.AWSRegistrationConfig) { former = was }))
			whether.Path = "kind" // that it is there at all
			fields := []form.Field{whether}
			if d.Config.AWSRegistration == nil {
				return fields
			}
			spec := &d.Config.AWSRegistration.Spec
			a := of(d, registrationObject(d), "")
			fields = append(fields,
				example(a.ask("region", "AWS region", "region", "The region whose console shows it.", text(&spec.Region)), "eu-central-1"),
				a.ask("createRole", "Make the role", "createRole", "Yes makes the IAM role of the connector; its documents are shown first.", toggle(&spec.CreateRole)),
				example(a.ask("role", "Connector's role", "connectorRoleARN", "The ARN of an IAM role that is there already, instead.", text(&spec.ConnectorRoleARN)), "arn:aws:iam::111122223333:role/eks-connector"),
				a.ask("viewers", "Who may look", "viewers", "ARNs of IAM users and roles, one on each line: they see everything in the cluster from the console.", lines(&spec.Viewers)),
			)
			fields = append(fields, advanced(
				means(a.ask("eksName", "Name in EKS", "clusterName", "What the console calls it.", text(&spec.ClusterName)), "the cluster's name"),
				a.ask("eksTags", "Tags", "tags", "name=value, one on each line.", pairs(&spec.Tags)),
				means(a.ask("connectorImage", "Connector's image", "connectorImage", "Where it is not taken from AWS or the registry mirror.", text(&spec.ConnectorImage)), "AWS's"),
				a.ask("connectorProxy", "Its own proxy", "proxyConfiguration", "Yes, where the connector does not use the nodes' proxy.",
					present(&spec.ProxyConfiguration, func() *v1alpha1.ProxyConfiguration { return formerProxy },
						func(was *v1alpha1.ProxyConfiguration) { formerProxy = was })),
			)...)
			below := of(d, registrationObject(d), "proxyConfiguration")
			for _, f := range proxy(below, spec.ProxyConfiguration) {
				f.ID = "connector" + f.ID
				fields = append(fields, advanced(f)...)
			}
			return fields
		},
	}
}

func registrationObject(d *draft.Draft) string {
	name := ""
	if r := d.Config.AWSRegistration; r != nil {
		name = r.Name
	}
	return draft.Object(v1alpha1.AWSRegistrationKind, name)
}
