package rehearsal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vmware/govmomi/vim25/soap"

	"groundwork.dev/bootstrap/internal/rehearsal/store"
	"groundwork.dev/bootstrap/internal/secret"
)

// inventedUser is the user of a site that was given none.
const inventedUser = "administrator@vsphere.local"

// credentialsKind is the kind of the record of invented credentials.
const credentialsKind = "password"

// credentials are those given, or invented ones that stay the same for the
// life of the site.
func credentials(s *store.Store, given Credentials) (Credentials, error) {
	if given.Username != "" {
		return given, nil
	}
	var password string
	err := s.Each(credentialsKind, func(_ string, value json.RawMessage) error { return json.Unmarshal(value, &password) })
	if err != nil {
		return Credentials{}, err
	}
	if password == "" {
		password = rand.Text()
		if err := s.Put(credentialsKind, "", password); err != nil {
			return Credentials{}, err
		}
	}
	return Credentials{inventedUser, secret.New(password)}, nil
}

// certificateLife is how long a site's certificate is valid; it is made anew
// when less than certificateSpare of it is left.
const (
	certificateLife  = 365 * 24 * time.Hour
	certificateSpare = 7 * 24 * time.Hour
)

// certificate is the vCenter's, which signs itself.
type certificate struct {
	pair tls.Certificate
	file string // in PEM, without the key
}

func (c certificate) thumbprint() string { return soap.ThumbprintSHA1(c.pair.Leaf) }

// loadCertificate takes the certificate in dir, or makes one for host there.
func loadCertificate(dir, host string) (certificate, error) {
	folder := filepath.Join(dir, "vcenter") // alone: it serves as SSL_CERT_DIR
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return certificate{}, fmt.Errorf("making the simulated vCenter's certificate: %w", err)
	}
	c := certificate{file: filepath.Join(folder, "vcenter.crt")}
	keyFile := filepath.Join(dir, "vcenter.key")
	var err error
	if c.pair, err = tls.LoadX509KeyPair(c.file, keyFile); err == nil {
		left := time.Until(c.pair.Leaf.NotAfter)
		if c.pair.Leaf.VerifyHostname(bracketed(host)) == nil && left > certificateSpare {
			return c, nil
		}
	}
	certPEM, keyPEM, err := makeCertificate(host)
	if err != nil {
		return certificate{}, fmt.Errorf("making the simulated vCenter's certificate: %w", err)
	}
	// The key first: a certificate without it is made anew.
	for file, data := range map[string][]byte{keyFile: keyPEM, c.file: certPEM} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return certificate{}, fmt.Errorf("keeping the simulated vCenter's certificate: %w", err)
		}
	}
	c.pair, err = tls.X509KeyPair(certPEM, keyPEM)
	return c, err
}

// bracketed is how x509 wants an IPv6 address.
func bracketed(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return "[" + host + "]"
	}
	return host
}

func makeCertificate(host string) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: host, Organization: []string{"Groundwork rehearsal"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else if !slices.Contains(template.DNSNames, host) {
		template.DNSNames = append(template.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}
