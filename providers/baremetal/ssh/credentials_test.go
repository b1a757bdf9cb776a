package ssh

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/manifeststest"
)

// newKey makes a private key, with a passphrase unless that is empty.
func newKey(t *testing.T, passphrase string) []byte {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var block *pem.Block
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(key, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

func TestCredentialsHoldWhatTheHostsRefer(t *testing.T) {
	keys := map[string][]byte{"/keys/ops": newKey(t, ""), "/keys/root.pem": newKey(t, "")}
	p := newProvider(t, fullConfig(t, nil), keys)
	objects, err := p.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]*corev1.Secret{}
	for _, object := range objects {
		secrets[object.GetName()] = object.(*corev1.Secret)
	}
	seen := map[string]bool{}
	for _, object := range p.hosts() {
		host := object.(*infrav1.SSHHost)
		ref := host.Spec.CredentialsRef
		want := keys["/keys/ops"]
		if host.Spec.User == "root" {
			want = keys["/keys/root.pem"]
		}
		if got := secrets[ref.Name].Data[ref.Key]; !bytes.Equal(got, want) {
			t.Errorf("%s does not refer to its key", host.Name)
		}
		seen[ref.Key] = true
		switch {
		case host.Spec.User == "root" && ref.SudoPasswordKey != "":
			t.Errorf("%s: root needs no sudo", host.Name)
		case host.Spec.User != "root" && string(secrets[ref.Name].Data[ref.SudoPasswordKey]) != plantedSudoPassword:
			t.Errorf("%s does not refer to the password for sudo", host.Name)
		}
	}
	if len(seen) != 2 || len(secrets["full-ssh-credentials"].Data) != 3 {
		t.Errorf("%d keys are referred to", len(seen))
	}
	if secrets["full-node-files"] == nil {
		t.Error("the registry mirror's credentials are missing")
	}
}

func TestManifestsHoldNoSecret(t *testing.T) {
	text := manifeststest.YAML(t, fullObjects(t))
	for _, planted := range []string{plantedSudoPassword, plantedRegistryPassword, "PRIVATE KEY"} {
		for _, form := range []string{planted, base64.StdEncoding.EncodeToString([]byte(planted))} {
			if bytes.Contains(text, []byte(form)) {
				t.Errorf("the manifests contain %q", form)
			}
		}
	}
}

func TestKeyWithAPassphraseIsOpened(t *testing.T) {
	locked := newKey(t, "open sesame")
	p := newProvider(t, fullConfig(t, nil), map[string][]byte{"/keys/ops": locked, "/keys/root.pem": newKey(t, "")})
	p.options.KeyPassphrase = secret.New("open sesame")
	objects, err := p.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := ssh.ParsePrivateKey(objects[0].(*corev1.Secret).Data[dataKey("/keys/ops")])
	if err != nil {
		t.Fatal(err)
	}
	want, err := ssh.ParsePrivateKeyWithPassphrase(locked, []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(opened.PublicKey().Marshal(), want.PublicKey().Marshal()) {
		t.Error("it is another key")
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	good := newKey(t, "")
	for name, test := range map[string]struct {
		key        []byte
		passphrase string
		remedy     string
	}{
		"locked":           {newKey(t, "open sesame"), "", KeyPassphraseVariable},
		"wrong passphrase": {newKey(t, "open sesame"), "abracadabra", KeyPassphraseVariable},
		"public":           {[]byte("ssh-ed25519 AAAA you@example.com\n"), "", ".pub"},
		"missing":          {nil, "", "keyFile"},
	} {
		t.Run(name, func(t *testing.T) {
			keys := map[string][]byte{"/keys/root.pem": good}
			if test.key != nil {
				keys["/keys/ops"] = test.key
			}
			p := newProvider(t, fullConfig(t, nil), keys)
			p.options.KeyPassphrase = secret.New(test.passphrase)
			_, err := p.Credentials()
			var failed *failure.Error
			if !errors.As(err, &failed) || failed.Code != failure.Preflight || !strings.Contains(failed.Remedy, test.remedy) {
				t.Errorf("got %v, remedy %q", err, failure.Remedy(err))
			}
			if test.passphrase != "" && strings.Contains(err.Error(), test.passphrase) {
				t.Errorf("the error quotes the passphrase: %v", err)
			}
		})
	}
}

func TestEveryKeyThatCannotBeUsedIsTold(t *testing.T) {
	_, err := newProvider(t, fullConfig(t, nil), map[string][]byte{}).Credentials()
	for _, path := range []string{"/keys/ops", "/keys/root.pem"} {
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(failure.Remedy(err), path) {
			t.Errorf("%s is not told of: %v", path, err)
		}
	}
}

func TestKeyFilesThatOthersCanReadAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	for mode, accepted := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false} {
		if err := errors.Join(os.WriteFile(path, newKey(t, ""), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKeyFile(path); (err == nil) != accepted {
			t.Errorf("mode %04o: %v", mode, err)
		}
		p := newProvider(t, fullConfig(t, nil), nil)
		p.options.ReadFile = ReadKeyFile
		if _, problem := p.privateKey(path); accepted != (problem == nil) || problem != nil && problem.Remedy != "chmod 600 "+path {
			t.Errorf("mode %04o: %v", mode, problem)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
