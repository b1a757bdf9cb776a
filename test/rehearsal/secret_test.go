package rehearsal_test

import (
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/test/cli"
	"k8s.io/client-go/tools/clientcmd"
)

// keys matches a private key in PEM, and that in base64 as manifests and
// kubeconfigs carry it; tokens matches a kubeadm bootstrap token; password
// matches the record of the simulated vCenter's.
var (
	password = regexp.MustCompile(`"kind":"password","name":"","value":"([^"]+)"`)
	keys     = regexp.MustCompile(`PRIVATE KEY|UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW`)
	tokens   = regexp.MustCompile(`\b[a-z0-9]{6}\.[a-z0-9]{16}\b`)
)

// secretFiles are the files below a cluster's state that hold secrets, which
// is what their mode is for; everything else must be free of them.
var secretFiles = []string{"bootstrap-cluster/", "site/", "kubeconfig"}

// TestNoSecretIsWritten plants secrets, makes a cluster and deletes it, and
// searches everything that was printed, logged and kept.
func TestNoSecretIsWritten(t *testing.T) {
	const planted = "planted-0xC0FFEE-password"
	tool := newTool(t)
	tool.Env = []string{
		"EKSA_VSPHERE_USERNAME=someone@vsphere.local", "EKSA_VSPHERE_PASSWORD=" + planted,
		"REGISTRY_USERNAME=someone", "REGISTRY_PASSWORD=" + planted,
	}
	created := create(t, tool).MustSucceed(t)
	dir := filepath.Join(tool.State, "_rehearsals", exampleName)
	secrets := append(loginSecrets(t, dir), planted)

	written := map[string]string{
		"create's stdout": created.Stdout, "create's stderr": created.Stderr,
		"status":    tool.Run(t, "status", exampleName, "--rehearse", "-o", "json").MustSucceed(t).Stdout,
		"manifests": cli.Finish(t, tool.Stateless(t.Context(), "generate", "manifests", "-f", example)).MustSucceed(t).Stdout,
	}
	for name, text := range stateFiles(t, dir) {
		written[name] = text
	}
	deleted := tool.Run(t, "delete", "cluster", exampleName, "--rehearse", "-o", "json").MustSucceed(t)
	written["delete's output"] = deleted.Stdout + deleted.Stderr

	for name, text := range written {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds a secret (%d characters)", name, len(secret))
			}
		}
		if keys.MatchString(text) {
			t.Errorf("%s holds a private key", name)
		}
		if found := tokens.FindString(text); found != "" {
			t.Errorf("%s holds what looks like a bootstrap token: %s", name, found)
		}
	}
}

// loginSecrets are the secrets that this very cluster was made with.
func loginSecrets(t *testing.T, dir string) []string {
	t.Helper()
	records, err := os.ReadFile(filepath.Join(dir, "site", "site.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	found := password.FindSubmatch(records)
	if found == nil {
		t.Fatal("the simulated site has no password")
	}
	login := found[1]
	config, err := clientcmd.LoadFromFile(filepath.Join(dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{string(login), base64.StdEncoding.EncodeToString(login)}
	for _, user := range config.AuthInfos {
		secrets = append(secrets, base64.StdEncoding.EncodeToString(user.ClientKeyData)[:64])
	}
	return secrets
}

// stateFiles reads what may hold no secret, and checks that only the user can
// read any of it.
func stateFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: others can read it", path, info.Mode())
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || !info.Mode().IsRegular() || holdsSecrets(name) {
			return err
		}
		text, err := os.ReadFile(path)
		texts[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) == 0 {
		t.Fatal("no file was searched")
	}
	return texts
}

func holdsSecrets(name string) bool {
	if strings.HasSuffix(name, ".log") { // the bootstrap cluster's log lies among its data
		return false
	}
	for _, prefix := range secretFiles {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
