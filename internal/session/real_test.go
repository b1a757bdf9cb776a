package session

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/state"
)

// This test's binary plays two parts in processes of their own, because a
// process reads its proxies and its authorities once.
const (
	partVariable = "GROUNDWORK_SESSION_TEST"
	openPart     = "open"
	clientPart   = "client"
)

// question is what a part is asked, on stdin.
type question struct{ Server, Thumbprint, State string }

// answer is what a part says, on stdout.
type answer struct {
	Thumbprint string
	Env        []string
	Error      string
}

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // the simulator's
	var q question
	part := os.Getenv(partVariable)
	if part == "" {
		os.Exit(m.Run())
	}
	var a answer
	err := json.NewDecoder(os.Stdin).Decode(&q)
	if err == nil && part == openPart {
		err = open(q, &a)
	} else if err == nil {
		err = connect(q)
	}
	if err != nil {
		a.Error = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		os.Exit(1)
	}
}

func open(q question, a *answer) error {
	dir, err := state.Open(q.State, "demo")
	if err != nil {
		return err
	}
	s := &Session{options: Options{State: dir, Getenv: os.Getenv, Config: &v1alpha1.Config{VSphereDatacenter: &v1alpha1.VSphereDatacenterConfig{
		Spec: v1alpha1.VSphereDatacenterConfigSpec{Server: q.Server, Thumbprint: q.Thumbprint},
	}}}}
	access, err := s.openSite(context.Background())
	a.Thumbprint, a.Env = access.Thumbprint, s.env
	return err
}

// connect does as Cluster API Provider vSphere does (pkg/session).
func connect(q question) error {
	u, err := soap.ParseURL(q.Server)
	if err != nil {
		return err
	}
	client := soap.NewClient(u, false)
	client.SetThumbprint(u.Host, q.Thumbprint)
	_, err = vim25.NewClient(context.Background(), client)
	return err
}

// play has this binary play part with env.
func play(t *testing.T, part string, q question, env ...string) answer {
	t.Helper()
	in, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append([]string{partVariable + "=" + part, "EKSA_VSPHERE_USERNAME=u", "EKSA_VSPHERE_PASSWORD=p"}, env...)
	c.Stdin = strings.NewReader(string(in))
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", part, err)
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

const server = "vcenter.example.com"

// vCenter is a simulated one behind a proxy, with a certificate for the server
// that nobody vouches for. It returns the proxy's URL and the thumbprint.
func vCenter(t *testing.T) (proxy, thumbprint string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: server}, DNSNames: []string{server},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	model := simulator.VPX()
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Remove)
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0"}
	simulated := model.Service.NewServer()
	t.Cleanup(simulated.Close)
	return tunnel(t, simulated.URL.Host), soap.ThumbprintSHA1(leaf)
}

// tunnel is a proxy that leads every CONNECT to one address.
func tunnel(t *testing.T, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			go func() {
				defer near.Close()
				if _, err := http.ReadRequest(bufio.NewReader(near)); err != nil {
					return
				}
				far, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer far.Close()
				_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
				go func() { _, _ = io.Copy(far, near) }()
				_, _ = io.Copy(near, far)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// Through a proxy govmomi does not look at the thumbprint, so that the
// bootstrap cluster needs the certificate itself.
func TestPinnedCertificateReachesTheBootstrapClusterThroughAProxy(t *testing.T) {
	proxy, thumbprint := vCenter(t)
	q := question{Server: server, Thumbprint: thumbprint, State: t.TempDir()}
	opened := play(t, openPart, q, "HTTPS_PROXY="+proxy)
	if opened.Error != "" || opened.Thumbprint != thumbprint {
		t.Fatalf("opening the site gives %+v", opened)
	}
	if a := play(t, clientPart, q, "HTTPS_PROXY="+proxy); !strings.Contains(a.Error, "x509") {
		t.Fatalf("without help the client says %q: this test shows nothing", a.Error)
	}
	if a := play(t, clientPart, q, append(opened.Env, "HTTPS_PROXY="+proxy)...); a.Error != "" {
		t.Errorf("with %q the client says %s", opened.Env, a.Error)
	}
	dirs := strings.Split(strings.TrimPrefix(strings.Join(opened.Env, " "), "SSL_CERT_DIR="), ":")
	if len(dirs) != 3 || dirs[1] != "/etc/ssl/certs" {
		t.Errorf("the system's own authorities are lost: %q", opened.Env)
	}
}

// No password goes to, and no create begins with, a vCenter that nobody
// vouches for.
func TestUnverifiedVCenterIsRefused(t *testing.T) {
	proxy, _ := vCenter(t)
	for name, thumbprint := range map[string]string{"none": "", "another": strings.Repeat("AB:", 19) + "AB"} {
		a := play(t, openPart, question{Server: server, Thumbprint: thumbprint, State: t.TempDir()}, "HTTPS_PROXY="+proxy)
		if !strings.Contains(a.Error, "certificate is not") || a.Thumbprint != "" {
			t.Errorf("with the thumbprint %s: %+v", name, a)
		}
	}
}

// A certificate that the system's authorities vouch for is pinned all the
// same: without a thumbprint Cluster API Provider vSphere accepts any.
func TestVerifiedCertificateIsPinned(t *testing.T) {
	proxy, thumbprint := vCenter(t)
	folder := t.TempDir()
	pinned := play(t, openPart, question{Server: server, Thumbprint: thumbprint, State: folder}, "HTTPS_PROXY="+proxy)
	trusted := pinned.Env[0] // the system that vouches for it
	a := play(t, openPart, question{Server: server, State: t.TempDir()}, "HTTPS_PROXY="+proxy, trusted)
	if a.Error != "" || a.Thumbprint != thumbprint || len(a.Env) > 0 {
		t.Errorf("opening the site gives %+v, want the thumbprint %s and nothing more to trust", a, thumbprint)
	}
}
