package session

import (
	"context"
	"path/filepath"

	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// trustDir is the folder in the state directory with the certificates that
// the bootstrap cluster trusts beside the system's.
const trustDir = "trust"

// systemCertDirs are what Go reads on Linux without SSL_CERT_DIR
// (crypto/x509/root_linux.go).
const systemCertDirs = "/etc/ssl/certs:/etc/pki/tls/certs"

// openRealSite reads the logins and verifies the vCenter's certificate:
// whoever it is that answers, the password must not go there otherwise, and
// Cluster API Provider vSphere verifies nothing that it has no thumbprint of.
func (s *Session) openRealSite(ctx context.Context) (plan.Access, error) {
	access, err := plan.AccessFromEnv(s.options.Getenv, s.options.Config)
	if err != nil {
		return plan.Access{}, err
	}
	datacenter := s.options.Config.VSphereDatacenter
	if datacenter == nil {
		return access, nil
	}
	certificate, err := vcenter.Verify(ctx, vcenter.Site{
		Server: datacenter.Spec.Server, Thumbprint: datacenter.Spec.Thumbprint, Insecure: datacenter.Spec.Insecure,
	})
	if err != nil {
		return plan.Access{}, err
	}
	access.Thumbprint = certificate.Thumbprint
	return access, s.trust(certificate)
}

// trust makes the bootstrap cluster trust a certificate that no authority of
// the system vouches for, where it cannot go by the thumbprint.
func (s *Session) trust(certificate vcenter.Certificate) error {
	if certificate.PEM == nil {
		return nil
	}
	if err := s.options.State.WriteFile(filepath.Join(trustDir, "vcenter.crt"), certificate.PEM); err != nil {
		return err
	}
	dirs := s.options.Getenv("SSL_CERT_DIR")
	if dirs == "" {
		dirs = systemCertDirs
	}
	s.env = append(s.env, "SSL_CERT_DIR="+s.options.State.Path(trustDir)+":"+dirs)
	return nil
}
