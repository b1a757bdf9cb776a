// Package plan turns a configuration into what the workflow needs: the
// release it installs and the provider that makes its machines.
package plan

import (
	"fmt"
	"net/http"
	"net/url"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/vsphere"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// Plan is a configuration made ready to run.
type Plan struct {
	Config   *v1alpha1.Config
	Release  releases.Release
	Provider providers.Provider
}

// Access is how the site is reached. The zero value suits everything that
// works offline.
type Access struct {
	Credentials vcenter.Credentials
	// Registry are the registry mirror's credentials, where it asks for any.
	Registry kubeadm.Credentials
	// Thumbprint replaces the one in the configuration; a rehearsal's vCenter
	// has a certificate of its own.
	Thumbprint string
	// Proxy finds the proxy for a request, as http.Transport's does; nil is
	// the environment's.
	Proxy func(*http.Request) (*url.URL, error)
}

// New makes the plan of a validated configuration. catalogue is the path of a
// release catalogue that adds to the built-in one, or "".
func New(cfg *v1alpha1.Config, catalogue string, access Access) (*Plan, error) {
	known, err := Catalogue(catalogue)
	if err != nil {
		return nil, err
	}
	release, err := known.Find(string(cfg.Cluster.Spec.KubernetesVersion))
	if err != nil {
		return nil, err
	}
	p := &Plan{Config: cfg, Release: release}
	switch kind := cfg.Cluster.Spec.DatacenterRef.Kind; kind {
	case v1alpha1.VSphereDatacenterKind:
		p.Provider, err = vsphere.New(vsphere.Options{
			Config: cfg, Release: release, Releases: known, Credentials: access.Credentials, Registry: access.Registry,
			Thumbprint: access.Thumbprint, Proxy: access.Proxy,
		})
	default:
		err = &failure.Error{
			Code: failure.Configuration, Object: "Cluster " + cfg.Cluster.Name,
			Summary: fmt.Sprintf("spec.datacenterRef.kind %s cannot be created yet", kind),
			Remedy:  "use a " + v1alpha1.VSphereDatacenterKind,
		}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Catalogue is the built-in release catalogue with the one at path, unless
// that is "", added to it.
func Catalogue(path string) (*releases.Catalogue, error) {
	if path == "" {
		return releases.Default()
	}
	return releases.Load(path)
}
