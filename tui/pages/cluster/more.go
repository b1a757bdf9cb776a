package cluster

import (
	"strconv"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// rare is the page of what few clusters need.
type rare struct {
	draft *draft.Draft
	// What was there before it was switched off.
	encryption []v1alpha1.EtcdEncryption
	flux       *v1alpha1.FluxConfig
}

// more asks for what few clusters need.
func more(d *draft.Draft) form.Page {
	r := &rare{draft: d}
	return form.Page{
		ID: "more", Title: "More",
		Intro:  "Few clusters need these. Everything here can be left as it is.",
		Fields: r.fields,
		Notes: func() []form.Note {
			var about []func(string, string) bool
			for _, path := range []string{"licenseToken", "eksaVersion", "bundlesRef"} {
				about = append(about, at(d.ClusterField(path)))
			}
			return notes(d, about...)
		},
	}
}

func (r *rare) fields() []form.Field {
	d := r.draft
	spec, a := &d.Config.Cluster.Spec, ofCluster(d, "")
	fields := r.encrypted()
	for _, f := range healthCheck(a.below("machineHealthCheck"), "", &spec.MachineHealthCheck, defaults(d)) {
		f.Advanced = false
		fields = append(fields, f)
	}
	fields = append(fields, means(a.ask("podIAM", "Service-account issuer", "podIamConfig.serviceAccountIssuer",
		"The https URL under which AWS finds the cluster's signing keys, for IAM roles of service accounts.", podIAM(&spec.PodIAMConfig)), "none"))
	fields = append(fields, r.gitOps()...)
	fields = append(fields, externalEtcd(d)...)
	return append(fields, advanced(
		a.askYAML("packages", "Curated packages", "packages", "EKS Anywhere's package controller, as YAML. It is not supported: disable: true is all that has an effect.", fieldsOf(&spec.Packages)),
		a.ask("licence", "Licence token", "licenseToken", "It has no effect here, and is kept for EKS Anywhere. It is saved, and shown nowhere.", licence(&spec.LicenseToken)),
		means(a.ask("eksaVersion", "EKS Anywhere version", "eksaVersion", "It has no effect here, and is kept for EKS Anywhere.", optional(&spec.EksaVersion)), "none"),
		a.askYAML("bundles", "EKS Anywhere bundles", "bundlesRef", "apiVersion, name and namespace of a Bundles object as YAML. It has no effect here.", fieldsOf(&spec.BundlesRef)),
		a.ask("managementCluster", "Managed by", "managementCluster.name", "Empty or the cluster's own name: it manages itself. Workload clusters are not supported yet.", text(&spec.ManagementCluster.Name)),
		asker{draft: d, object: draft.Object(v1alpha1.ClusterKind, d.Name()), prefix: "metadata"}.ask("namespace", "Namespace", "namespace", "Where all objects are, while the cluster is made and after; empty is default.", answer{kind: form.Text,
			get: func() string { return d.Config.Cluster.Namespace },
			set: func(typed string) error {
				name := ""
				err := text(&name).set(typed)
				d.SetNamespace(name)
				return err
			}}),
	)...)
}

// encrypted asks for the encryption of what etcd stores.
func (r *rare) encrypted() []form.Field {
	spec, a := &r.draft.Config.Cluster.Spec, ofCluster(r.draft, "etcdEncryption")
	fields := []form.Field{a.ask("encryption", "Encryption at rest", "", "Yes encrypts secrets in etcd by a KMS plugin that runs on the control-plane machines.", answer{kind: form.Toggle,
		get: func() string {
			if spec.EtcdEncryption != nil {
				return "true"
			}
			return "false"
		},
		set: func(chosen string) error {
			switch yes := chosen == "true"; {
			case yes && spec.EtcdEncryption == nil:
				if spec.EtcdEncryption = r.encryption; spec.EtcdEncryption == nil {
					spec.EtcdEncryption = []v1alpha1.EtcdEncryption{{Resources: []string{"secrets"}, Providers: []v1alpha1.EtcdEncryptionProvider{{KMS: &v1alpha1.KMS{}}}}}
				}
			case !yes:
				r.encryption, spec.EtcdEncryption = spec.EtcdEncryption, nil
			}
			return nil
		}})}
	if len(spec.EtcdEncryption) == 0 {
		return fields
	}
	first := &spec.EtcdEncryption[0]
	if len(first.Providers) == 0 {
		first.Providers = []v1alpha1.EtcdEncryptionProvider{{}}
	}
	if first.Providers[0].KMS == nil {
		first.Providers[0].KMS = &v1alpha1.KMS{}
	}
	kms, b := first.Providers[0].KMS, a.below("[0].providers[0].kms")
	return append(fields,
		b.ask("kmsName", "KMS plugin", "name", "The plugin's name.", text(&kms.Name)),
		example(b.ask("kmsSocket", "KMS socket", "socketListenAddress", "Where the plugin listens on each machine.", text(&kms.SocketListenAddress)), "unix:///var/run/kms.sock"),
		a.ask("kmsResources", "Encrypted", "[0].resources", "Resources to encrypt, one on each line.", lines(&first.Resources)),
		advanced(means(b.ask("kmsCache", "KMS cache", "cachesize", "How many objects' keys are kept; less than 0 keeps none.", numberOr(&kms.CacheSize)), "1000"))[0],
		advanced(means(b.ask("kmsTimeout", "KMS timeout", "timeout", "How long the plugin may take.", duration(&kms.Timeout)), "3s"))[0],
	)
}

// externalEtcd asks whether etcd has machines of its own.
func externalEtcd(d *draft.Draft) []form.Field {
	etcd, a := d.Config.Cluster.Spec.ExternalEtcdConfiguration, ofCluster(d, "externalEtcdConfiguration")
	fields := []form.Field{a.ask("etcd", "etcd on own machines", "", "No runs it on the control plane's machines. Yes is not supported.", answer{kind: form.Toggle,
		get: func() string { return strconv.FormatBool(etcd != nil) },
		set: func(chosen string) error {
			if chosen == "true" {
				d.AddEtcd()
			} else {
				d.RemoveEtcd()
			}
			return nil
		}})}
	if etcd != nil {
		fields = append(fields, a.ask("etcdCount", "etcd machines", "count", "An odd number.", number(&etcd.Count)))
	}
	return advanced(fields...)
}

func podIAM(value **v1alpha1.PodIAMConfig) answer {
	return answer{kind: form.Text,
		get: func() string {
			if *value == nil {
				return ""
			}
			return (*value).ServiceAccountIssuer
		},
		set: func(typed string) error {
			own := v1alpha1.PodIAMConfig{}
			if err := text(&own.ServiceAccountIssuer).set(typed); err != nil {
				return err
			}
			*value = nil
			if own.ServiceAccountIssuer != "" {
				*value = &own
			}
			return nil
		}}
}

// licence takes a secret. It is not shown again, not even as dots that tell
// its length, except to who edits it.
func licence(value *v1alpha1.Token) answer {
	return answer{kind: form.Secret,
		get: func() string { return value.Reveal() },
		set: func(typed string) error { *value = v1alpha1.Token{String: secret.New(typed)}; return nil }}
}
