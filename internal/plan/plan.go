// Package plan turns a configuration into what the workflow needs: the
// release it installs and the provider that makes its machines.
package plan

import (
	"fmt"
	"net/http"
	"net/url"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/baremetal/ssh"
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
	// KeyPassphrase opens the hosts' private keys, SudoPassword is what sudo
	// asks for on them; empty where nothing asks.
	KeyPassphrase, SudoPassword secret.String
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
	case v1alpha1.SSHDatacenterKind:
		p.Provider, err = ssh.New(ssh.Options{
			Config: cfg, Release: release, Releases: known, Registry: access.Registry,
			KeyPassphrase: access.KeyPassphrase, SudoPassword: access.SudoPassword,
		})
	case v1alpha1.VSphereDatacenterKind:
		p.Provider, err = vsphere.New(vsphere.Options{
			Config: cfg, Release: release, Releases: known, Credentials: access.Credentials, Registry: access.Registry,
			Thumbprint: access.Thumbprint, Proxy: access.Proxy,
		})
	default:
		err = &failure.Error{
			Code: failure.Configuration, Object: "Cluster " + cfg.Cluster.Name,
			Summary: fmt.Sprintf("spec.datacenterRef.kind %s cannot be created yet", kind),
			Remedy:  "use a " + v1alpha1.VSphereDatacenterKind + " or a " + v1alpha1.SSHDatacenterKind,
		}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// AccessFromEnv is what the environment says of how the site is reached. The
// error is about the vCenter's login, of which the rest is independent.
func AccessFromEnv(getenv func(string) string, cfg *v1alpha1.Config) (Access, error) {
	access := Access{
		Registry:      kubeadm.CredentialsFromEnv(getenv),
		KeyPassphrase: secret.New(getenv(ssh.KeyPassphraseVariable)),
		SudoPassword:  secret.New(getenv(ssh.SudoPasswordVariable)),
	}
	if cfg.VSphereDatacenter == nil {
		return access, nil
	}
	var err error
	access.Credentials, err = vcenter.CredentialsFromEnv(getenv)
	return access, err
}

// Catalogue is the built-in release catalogue with the one at path, unless
// that is "", added to it.
func Catalogue(path string) (*releases.Catalogue, error) {
	if path == "" {
		return releases.Default()
	}
	return releases.Load(path)
}
