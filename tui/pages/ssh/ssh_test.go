package ssh

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/draft"
	"groundwork.dev/bootstrap/tui/form"
	"groundwork.dev/bootstrap/tui/tuitest"
	"groundwork.dev/bootstrap/tui/ui"
)

const (
	firstKey  = "SHA256:xDn3l7FXzd/kPEmWhVaEyAJByPxKieFGFhvFEbMvDAA"
	secondKey = "SHA256:SjP+zpBSO9hhaI7Zg7jAKokri8Q13ydliu5H9MJd8qg"
)

// screen shows one page after the other, as the wizard does.
type screen struct {
	model *form.Model
	left  bool
}

func (s *screen) Init() tea.Cmd       { return s.model.Init() }
func (s *screen) Title() string       { return s.model.Page().Title }
func (s *screen) Keys() []key.Binding { return s.model.Keys() }
func (s *screen) View(width, height int) string {
	return s.model.View(width, height)
}

func (s *screen) Update(msg tea.Msg) (ui.Screen, tea.Cmd) {
	if _, next := msg.(form.Next); next {
		s.left = true
		return s, nil
	}
	return s, s.model.Update(msg)
}

// show drives the page of that ID.
func show(t *testing.T, d *draft.Draft, b backend.Backend, id string, width, height int) (*tuitest.Driver, *screen) {
	t.Helper()
	for _, page := range Pages(d, b, tuitest.Env()) {
		if page.ID == id {
			s := &screen{model: form.New(tuitest.Env(), page, d)}
			return tuitest.Body(t, s, width, height), s
		}
	}
	t.Fatalf("there is no page %s", id)
	return nil, nil
}

func newDraft() *draft.Draft {
	d := draft.New(v1alpha1.SSHDatacenterKind, "racks")
	d.ControlPlane().Count = 1
	*d.Group(0).Count = 1
	site := &d.Config.SSHDatacenter.Spec
	site.User, site.KeyFile = "root", "/keys/id_ed25519"
	d.Changed()
	return d
}

func specOf(d *draft.Draft) *v1alpha1.SSHDatacenterConfigSpec { return &d.Config.SSHDatacenter.Spec }

// answers are two hosts that answer, and no other.
func answers() *backendtest.Backend {
	return &backendtest.Backend{Answers: backendtest.Answers{HostFunc: func(_ context.Context, _ *v1alpha1.SSHDatacenterConfig, h v1alpha1.SSHHost) (backend.Host, error) {
		shown := map[string]string{"198.51.100.21": firstKey, "198.51.100.22": secondKey}[h.Address]
		switch {
		case shown == "":
			return backend.Host{}, &failure.Error{Code: failure.Infrastructure, Summary: "nothing answers at " + h.Address, Remedy: "check that sshd runs there"}
		case h.HostKeyFingerprint == "":
			return backend.Host{Fingerprint: shown}, nil
		case h.HostKeyFingerprint != shown:
			return backend.Host{Fingerprint: shown}, &failure.Error{Code: failure.Infrastructure, Summary: "the host shows another key", Remedy: "find out why"}
		}
		host := backend.Host{Fingerprint: shown, OS: "Ubuntu 24.04", CPUs: 8, MemoryGiB: 32, DiskGiB: 400}
		if h.Address == "198.51.100.22" {
			host.Problems = []string{"swap is on; turn it off with swapoff -a"}
		}
		return host, nil
	}}}
}

func TestLogin(t *testing.T) {
	d := draft.New(v1alpha1.SSHDatacenterKind, "racks")
	b := answers()
	driver, s := show(t, d, b, "ssh-login", 80, 24)
	driver.Press("ctrl+n")
	driver.Wait("nothing says which user logs in")
	driver.Golden("login-80x24")
	driver.Type("admin")
	driver.Press("tab")
	driver.Paste("~/.ssh/id_ed25519")
	driver.Press("ctrl+a", "tab", "tab")
	driver.Paste("open sesame")
	driver.Press("tab", "ctrl+n")
	driver.WaitFor("the page to be left", func(string) bool { return s.left })
	if spec := specOf(d); spec.User != "admin" || spec.KeyFile != "~/.ssh/id_ed25519" {
		t.Errorf("%+v", spec)
	}
	for _, text := range []string{driver.Screen(), d.YAML()} {
		if strings.Contains(text, "open sesame") {
			t.Errorf("the passphrase is shown:\n%s", text)
		}
	}
	if got := b.Environment().Getenv(keyPassphraseVariable); got != "open sesame" {
		t.Errorf("the passphrase is %q", got)
	}
}

func TestHostByHost(t *testing.T) {
	d := newDraft()
	driver, s := show(t, d, answers(), "ssh-hosts", 80, 24)
	driver.Press("ctrl+n")
	driver.Wait("there are no hosts")
	driver.Press("ctrl+o")
	driver.Wait("node-1", "type=cp")
	driver.Press("down", "down")
	driver.Wait("Address")
	for range 3 { // from wherever the focus was to the address
		if strings.Contains(driver.Screen(), "The host's IPv4 address.") {
			break
		}
		driver.Press("down")
	}
	driver.Paste("198.51.100.21")
	driver.Press("down", "down", "enter")
	driver.Wait("trust "+firstKey, "do not trust it")
	driver.Golden("consent-80x24")
	if got := specOf(d).Hosts[0].HostKeyFingerprint; got != "" {
		t.Fatalf("pinned %s without consent", got)
	}
	driver.Press("up", "enter")
	if got := specOf(d).Hosts[0].HostKeyFingerprint; got != firstKey {
		t.Fatalf("pinned %q", got)
	}
	driver.Press("ctrl+t")
	driver.Wait("can become a node", "8 CPUs")
	driver.Golden("tried-80x24")

	driver.Press("ctrl+o")
	driver.Wait("node-2", "type=worker")
	specOf(d).Hosts[1].Address, specOf(d).Hosts[1].HostKeyFingerprint = "198.51.100.22", secondKey
	d.Changed()
	driver.Press("f5")
	driver.Wait("1 can become nodes", "swap is on")
	driver.Press("ctrl+n")
	driver.WaitFor("the page to be left", func(string) bool { return s.left })
	want := []v1alpha1.SSHHost{
		{Name: "node-1", Address: "198.51.100.21", HostKeyFingerprint: firstKey, Labels: map[string]string{"type": "cp"}},
		{Name: "node-2", Address: "198.51.100.22", HostKeyFingerprint: secondKey, Labels: map[string]string{"type": "worker"}},
	}
	for i, h := range specOf(d).Hosts {
		if h.Name != want[i].Name || h.Address != want[i].Address || h.HostKeyFingerprint != want[i].HostKeyFingerprint || h.Labels["type"] != want[i].Labels["type"] {
			t.Errorf("host %+v, want %+v", h, want[i])
		}
	}
}

func TestHostsThatDoNotAnswer(t *testing.T) {
	d := newDraft()
	specOf(d).Hosts = []v1alpha1.SSHHost{{Name: "node-1", Address: "198.51.100.99"}, {Name: "node-2", Address: "198.51.100.21", HostKeyFingerprint: secondKey}}
	d.Changed()
	driver, _ := show(t, d, answers(), "ssh-hosts", 120, 40)
	driver.Press("f5")
	driver.Wait("nothing answers at 198.51.100.99; check that sshd runs", "Of 2 hosts, 0 can become nodes")
	driver.Golden("unreachable-120x40")
	driver.Press("down", "enter")
	driver.Wait("the host shows another key")
	driver.Press("esc", "ctrl+x")
	driver.Wait("Removed node-1.")
	if hosts := specOf(d).Hosts; len(hosts) != 1 || hosts[0].Name != "node-2" {
		t.Errorf("hosts %+v", hosts)
	}
}

func TestHardwareFile(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "hosts.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hostname,ip_address,labels\nnode-1,198.51.100.21,type=cp\nnode 2,198.51.100.22,type=worker\nnode-3,198.51.100.222.1,type\n")
	d := newDraft()
	driver, _ := show(t, d, answers(), "ssh-hosts", 80, 24)
	driver.Paste("hosts.csv")
	driver.Press("enter")
	driver.Wait("Row 3, node 2, hostname")
	if got := specOf(d).HardwareFile; got != filepath.Join(folder, "hosts.csv") {
		t.Errorf("the path of an unsaved configuration is %q", got)
	}
	driver.Press("enter")
	driver.Wait("Row 4, node-3, labels")
	driver.Press("esc")
	write("hostname,ip_address,labels,ssh_host_key\nnode-1,198.51.100.21,type=cp," + firstKey + "\nnode-2,198.51.100.22,type=worker,\n")
	driver.Press("down", "up")
	driver.Wait("hosts.csv: 2 hosts.", "node-1 198.51.100.21")
	driver.Press("f5")
	driver.Wait("1 can become nodes, 1 have a key that nobody has compared yet")
	driver.Press("ctrl+l")
	driver.Wait("node-2: nothing says which key the host has")
	if spec := specOf(d); spec.HardwareFile != "" || len(spec.Hosts) != 2 || spec.Hosts[0].HostKeyFingerprint != firstKey || spec.Hosts[1].Labels["type"] != "worker" {
		t.Errorf("%+v", spec)
	}
}

func TestRoles(t *testing.T) {
	d := newDraft()
	specOf(d).Hosts = []v1alpha1.SSHHost{{Name: "node-1", Labels: map[string]string{"type": "cp"}}, {Name: "node-2", Labels: map[string]string{"type": "cp"}}}
	d.Changed()
	driver, _ := show(t, d, answers(), "ssh-roles", 80, 24)
	driver.Wait("Control plane: 2 hosts match, 1 needed.", "md-0: 0 hosts match, 1 needed.")
	driver.Golden("roles-80x24")
	driver.Press("ctrl+n")
	driver.Wait("no host has the labels type=worker")
	if got := d.Machines()[1].SSH.Spec.HardwareSelector; got["type"] != "worker" {
		t.Errorf("the selector is %v", got)
	}
}

func TestNodeFiles(t *testing.T) {
	d := newDraft()
	driver, s := show(t, d, answers(), "ssh-files", 80, 24)
	driver.Press("ctrl+n")
	driver.Wait("missing or empty")
	driver.Paste("https://files.example.com/bundle")
	driver.Press("ctrl+n")
	driver.Wait("Digest", "a bundle from a URL must have one")
	driver.Paste("sha256:" + strings.Repeat("0", 64))
	driver.Press("ctrl+n")
	driver.WaitFor("the page to be left", func(string) bool { return s.left })
	if files := specOf(d).NodeFiles; files.Location != "https://files.example.com/bundle" || files.Digest == "" {
		t.Errorf("%+v", files)
	}
}

func TestNextName(t *testing.T) {
	for last, want := range map[string]string{"": "node-1", "rack-a-09": "rack-a-10", "db": "", "n1": "n3"} {
		d := newDraft()
		if last != "" {
			specOf(d).Hosts = []v1alpha1.SSHHost{{Name: "n2"}, {Name: last}}
		}
		if got := newSite(d, answers()).nextName(); got != want {
			t.Errorf("after %q comes %q, want %q", last, got, want)
		}
	}
}
