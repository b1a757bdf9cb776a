package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// personalise writes what makes this host different from others: its names and
// keys.
func personalise(s Spec) error {
	machineID := sha256.Sum256([]byte(s.Dir + " " + s.Addresses[0].String()))
	names := fmt.Sprintf("127.0.0.1 localhost\n::1 localhost\n%s %s\n", s.Addresses[0].Addr(), s.Name)
	for _, f := range []struct {
		path, text string
		mode       fs.FileMode
	}{
		{"etc/hostname", s.Name + "\n", 0o644},
		{"etc/hosts", names, 0o644},
		{"etc/resolv.conf", fmt.Sprintf("nameserver %s\n", s.Gateway), 0o644},
		// Without one, systemd would take this for a first boot and apply
		// every unit's preset.
		{"etc/machine-id", hex.EncodeToString(machineID[:16]) + "\n", 0o444},
	} {
		if err := s.write(f.path, f.text, f.mode); err != nil {
			return err
		}
	}
	if err := s.hostKey(); err != nil {
		return err
	}
	if err := s.authorize("root"); err != nil {
		return err
	}
	return s.authorize(filepath.Join("home", s.User))
}

// write replaces a file of the host, a symbolic link too.
func (s Spec) write(path, text string, mode fs.FileMode) error {
	at := s.root(path)
	if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(at, []byte(text), mode); err != nil {
		return err
	}
	return os.Chmod(at, mode)
}

// hostKey leaves sshd with one key, the one that is pinned.
func (s Spec) hostKey() error {
	others, err := filepath.Glob(s.root("etc/ssh/ssh_host_*"))
	if err != nil {
		return err
	}
	for _, path := range others {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return s.write("etc/ssh/"+KeyFile, string(s.HostKey), 0o600)
}

// authorize lets the lab's key in to the user of that home.
func (s Spec) authorize(home string) error {
	info, err := os.Stat(s.root(home))
	if err != nil {
		return err
	}
	user := info.Sys().(*syscall.Stat_t)
	dir := filepath.Join(home, ".ssh")
	if err := os.MkdirAll(s.root(dir), 0o700); err != nil {
		return err
	}
	file := filepath.Join(dir, "authorized_keys")
	if err := s.write(file, s.AuthorizedKey, 0o600); err != nil {
		return err
	}
	for _, path := range []string{dir, file} {
		if err := os.Lchown(s.root(path), int(user.Uid), int(user.Gid)); err != nil {
			return err
		}
	}
	return nil
}
