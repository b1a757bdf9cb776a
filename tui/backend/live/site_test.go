package live

import (
	"log/slog"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// A vCenter shows its certificate to everybody, and its inventory to who logs
// in.
func TestVCenter(t *testing.T) {
	config := example(t, 1, 1)
	site, err := rehearsal.Start(t.Context(), rehearsal.Options{Config: config, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	b := open(t, Options{Proxy: site.Proxy()})
	server := config.VSphereDatacenter.Spec.Server

	shown, err := b.Certificate(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	if shown.Thumbprint != site.Thumbprint() || shown.Trusted || shown.Untrusted == "" {
		t.Errorf("the certificate is %+v; want the thumbprint %s, not trusted", shown, site.Thumbprint())
	}
	if _, err := b.Inventory(t.Context(), server, shown.Thumbprint, false, ""); failure.Remedy(err) == "" {
		t.Errorf("without a login: %v; want a remedy", err)
	}
	login := site.Credentials()
	b.Environment().Set(vcenter.UsernameVariable, secret.New(login.Username))
	b.Environment().Set(vcenter.PasswordVariable, login.Password)
	found, err := b.Inventory(t.Context(), server, shown.Thumbprint, false, config.VSphereDatacenter.Spec.Datacenter)
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Datacenters) == 0 || len(found.Networks) == 0 || len(found.Datastores) == 0 || len(found.Templates) == 0 || len(found.ResourcePools) == 0 {
		t.Errorf("the inventory is %+v", found)
	}
}
