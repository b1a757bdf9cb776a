package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/backend/backendtest"
	"groundwork.dev/bootstrap/tui/tuitest"
)

// hostKeys are what the hosts show, by address.
var hostKeys = map[string]string{
	"198.51.100.21": "SHA256:xDn3l7FXzd/kPEmWhVaEyAJByPxKieFGFhvFEbMvDAA",
	"198.51.100.22": "SHA256:SjP+zpBSO9hhaI7Zg7jAKokri8Q13ydliu5H9MJd8qg",
}

// A cluster on hosts over SSH from the start page to a file that makes it: the
// hosts one by one, each tried, their keys pinned by consent.
func TestCompleteSSHConfiguration(t *testing.T) {
	for name, size := range map[string]struct{ width, height int }{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			fake := &backendtest.Backend{Answers: backendtest.Answers{
				HostFunc: func(_ context.Context, _ *v1alpha1.SSHDatacenterConfig, h v1alpha1.SSHHost) (backend.Host, error) {
					return backend.Host{Fingerprint: hostKeys[h.Address], OS: "Ubuntu 24.04", CPUs: 8, MemoryGiB: 32, DiskGiB: 400}, nil
				},
			}}
			o := &Options{Backend: fake, Env: tuitest.Env(), StateRoot: t.TempDir()}
			d := pages{tuitest.Open(t, o.Env, o.Start(), size.width, size.height), t}
			d.Wait("Servers over SSH")
			choose(t, d.Driver, "Servers over SSH")
			d.Wait("Cluster (")
			d.fill("Name", "racks")
			d.replace("Control-plane ma", "1")
			d.fill("API endpoint", "198.51.100.10")
			d.page("Workers")
			d.replace("Machines", "1")
			d.page("Login")
			d.fill("User", "admin")
			d.fill("Private key", keyFile(t))
			d.page("Hosts")
			for _, address := range []string{"198.51.100.21", "198.51.100.22"} {
				d.Press("ctrl+o")
				d.fill("Address", address)
				d.pick("Its key", hostKeys[address][:15])
				d.Press("ctrl+t")
				d.Wait("can become a node")
			}
			d.page("Roles")
			d.Wait("Control plane: 1 host matches, 1 needed.", "md-0: 1 host matches, 1 needed.")
			d.page("Node files")
			d.fill("Location", "/srv/node-files")
			for _, title := range []string{"Network", "SSH access", "Sign-in", "Registry and proxy", "Time and trust", "AWS", "More"} {
				d.page(title)
			}
			d.Press("ctrl+n")
			d.Wait("The questions are answered.")

			file := filepath.Join(t.TempDir(), "racks.yaml")
			d.Press("ctrl+s")
			d.Wait("racks.yaml")
			d.Press("ctrl+u")
			d.Paste(file)
			d.Press("enter")
			d.Wait("The questions are answered.")
			config, err := v1alpha1.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			for i, role := range []string{"cp", "worker"} {
				h := config.SSHDatacenter.Spec.Hosts[i]
				if h.HostKeyFingerprint != hostKeys[h.Address] || h.Labels["type"] != role || h.User != "admin" {
					t.Errorf("host %d is %+v", i, h)
				}
			}
			if got := config.SSHDatacenter.Spec.NodeFiles.Location; got != "/srv/node-files" {
				t.Errorf("the node files are at %s", got)
			}
		})
	}
}

func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "id_ed25519")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 8)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
