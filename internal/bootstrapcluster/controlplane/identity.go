package controlplane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/secret"
)

// Files of the bootstrap cluster's identity in its folder, all mode 0600.
const (
	CAFile             = "ca.crt"
	caKeyFile          = "ca.key"
	serviceAccountFile = "service-account.key"
	tokenFile          = "token.csv"
	portsFile          = "ports.json"
)

// serverName is the name in the certificates, whatever the port.
const serverName = "localhost"

// ServerName is what the API server's certificate is to be checked against.
const ServerName = serverName

const caValidity, leafValidity = 10 * 365 * 24 * time.Hour, 365 * 24 * time.Hour

// identity is what stays the same when the control plane starts again over
// its data: its certificate authority and the token of its only user.
type identity struct {
	dir   string
	ca    *x509.Certificate
	caPEM []byte
	caKey *ecdsa.PrivateKey
}

// loadIdentity reads the identity in dir or makes one.
func loadIdentity(dir string) (*identity, error) {
	id := &identity{dir: dir}
	caKey, err := id.key(caKeyFile)
	if err != nil {
		return nil, err
	}
	id.caKey = caKey
	if _, err := id.key(serviceAccountFile); err != nil {
		return nil, err
	}
	id.caPEM, err = id.file(CAFile, func() ([]byte, error) { return selfSigned(caKey) })
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(id.caPEM)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate", id.path(CAFile))
	}
	if id.ca, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, fmt.Errorf("read %s: %w", id.path(CAFile), err)
	}
	_, err = id.file(tokenFile, func() ([]byte, error) {
		// token, user, user id, groups: the API server's static token file
		return []byte(rand.Text() + rand.Text() + ",groundwork,groundwork,system:masters\n"), nil
	})
	return id, err
}

// Token reads the token of the control plane whose folder is dir.
func Token(dir string) (secret.String, error) {
	data, err := os.ReadFile(filepath.Join(dir, tokenFile))
	if err != nil {
		return secret.String{}, err
	}
	token, _, ok := strings.Cut(string(data), ",")
	if !ok || token == "" {
		return secret.String{}, fmt.Errorf("%s holds no token", filepath.Join(dir, tokenFile))
	}
	return secret.New(token), nil
}

func (id *identity) path(name string) string { return filepath.Join(id.dir, name) }

// file reads a file of the identity, or writes what create makes.
func (id *identity) file(name string, create func() ([]byte, error)) ([]byte, error) {
	data, err := os.ReadFile(id.path(name))
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	if data, err = create(); err != nil {
		return nil, fmt.Errorf("make %s: %w", id.path(name), err)
	}
	return data, writePrivate(id.path(name), data)
}

// writePrivate writes a file of which never a part is seen, not even after the
// power has failed, by this user only.
func writePrivate(path string, data []byte) error {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (id *identity) key(name string) (*ecdsa.PrivateKey, error) {
	data, err := id.file(name, func() ([]byte, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		return keyPEM(key)
	})
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key", id.path(name))
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", id.path(name), err)
	}
	return key, nil
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), err
}

func selfSigned(key *ecdsa.PrivateKey) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "groundwork bootstrap cluster"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(caValidity),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

// serving makes a certificate for a server on loopback. It lives as long as
// the process, so that it never has to be renewed.
func (id *identity) serving(commonName string) (certPEM, privatePEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: commonName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(leafValidity),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{serverName}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, id.ca, key.Public(), id.caKey)
	if err != nil {
		return nil, nil, err
	}
	private, err := keyPEM(key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), private, err
}

// servingFiles makes such a certificate in files, for those that read no other.
func (id *identity) servingFiles(commonName string) (certFile, keyFile string, err error) {
	cert, key, err := id.serving(commonName)
	if err != nil {
		return "", "", err
	}
	certFile, keyFile = id.path(commonName+".crt"), id.path(commonName+".key")
	return certFile, keyFile, errors.Join(writePrivate(certFile, cert), writePrivate(keyFile, key))
}

func (id *identity) tlsConfig(commonName string) (*tls.Config, error) {
	cert, key, err := id.serving(commonName)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{pair}}, err
}

// ports are kept so that clients and stored URLs stay valid over a restart.
type ports struct {
	APIServer int `json:"apiServer"`
	Webhooks  int `json:"webhooks"`
}

// listeners opens the two listeners on loopback, at the ports of the last
// time where these are free.
func (id *identity) listeners() (apiServer, webhooks net.Listener, err error) {
	var last ports
	if data, err := os.ReadFile(id.path(portsFile)); err == nil {
		_ = json.Unmarshal(data, &last) // any port will do
	}
	if apiServer, err = listen(last.APIServer); err != nil {
		return nil, nil, err
	}
	if webhooks, err = listen(last.Webhooks); err != nil {
		return nil, nil, errors.Join(err, apiServer.Close())
	}
	now := ports{APIServer: port(apiServer), Webhooks: port(webhooks)}
	if now != last {
		data, err := json.Marshal(now)
		if err == nil {
			err = writePrivate(id.path(portsFile), data)
		}
		if err != nil {
			return nil, nil, errors.Join(err, apiServer.Close(), webhooks.Close())
		}
	}
	return apiServer, webhooks, nil
}

func listen(wanted int) (net.Listener, error) {
	if wanted > 0 {
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(wanted))); err == nil {
			return l, nil
		}
	}
	return net.Listen("tcp", "127.0.0.1:0")
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
