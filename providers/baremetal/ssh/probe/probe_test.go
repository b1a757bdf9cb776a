package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

// host is a server and a site whose key opens it. Nothing is pinned.
func host(t *testing.T, o remotetest.Options) (*remotetest.Server, *v1alpha1.SSHDatacenterConfig, v1alpha1.SSHHost, Options) {
	t.Helper()
	server := remotetest.Start(t, o)
	target := server.Target()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "id"), []byte(target.Key.Reveal()), 0o600); err != nil {
		t.Fatal(err)
	}
	site := &v1alpha1.SSHDatacenterConfig{Spec: v1alpha1.SSHDatacenterConfigSpec{User: target.User, Port: target.Port, KeyFile: "id"}}
	return server, site, v1alpha1.SSHHost{Name: "host-1", Address: target.Address}, Options{Folder: folder}
}

// TestUnpinnedHostIsNotLoggedInto makes sure that a host without a pin says
// its key and nothing runs there.
func TestUnpinnedHostIsNotLoggedInto(t *testing.T) {
	server, site, h, o := host(t, remotetest.Options{})
	got, err := Host(t.Context(), site, h, o)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fingerprint != server.Target().HostKeyFingerprint || got.OS != "" {
		t.Errorf("%+v", got)
	}
	if ran := server.Commands(); len(ran) > 0 {
		t.Errorf("it ran %q", ran)
	}
}

func TestPinnedHostIsJudged(t *testing.T) {
	server, site, h, o := host(t, remotetest.Options{})
	h.HostKeyFingerprint = server.Target().HostKeyFingerprint
	got, err := Host(t.Context(), site, h, o)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fingerprint != h.HostKeyFingerprint || got.OS == "" || got.CPUs == 0 || got.MemoryGiB == 0 {
		t.Errorf("%+v", got)
	}
}

// TestKnownHostsPin makes sure that the pin may come from the known_hosts file.
func TestKnownHostsPin(t *testing.T) {
	key := remotetest.NewHostKey(t)
	server, site, h, o := host(t, remotetest.Options{HostKeys: []ssh.Signer{key}})
	line := fmt.Sprintf("[host-1]:%d %s", server.Target().Port, ssh.MarshalAuthorizedKey(key.PublicKey()))
	if err := os.WriteFile(filepath.Join(o.Folder, "known_hosts"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	site.Spec.KnownHostsFile = "known_hosts"
	got, err := Host(t.Context(), site, h, o)
	if err != nil || got.OS == "" {
		t.Errorf("%+v, %v", got, err)
	}
	site.Spec.KnownHostsFile = "missing"
	var problems v1alpha1.Problems
	if _, err := Host(t.Context(), site, h, o); !errors.As(err, &problems) {
		t.Errorf("%v", err)
	}
}

// TestErrorsSayTheFingerprint covers a host that was reached and did not let
// us in.
func TestErrorsSayTheFingerprint(t *testing.T) {
	const other = "SHA256:BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
	for _, test := range []struct {
		name    string
		options remotetest.Options
		change  func(*v1alpha1.SSHDatacenterConfig, *v1alpha1.SSHHost)
		kind    error
		want    string
	}{
		{"another key", remotetest.Options{}, func(_ *v1alpha1.SSHDatacenterConfig, h *v1alpha1.SSHHost) { h.HostKeyFingerprint = other }, remote.ErrHostKey, "not the pinned one"},
		{"refused", remotetest.Options{RefuseKeys: true}, nil, remote.ErrLogin, "refuses to log in"},
		{"no sudo", remotetest.Options{User: "admin", Sudo: remotetest.SudoAsks, SudoPassword: "pw"}, nil, remote.ErrSudo, "asks the user"},
		{"no key file", remotetest.Options{}, func(s *v1alpha1.SSHDatacenterConfig, _ *v1alpha1.SSHHost) { s.Spec.KeyFile = "none" }, nil, "does not exist"},
		{"no key", remotetest.Options{}, func(s *v1alpha1.SSHDatacenterConfig, _ *v1alpha1.SSHHost) { s.Spec.KeyFile = "" }, nil, "which private key"},
		{"no user", remotetest.Options{}, func(s *v1alpha1.SSHDatacenterConfig, _ *v1alpha1.SSHHost) { s.Spec.User = "" }, nil, "which user"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, site, h, o := host(t, test.options)
			h.HostKeyFingerprint = server.Target().HostKeyFingerprint
			if test.change != nil {
				test.change(site, &h)
			}
			got, err := Host(t.Context(), site, h, o)
			if err == nil || !strings.Contains(err.Error(), test.want) || failure.Remedy(err) == "" || test.kind != nil && !errors.Is(err, test.kind) {
				t.Errorf("%v", err)
			}
			if got.Fingerprint != server.Target().HostKeyFingerprint {
				t.Errorf("fingerprint %q", got.Fingerprint)
			}
		})
	}
}

func TestSudoPassword(t *testing.T) {
	server, site, h, o := host(t, remotetest.Options{User: "admin", Sudo: remotetest.SudoAsks, SudoPassword: "pw"})
	h.HostKeyFingerprint = server.Target().HostKeyFingerprint
	o.Getenv = func(name string) string { return map[string]string{"GROUNDWORK_SSH_SUDO_PASSWORD": "pw"}[name] }
	if got, err := Host(t.Context(), site, h, o); err != nil || got.OS == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestUnreachable(t *testing.T) {
	server, site, h, o := host(t, remotetest.Options{})
	h.HostKeyFingerprint = server.Target().HostKeyFingerprint
	server.Close()
	for _, pin := range []string{h.HostKeyFingerprint, ""} {
		h.HostKeyFingerprint = pin
		if got, err := Host(t.Context(), site, h, o); !errors.Is(err, remote.ErrUnreachable) || got.Fingerprint != "" {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestCancelled ends the context while a silent server is asked.
func TestCancelled(t *testing.T) {
	server, site, h, o := host(t, remotetest.Options{})
	server.Freeze()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := Host(ctx, site, h, o)
		result <- err
	}()
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestReport makes sure that facts are rounded as people do and problems have
// their remedies.
func TestReport(t *testing.T) {
	facts := node.Facts{OS: "ubuntu", CPUs: 4, Memory: 8<<30 - 300<<20, DiskFree: 40<<30 + 1, Swap: 1 << 30, Systemd: true, CgroupV2: true}
	got := report("SHA256:x", facts, preflight.Requirement{})
	if got.OS != "ubuntu" || got.MemoryGiB != 8 || got.DiskGiB != 40 {
		t.Errorf("%+v", got)
	}
	if !slices.ContainsFunc(got.Problems, func(p string) bool { return strings.Contains(p, "of swap") && strings.Contains(p, "swapoff -a") }) {
		t.Errorf("%q", got.Problems)
	}
}
