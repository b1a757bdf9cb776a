package rehearsal

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
	grpctls "google.golang.org/grpc/credentials"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/internal/rehearsal/machine"
	"groundwork.dev/bootstrap/internal/rehearsal/machine/machinetest"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

func TestPreflightPasses(t *testing.T) {
	s := open(t, t.TempDir())
	cfg := config(t)
	checks, err := preflight.Run(t.Context(), vcenter.Checks(cfg, vcenter.Site{
		Server: cfg.VSphereDatacenter.Spec.Server, Thumbprint: s.Thumbprint(), Proxy: s.Proxy(),
		Credentials: vcenter.Credentials{Username: user, Password: secret.New(password)},
	}), event.Discard)
	if err != nil {
		t.Error(err)
	}
	for _, c := range checks {
		if c.Result != event.Passed {
			t.Errorf("%s: %s: wanted %s, found %s", c.Name, c.Result, c.Want, c.Found)
		}
	}
	if len(checks) < 15 {
		t.Errorf("only %d checks were made", len(checks))
	}
}

func TestMachinesFormACluster(t *testing.T) {
	s, k := open(t, t.TempDir()), machinetest.NewKeys(t)
	a := login(t, s)
	first := a.launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-1", "joined", joined)
	c := api(t, s, k)
	allow(t, c)
	a.launch(t, k, "lab-2", machine.ControlPlane)
	a.launch(t, k, "lab-3", machine.ControlPlane)
	a.launch(t, k, "lab-md-0-1", machine.Worker)
	for _, name := range []string{"lab-2", "lab-3", "lab-md-0-1"} {
		eventually(t, s, name, "joined", joined)
	}
	nodes, err := c.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(nodes.Items) != 4 {
		t.Fatalf("there are %d nodes", len(nodes.Items))
	}
	for _, m := range s.Machines() {
		node, err := c.CoreV1().Nodes().Get(t.Context(), m.Node, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if node.Spec.ProviderID != "vsphere://"+m.UUID || node.Status.Addresses[1].Address != m.Address || !strings.HasPrefix(node.Status.NodeInfo.KubeletVersion, "v1.35.") {
			t.Errorf("machine %+v has node %+v", m, node)
		}
	}
	if got := members(t, s, k, "lab-2"); len(got) != 3 {
		t.Errorf("the etcd members are %v", got)
	}
	version, err := c.Discovery().ServerVersion()
	if err != nil || version.GitVersion != "v1.35.1-eks-1-35-1" {
		t.Errorf("the API server's version is %v, %v", version, err)
	}
	destroy(t, first)
	if _, err := c.CoreV1().Nodes().Get(t.Context(), "lab-1", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the destroyed machine's node: %v", err)
	}
	if got := members(t, s, k, "lab-2"); len(got) != 2 {
		t.Errorf("after the first machine is gone the etcd members are %v", got)
	}
	var kinds []ActionKind
	for _, action := range s.Actions() {
		if action.Machine == "lab-1" {
			kinds = append(kinds, action.Kind)
		}
	}
	if diff := cmp.Diff([]ActionKind{Cloned, PoweredOn, Booted, Joined, PoweredOff, Destroyed}, kinds); diff != "" {
		t.Error("what happened to the first machine:", diff)
	}
}

// members asks the etcd member on a node for all of them, as Cluster API does.
func members(t *testing.T, s *Site, k *machinetest.Keys, node string) []string {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(k.Etcd.Certificate)
	config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{k.Etcd.Client(t)}, ServerName: "etcd-" + node}
	conn, err := grpc.NewClient("passthrough:///etcd-"+node, grpc.WithTransportCredentials(grpctls.NewTLS(config)),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return tunnel(ctx, s, s.endpoint) }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	list, err := pb.NewClusterClient(conn).MemberList(t.Context(), &pb.MemberListRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list.Members {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// tunnel opens a connection through the site's proxy.
func tunnel(ctx context.Context, s *Site, host string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.ProxyURL().Host)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); err != nil {
		return nil, err
	}
	_, err = io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 OK\r\n\r\n")))
	return conn, err
}

func TestStaticAddress(t *testing.T) {
	s, k := open(t, t.TempDir()), machinetest.NewKeys(t)
	a := login(t, s)
	vm, err := a.clone(t.Context(), "lab-1", "6dd1e1f6-24f9-4a3f-9f7b-4ee27cbdc1f5", k.Userdata(machine.Init))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.provide(t.Context(), vm, "lab-1", "10.20.31.5/24"); err != nil {
		t.Fatal(err)
	}
	if m := eventually(t, s, "lab-1", "joined", joined); m.Address != "10.20.31.5" {
		t.Errorf("its address is %s", m.Address)
	}
	var guest mo.VirtualMachine
	if err := vm.Properties(t.Context(), vm.Reference(), []string{"guest.net", "guest.ipAddress"}, &guest); err != nil {
		t.Fatal(err)
	}
	if len(guest.Guest.Net) != 1 || guest.Guest.Net[0].IpAddress[0] != "10.20.31.5" || guest.Guest.IpAddress != "10.20.31.5" {
		t.Errorf("the guest shows %+v", guest.Guest)
	}
}

// The template lies in another cluster than the clone's resource pool.
func TestCloneRunsWhereItsPoolIs(t *testing.T) {
	cfg := config(t)
	cfg.VSphereMachines["lab-workers"].Spec.ResourcePool = "/Frankfurt/host/Other/Resources/lab"
	s, k := openWith(t, cfg, t.TempDir()), machinetest.NewKeys(t)
	a := login(t, s)
	a.pool = cfg.VSphereMachines["lab-workers"].Spec.ResourcePool
	vm, err := a.clone(t.Context(), "lab-md-0-1", "6dd1e1f6-24f9-4a3f-9f7b-4ee27cbdc1f5", k.Userdata(machine.Worker))
	if err != nil {
		t.Fatal(err)
	}
	host, err := vm.HostSystem(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if name, err := host.ObjectName(t.Context()); err != nil || !strings.HasSuffix(name, ".other") {
		t.Errorf("it runs on %s, %v", name, err)
	}
}

func TestBrokenBootstrapDataIsReported(t *testing.T) {
	s, k := open(t, t.TempDir()), machinetest.NewKeys(t)
	a := login(t, s)
	vm, err := a.clone(t.Context(), "lab-1", "6dd1e1f6-24f9-4a3f-9f7b-4ee27cbdc1f5", strings.Replace(k.Userdata(machine.Init), "pki/ca.crt", "pki/ca.pem", 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.provide(t.Context(), vm, "lab-1", ""); err != nil {
		t.Fatal(err)
	}
	m := eventually(t, s, "lab-1", "failed", func(m Machine) bool { return m.Problem != "" })
	if !strings.Contains(m.Problem, "/etc/kubernetes/pki/ca: the certificate or its key is missing") || joined(m) {
		t.Errorf("the machine is %+v", m)
	}
	actions := s.Actions()
	if last := actions[len(actions)-1]; last.Kind != BootFailed || last.Detail != m.Problem {
		t.Errorf("the last action is %+v", last)
	}
}

func TestStrangersAreKeptOut(t *testing.T) {
	s, k := open(t, t.TempDir()), machinetest.NewKeys(t)
	a := login(t, s)
	vm := a.launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-1", "joined", joined)
	stranger, err := connect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var found mo.VirtualMachine
	if err := property.DefaultCollector(stranger).RetrieveOne(t.Context(), vm.Reference(), []string{"config.extraConfig"}, &found); !fault.Is(err, &types.NotAuthenticated{}) {
		t.Error("who reads bootstrap data, keys included, without a login is answered with", err)
	}
	if _, err := methods.LoginByToken(t.Context(), stranger, &types.LoginByToken{This: *stranger.ServiceContent.SessionManager}); err == nil {
		t.Error("a token that nobody issued is a login")
	}
	request := func(path, authorization string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://vcenter.example.com"+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", authorization)
		response, err := stranger.Client.Client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	for path, want := range map[string]int{
		"/rest/com/vmware/cis/session": http.StatusUnauthorized, "/api/session": http.StatusUnauthorized,
		"/folder/x": http.StatusNotFound, "/guestFile/x": http.StatusNotFound, "/nfc/x": http.StatusNotFound, "/about": http.StatusNotFound,
	} {
		if got := request(path, "SIGN token=made-up"); got != want {
			t.Errorf("POST %s with an invented token: %d", path, got)
		}
	}
	anonymous := api(t, s, k)
	transport := &http.Transport{Proxy: s.Proxy(), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	for path, want := range map[string]int{"/livez": 200, "/version": 200, "/api/v1/namespaces/kube-system/secrets": 401, "/": 401} {
		response, err := (&http.Client{Transport: transport}).Get("https://" + s.endpoint + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("GET %s without a certificate: %d", path, response.StatusCode)
		}
	}
	if _, err := anonymous.CoreV1().Secrets("kube-system").List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Error("with a certificate:", err)
	}
}

func TestInventedCredentialsStay(t *testing.T) {
	dir := t.TempDir()
	var first Credentials
	for i := range 2 {
		s, err := Start(t.Context(), Options{Config: config(t), Dir: dir, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Credentials()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if got.Username == "" || len(got.Password.Reveal()) < 20 {
			t.Errorf("the credentials are %q and %d letters", got.Username, len(got.Password.Reveal()))
		}
		if i == 0 {
			first = got
		} else if got != first {
			t.Error("after a restart the credentials are others")
		}
	}
}

func TestStateIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	s, k := open(t, dir), machinetest.NewKeys(t)
	login(t, s).launch(t, k, "lab-1", machine.Init)
	eventually(t, s, "lab-1", "joined", joined)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && !strings.Contains(path, "datastores/") && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "datastores"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the datastores' folder: %v, %v", info, err)
	}
}

func TestEnvironmentOfAChild(t *testing.T) {
	s := open(t, t.TempDir())
	for _, pair := range s.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if got := os.Getenv("HTTPS_PROXY"); got != s.ProxyURL().String() {
		t.Errorf("the proxy is %s", got)
	}
	pool := x509.NewCertPool()
	data, err := os.ReadFile(os.Getenv("SSL_CERT_FILE"))
	if err != nil || !pool.AppendCertsFromPEM(data) {
		t.Fatalf("the certificate: %v", err)
	}
	if strings.Contains(string(data), "PRIVATE KEY") {
		t.Error("the certificate's file holds the key")
	}
	if _, err := s.certificate.pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: "vcenter.example.com"}); err != nil {
		t.Error(err)
	}
}
