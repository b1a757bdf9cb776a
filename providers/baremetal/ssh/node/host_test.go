package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote/remotetest"
)

// testHost is a host whose root is a folder: its scripts run in a real shell,
// with commands that would change the machine replaced.
type testHost struct {
	t           *testing.T
	root, state string
	commands    string

	mu     sync.Mutex
	copied []string // what Copy was given, by digest
}

// harmless are commands that do nothing; idle ones find nothing.
var (
	harmless = []string{"modprobe", "chown", "journalctl", "update-ca-certificates", "groupdel", "groupadd", "umount", "timedatectl", "visudo"}
	idle     = []string{"ip", "tc", "nft", "ipset", "iptables-save", "iptables-legacy-save", "iptables-nft-save",
		"ip6tables-save", "ip6tables-legacy-save", "ip6tables-nft-save", "iptables-restore", "restorecon", "update-ca-trust"}
)

func newHost(t *testing.T) *testHost {
	t.Helper()
	dir := t.TempDir()
	h := &testHost{t: t, root: filepath.Join(dir, "root"), state: filepath.Join(dir, "state"), commands: filepath.Join(dir, "commands")}
	for _, d := range []string{h.state + "/units", h.commands} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, content := range map[string]string{
		"etc/hostname":                     "before\n",
		"etc/hosts":                        "127.0.0.1 localhost\n192.0.2.1 other\n",
		"etc/passwd":                       "root:x:0:0::/root:/bin/sh\nops:x:1000:1000::/home/ops:/bin/sh\n",
		"etc/group":                        "users:x:100:\nadm:x:4:\n",
		"etc/motd":                         "welcome\n",
		"etc/machine-id":                   "0123456789abcdef\n",
		"etc/sudoers.d/README":             "",
		"home/ops/.ssh/authorized_keys":    "ssh-ed25519 OLD ops",
		"opt/cni/bin/firewall":             "a distribution's plugin",
		"usr/local/bin/kubectl":            "an older kubectl",
		"proc/sys/kernel/hostname":         "before\n",
		"proc/sys/kernel/random/boot_id":   "boot-1\n",
		"proc/1/stat":                      "1 (systemd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 1 1\n",
		"proc/sys/net/ipv4/ip_forward":     "0\n",
		"proc/self/mountinfo":              "",
		"proc/filesystems":                 "nodev\toverlay\n",
		"sys/module/br_netfilter/refcnt":   "0",
		"etc/systemd/system/other.service": "",
		"etc/systemd/system/multi-user.target.wants/other.service": "",
		"var/lib/other/file":       "data",
		"usr/local/sbin/.keep":     "",
		"run/systemd/system/.keep": "",
	} {
		h.write(path, content)
	}
	source, err := filepath.Abs("testdata/commands")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "ctr" && e.Name() != "kubeadm" { // they come with the bundle
			h.command(e.Name(), e.Name())
		}
	}
	for _, name := range harmless {
		h.command("nothing", name)
	}
	for _, name := range idle {
		h.command("failing", name)
	}
	return h
}

// command makes testdata/commands/source a command of the host.
func (h *testHost) command(source, name string) {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/commands", source))
	if err != nil {
		h.t.Fatal(err)
	}
	remotetest.WriteScript(h.t, filepath.Join(h.commands, name), string(data))
}

func (h *testHost) write(path, content string) {
	h.t.Helper()
	path = filepath.Join(h.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *testHost) read(path string) string {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(h.root, path))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(data)
}

func (h *testHost) exists(path string) bool {
	_, err := os.Lstat(filepath.Join(h.root, path))
	return err == nil
}

// set makes an empty file of the state, which changes what commands do.
func (h *testHost) set(name, content string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.state, name), []byte(content), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *testHost) clear(name string) { _ = os.Remove(filepath.Join(h.state, name)) }

// calls are the calls of commands that begin so.
func (h *testHost) calls(prefix string) []string {
	data, _ := os.ReadFile(filepath.Join(h.state, "calls"))
	var calls []string
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, prefix) {
			calls = append(calls, strings.TrimSpace(line))
		}
	}
	return calls
}

// Run implements Remote.
func (h *testHost) Run(ctx context.Context, c remote.Command) (remote.Result, error) {
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", c.Script, "sh"}, c.Args...)...)
	cmd.Env = []string{"PATH=" + h.commands + ":" + os.Getenv("PATH"), "GROUNDWORK_ROOT=" + h.root, "GROUNDWORK_STATE=" + h.state}
	cmd.Stdin = c.Stdin
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return remote.Result{}, err
	}
	if stderr.Len() > 0 {
		h.t.Logf("stderr: %s", stderr.String())
	}
	return remote.Result{Stdout: stdout.String(), Stderr: stderr.String(), ExitCode: cmd.ProcessState.ExitCode()}, nil
}

// Copy implements Remote.
func (h *testHost) Copy(ctx context.Context, files []remote.File, onProgress func(remote.CopyProgress)) (remote.CopyProgress, error) {
	var p remote.CopyProgress
	for _, f := range files {
		p.Total += f.Size
		content, err := f.Open(ctx)
		if err != nil {
			return p, err
		}
		data := make([]byte, f.Size)
		if _, err := content.ReadAt(data, 0); err != nil {
			return p, err
		}
		if err := content.Close(); err != nil {
			return p, err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
			return p, fmt.Errorf("%s has another digest", f.Path)
		}
		path := filepath.Join(h.root, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return p, err
		}
		if err := os.WriteFile(path, data, f.Mode); err != nil {
			return p, err
		}
		p.Sent += f.Size
		onProgress(p)
		h.mu.Lock()
		h.copied = append(h.copied, f.SHA256)
		h.mu.Unlock()
	}
	return p, nil
}

// snapshot is every path of the root with its mode and content.
func (h *testHost) snapshot() map[string]string {
	h.t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(h.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		entry := info.Mode().String()
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			entry += " " + target
		case info.Mode().IsRegular():
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			entry += " " + string(data)
		}
		all[strings.TrimPrefix(path, h.root)] = entry
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// waitFor polls until the condition holds.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}
