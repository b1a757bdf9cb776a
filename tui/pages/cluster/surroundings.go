package cluster

import (
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
)

// surroundings asks how nodes reach registries and the outside.
func surroundings(d *draft.Draft, b backend.Backend) form.Page {
	var formerMirror *v1alpha1.RegistryMirrorConfiguration
	var formerProxy *v1alpha1.ProxyConfiguration
	return form.Page{
		ID: "surroundings", Title: "Registry and proxy",
		Intro: "How the nodes reach container images and what is outside of your site.",
		Fields: func() []form.Field {
			spec := &d.Config.Cluster.Spec
			a := ofCluster(d, "registryMirrorConfiguration")
			fields := []form.Field{a.ask("mirror", "Registry mirror", "", "Yes takes all images from a registry of your site.",
				present(&spec.RegistryMirrorConfiguration, func() *v1alpha1.RegistryMirrorConfiguration {
					if formerMirror == nil {
						return &v1alpha1.RegistryMirrorConfiguration{Port: v1alpha1.DefaultMirrorPort}
					}
					return formerMirror
				}, func(was *v1alpha1.RegistryMirrorConfiguration) { formerMirror = was }))}
			fields = append(fields, mirror(a, spec.RegistryMirrorConfiguration, b.Environment())...)
			a = ofCluster(d, "proxyConfiguration")
			fields = append(fields, a.ask("proxy", "Proxy", "", "Yes lets the nodes reach the outside by an HTTP proxy.",
				present(&spec.ProxyConfiguration, func() *v1alpha1.ProxyConfiguration { return formerProxy },
					func(was *v1alpha1.ProxyConfiguration) { formerProxy = was })))
			return append(fields, proxy(a, spec.ProxyConfiguration)...)
		},
	}
}

func mirror(a asker, m *v1alpha1.RegistryMirrorConfiguration, env backend.Environment) []form.Field {
	if m == nil {
		return nil
	}
	fields := []form.Field{
		example(a.ask("mirrorEndpoint", "Mirror's address", "endpoint", "An address or a name, without scheme and port.", text(&m.Endpoint)), "registry.example.com"),
		a.ask("mirrorPort", "Mirror's port", "port", "The port of its HTTPS.", text(&m.Port)),
		a.ask("mirrorCA", "Mirror's authority", "caCertContent", "The certificate of the authority that signed the mirror's, as PEM; empty where the nodes trust it anyway.", block(&m.CACertContent)),
		a.ask("mirrorLogin", "Log in to it", "authenticate", "Yes, where it wants a user and a password.", toggle(&m.Authenticate)),
	}
	if m.Authenticate {
		fields = append(fields,
			credential(form.Text, "mirrorUser", "Mirror's user", env, "REGISTRY_USERNAME"),
			credential(form.Secret, "mirrorPassword", "Mirror's password", env, "REGISTRY_PASSWORD"))
	}
	return append(fields, advanced(
		a.ask("mirrorNamespaces", "Namespaces", "ociNamespaces", "registry=namespace, one on each line: where the images of an upstream registry are in the mirror.", namespaces(&m.OCINamespaces)),
		a.ask("mirrorInsecure", "Do not verify it", "insecureSkipVerify", "Yes takes images from whoever answers at the address. For trials only.", toggle(&m.InsecureSkipVerify)),
	)...)
}

// credential asks for what is kept in the environment, and in no file.
func credential(kind form.Kind, id, title string, env backend.Environment, variable string) form.Field {
	return form.Field{ID: id, Kind: kind, Title: title,
		Help: "It is kept for this session alone. Without the interface it comes from " + variable + ".",
		Get:  func() string { return env.Getenv(variable) },
		Set: func(typed string) error {
			if typed != env.Getenv(variable) {
				env.Set(variable, secret.New(typed))
			}
			return nil
		}}
}

// namespaces takes "registry=namespace" on each line.
func namespaces(value *[]v1alpha1.OCINamespace) answer {
	return answer{kind: form.Lines,
		get: func() string {
			var all []string
			for _, n := range *value {
				all = append(all, n.Registry+"="+n.Namespace)
			}
			return strings.Join(all, "\n")
		},
		set: func(typed string) error {
			var all []v1alpha1.OCINamespace
			for _, line := range split(typed) {
				registry, namespace, found := strings.Cut(line, "=")
				if !found {
					return refuse("write registry=namespace, such as public.ecr.aws=public", "%q has no namespace", line)
				}
				all = append(all, v1alpha1.OCINamespace{Registry: strings.TrimSpace(registry), Namespace: strings.TrimSpace(namespace)})
			}
			*value = all
			return nil
		}}
}

func proxy(a asker, p *v1alpha1.ProxyConfiguration) []form.Field {
	if p == nil {
		return nil
	}
	return []form.Field{
		example(a.ask("httpProxy", "HTTP proxy", "httpProxy", "Its URL, without a user or password.", text(&p.HttpProxy)), "http://proxy.example.com:3128"),
		example(a.ask("httpsProxy", "HTTPS proxy", "httpsProxy", "Its URL; often the same.", text(&p.HttpsProxy)), "http://proxy.example.com:3128"),
		a.ask("noProxy", "Reached directly", "noProxy", "Addresses, ranges and domains, one on each line. The cluster's own ranges and endpoint are always reached directly.", lines(&p.NoProxy)),
	}
}
