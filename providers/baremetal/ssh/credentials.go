package ssh

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/crypto/ssh"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/kubeadm"
)

// sudoPasswordKey is where in the Secret the password for sudo is; empty where
// sudo asks for none, so that the SSHHosts are the same with and without one.
const sudoPasswordKey = "sudo-password"

// credentialsSecret is the Secret with the private keys.
func (p *Provider) credentialsSecret() string { return p.cluster.Name + "-ssh-credentials" }

func (p *Provider) credentialsRef(host v1alpha1.SSHHost) infrav1.CredentialsReference {
	ref := infrav1.CredentialsReference{Name: p.credentialsSecret(), Key: dataKey(host.KeyFile)}
	if host.User != "root" {
		ref.SudoPasswordKey = sudoPasswordKey
	}
	return ref
}

// notInKey are the characters that a key of a Secret cannot have.
var notInKey = regexp.MustCompile(`[^-._a-zA-Z0-9]+`)

// dataKey is where in the Secret the private key of the file is: the file's
// name, and a hash of its path.
func dataKey(keyFile string) string {
	base := notInKey.ReplaceAllString(filepath.Base(keyFile), "-")
	name, err := kubeadm.ContentName(base[:min(len(base), 64)], keyFile)
	if err != nil { // a string can be encoded
		panic(err)
	}
	return name
}

// Credentials implements providers.Provider: the Secret with the private keys
// that the SSHHosts name, and the nodes' secret files. The error is a
// *failure.Error that tells of every key that cannot be used.
func (p *Provider) Credentials() ([]client.Object, error) {
	data := map[string][]byte{sudoPasswordKey: []byte(p.options.SudoPassword.Reveal())}
	var problems []*failure.Error
	tried := map[string]bool{}
	for _, host := range p.site.Hosts {
		if tried[host.KeyFile] {
			continue
		}
		tried[host.KeyFile] = true
		key, problem := p.privateKey(host.KeyFile)
		if problem != nil {
			problems = append(problems, problem)
			continue
		}
		data[dataKey(host.KeyFile)] = []byte(key.Reveal())
	}
	if len(problems) > 0 {
		return nil, together(problems)
	}
	objects := []client.Object{kubeadm.Secret(p.cluster, p.credentialsSecret(), data)}
	files, err := kubeadm.SecretFiles(p.cluster, p.options.Registry)
	if err != nil {
		return nil, err
	}
	if files != nil {
		objects = append(objects, files)
	}
	return objects, nil
}

// together is one error of several.
func together(problems []*failure.Error) error {
	if len(problems) == 1 {
		return problems[0]
	}
	all := make([]error, len(problems))
	var remedies []string
	for i, problem := range problems {
		all[i] = problem
		remedies = append(remedies, problem.Object+": "+problem.Remedy)
	}
	return &failure.Error{
		Code: failure.Preflight, Err: errors.Join(all...), Remedy: strings.Join(remedies, "\n"),
		Summary: fmt.Sprintf("%d private keys cannot be used", len(problems)),
	}
}

func (p *Provider) privateKey(path string) (secret.String, *failure.Error) {
	return PrivateKey(path, p.options.KeyPassphrase, p.options.ReadFile)
}

// PrivateKey reads a private key by read, usually ReadKeyFile, and takes its
// passphrase away. The error says what to do about the file.
func PrivateKey(path string, passphrase secret.String, read func(path string) ([]byte, error)) (secret.String, *failure.Error) {
	fail := func(err error, summary, remedy string) (secret.String, *failure.Error) {
		return secret.String{}, &failure.Error{
			Code: failure.Preflight, Summary: summary, Object: "private key " + path, Remedy: remedy, Err: err,
		}
	}
	data, err := read(path)
	var exposed *exposedError
	switch {
	case errors.As(err, &exposed):
		return fail(nil, fmt.Sprintf("others than its owner can read or change the private key: its mode is %04o", exposed.mode), "chmod 600 "+path)
	case errors.Is(err, fs.ErrNotExist):
		return fail(nil, "the private key does not exist", "correct keyFile in the SSHDatacenterConfig, or make the key with ssh-keygen")
	case err != nil:
		return fail(err, "the private key cannot be read", "make it readable for you alone")
	}
	_, err = ssh.ParseRawPrivateKey(data)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return secret.New(string(data)), nil
	case !errors.As(err, &locked):
		// The parser's text is of the format, never of the content.
		return fail(err, "the file is no private key in OpenSSH or PEM format", "name the private key, not the public one (.pub); ssh-keygen -p rewrites old formats")
	case passphrase.Empty():
		return fail(nil, "the private key has a passphrase", "set "+KeyPassphraseVariable+" in the environment, or use a key without a passphrase")
	}
	key, err := ssh.ParseRawPrivateKeyWithPassphrase(data, []byte(passphrase.Reveal()))
	if err != nil {
		return fail(err, "the passphrase does not open the private key", "correct "+KeyPassphraseVariable+" in the environment")
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return fail(err, "the private key is of a kind that cannot be used", "use an Ed25519, ECDSA or RSA key")
	}
	return secret.New(string(pem.EncodeToMemory(block))), nil
}

// exposedError: others can read a private key.
type exposedError struct{ mode fs.FileMode }

func (e *exposedError) Error() string { return fmt.Sprintf("its mode is %04o", e.mode) }

// ReadKeyFile reads a private key, unless others than its owner may read or
// change the file, as OpenSSH refuses it.
func ReadKeyFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, &exposedError{mode}
	}
	return os.ReadFile(path) //nolint:gosec // the configuration names it
}
