package lab

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/registry"
)

// makeKeys makes the client's key, every host's, and known_hosts.
func makeKeys(l *registry.Lab) error {
	if _, err := makeKey(l.KeyFile, l.Name); err != nil {
		return err
	}
	var known bytes.Buffer
	for i := range l.Hosts {
		h := &l.Hosts[i]
		public, err := makeKey(filepath.Join(l.HostDir(h.Name), host.KeyFile), h.Name)
		if err != nil {
			return err
		}
		h.HostKeyFingerprint = ssh.FingerprintSHA256(public)
		for _, a := range h.Addresses {
			fmt.Fprintf(&known, "%s %s", a, ssh.MarshalAuthorizedKey(public))
		}
	}
	return os.WriteFile(l.KnownHostsFile, known.Bytes(), 0o600)
}

// makeKey writes an Ed25519 key pair as ssh-keygen does.
func makeKey(file, comment string) (ssh.PublicKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return nil, err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return key, os.WriteFile(file+".pub", ssh.MarshalAuthorizedKey(key), 0o644)
}
