package vcenter

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
)

// selfSigned is a certificate of vcenter.example.com that vouches for itself
// until end.
func selfSigned(t *testing.T, end time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "vcenter"}, DNSNames: []string{"vcenter.example.com"},
		NotBefore: end.Add(-2 * time.Hour), NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestVerify(t *testing.T) {
	signed := newSimTLS(t, &tls.Config{Certificates: []tls.Certificate{trusted}})
	own := newSimTLS(t, &tls.Config{Certificates: []tls.Certificate{selfSigned(t, time.Now().Add(time.Hour))}})
	expired := newSimTLS(t, &tls.Config{Certificates: []tls.Certificate{selfSigned(t, time.Now().Add(-time.Hour))}})
	as := func(s *sim, change func(*Site)) Site {
		site := s.site
		change(&site)
		return site
	}
	same := func(*Site) {}
	proxied := func(s *sim, server string) Site {
		return as(s, func(site *Site) {
			site.Server, site.Proxy = server, http.ProxyURL(tunnel(t, s.server.URL.Host))
		})
	}
	for name, c := range map[string]struct {
		of          *sim
		site        Site
		pem         bool
		err, remedy string
	}{
		"system's authority":             {signed, as(signed, func(s *Site) { s.Thumbprint = "" }), false, "", ""},
		"authority, outdated thumbprint": {signed, as(signed, func(s *Site) { s.Thumbprint = strings.Repeat("AB:", 19) + "AB" }), false, "", ""},
		"authority through a proxy":      {signed, proxied(signed, "vcenter.example.com"), false, "", ""},
		"pinned":                         {own, as(own, same), false, "", ""},
		"pinned through a proxy":         {own, proxied(own, "vcenter.example.com"), true, "", ""},
		"another name through a proxy":   {own, proxied(own, "vc.example.com"), false, "goes by the name", "vcenter.example.com"},
		"pinned, but expired":            {expired, as(expired, same), false, "expired", "Renew"},
		"nobody vouches for it":          {own, as(own, func(s *Site) { s.Thumbprint = "" }), false, "certificate is not trusted", "set spec.thumbprint"},
		"nobody vouches for it behind proxy": {own, as(own, func(s *Site) {
			s.Server, s.Thumbprint = "vcenter.example.com", ""
			s.Proxy = http.ProxyURL(tunnel(t, own.server.URL.Host))
		}), false, "certificate is not trusted", "set spec.thumbprint"},
		"nothing there":                          {own, siteAt(closedPort(t)), false, "refuses connections", "Check that it is running"},
		"insecure, so that nothing is looked at": {nil, as(own, func(s *Site) { s.Server, s.Insecure = closedPort(t), true }), false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Verify(t.Context(), c.site)
			if c.err != "" {
				if failure.ExitCode(err) != failure.Preflight || !strings.Contains(err.Error(), c.err) || !strings.Contains(failure.Remedy(err), c.remedy) || got.Thumbprint != "" {
					t.Errorf("%+v, %v\nremedy %s", got, err, failure.Remedy(err))
				}
				return
			}
			want := ""
			if c.of != nil {
				want = c.of.site.Thumbprint // which newSimTLS met
			}
			if err != nil || got.Thumbprint != want || (got.PEM != nil) != c.pem {
				t.Errorf("%+v, %v; want the thumbprint %q", got, err, want)
			}
		})
	}
}

// The preflight says beforehand what would stop the create.
func TestCheckCertificateKnowsCAPVsLimits(t *testing.T) {
	s := newSimTLS(t, &tls.Config{Certificates: []tls.Certificate{selfSigned(t, time.Now().Add(-time.Hour))}})
	results, _ := s.run()
	if c := results[CheckCertificate]; c.Result != event.Failed || !strings.Contains(c.Found, "expired") || !strings.Contains(c.Remedy, "Renew") {
		t.Errorf("the check says %+v", c)
	}
}
