package vcenter

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/tags"

	"groundwork.dev/bootstrap/internal/secret"
)

// BenchmarkBrowse looks around in a vCenter with 500 virtual machines, 100
// port groups and 200 tags, login and logout included.
func BenchmarkBrowse(b *testing.B) {
	m := simulator.VPX()
	m.Host, m.ClusterHost, m.Machine, m.Portgroup = 0, 1, 500, 100
	m.ServiceContent.About.ApiVersion = "8.0.3.0"
	if err := m.Create(); err != nil {
		b.Fatal(err)
	}
	defer m.Remove()
	m.Service.TLS = new(tls.Config)
	m.Service.RegisterEndpoints = true
	m.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(simUser, simPassword)}
	server := m.Service.NewServer()
	defer server.Close()
	site := Site{Server: server.URL.Host, Insecure: true, Credentials: Credentials{Username: simUser, Password: secret.New(simPassword)},
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}
	const many = 200
	tagThem(b, site, many)
	for b.Loop() {
		found, err := Browse(b.Context(), site, "DC0")
		if err != nil {
			b.Fatal(err)
		}
		if len(found.Tags) < many || len(found.Networks) < 100 {
			b.Fatalf("%d tags, %d networks", len(found.Tags), len(found.Networks))
		}
	}
}

// tagThem makes tags.
func tagThem(b *testing.B, site Site, many int) {
	b.Helper()
	c, err := Connect(b.Context(), site)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(b.Context()))
	category, err := c.tags.CreateCategory(b.Context(), &tags.Category{Name: "team", Cardinality: "MULTIPLE"})
	if err != nil {
		b.Fatal(err)
	}
	for i := range many {
		if _, err := c.tags.CreateTag(b.Context(), &tags.Tag{Name: fmt.Sprintf("team-%d", i), CategoryID: category}); err != nil {
			b.Fatal(err)
		}
	}
}
