// Package probe tries a single host over SSH while a configuration is being
// made: which key it shows, and once that is pinned what it is and what keeps
// it from being a node.
package probe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	sshprovider "groundwork.dev/bootstrap/providers/baremetal/ssh"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/node"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/preflight"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// timeout bounds all that is asked of a host.
const timeout = time.Minute

const gibibyte = 1 << 30

// Report is what is known of a host.
type Report struct {
	// Fingerprint is of its key, as ssh-keygen -lf prints it: the one it
	// shows, which is the pinned one where that is the host's. It is filled
	// also where the login failed, and "" where the host was not reached.
	Fingerprint string
	// OS, CPUs, MemoryGiB and DiskGiB, what is free in /var/lib, are of a host
	// that let us in.
	OS                       string
	CPUs, MemoryGiB, DiskGiB int
	// Problems keep it from being a node, or speak against it, each with its
	// remedy.
	Problems []string
}

// Options are how a host is asked. The zero value asks as the environment
// says.
type Options struct {
	// Folder is what relative paths of the configuration are below: that of
	// its file.
	Folder string
	// Getenv answers for the passphrase of the key and sudo's password; nil
	// has none.
	Getenv func(string) string
	// ReadFile reads the private key; nil is ssh.ReadKeyFile.
	ReadFile func(path string) ([]byte, error)
	// Needs is what the host is judged by; its Address is filled. The zero
	// value asks what every node needs.
	Needs preflight.Requirement
}

// Host tries a host of a datacenter, whose defaults count. Where no key is
// pinned for it, neither by the host nor by the known_hosts file, it reports
// the fingerprint and does not log in. Errors are *failure.Error or
// v1alpha1.Problems, beside a report of as much as is known, except when ctx
// was cancelled: then they wrap its cause.
func Host(ctx context.Context, site *v1alpha1.SSHDatacenterConfig, host v1alpha1.SSHHost, o Options) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	host, err := site.ResolveHost(host, o.Folder)
	if err != nil {
		return Report{}, err
	}
	target := remote.Target{Name: host.Name, Address: host.Address, Port: host.Port, User: host.User, HostKeyFingerprint: host.HostKeyFingerprint}
	if host.HostKeyFingerprint == "" {
		shown, err := remote.Fingerprint(ctx, target)
		return Report{Fingerprint: shown}, err
	}
	if err := o.login(&target, host.KeyFile); err != nil {
		// The key that it shows is of use all the same.
		shown, unreached := remote.Fingerprint(ctx, target)
		if unreached != nil {
			return Report{}, unreached
		}
		return Report{Fingerprint: shown}, err
	}
	return o.ask(ctx, target)
}

// login fills in whom to log in as, and with what.
func (o Options) login(t *remote.Target, keyFile string) error {
	missing := func(what, remedy string) error {
		return &failure.Error{Code: failure.Configuration, Object: "host " + t.Name, Summary: "nothing says " + what, Remedy: remedy}
	}
	switch {
	case t.User == "":
		return missing("which user logs in to the host", "Give the user, for all hosts or for this one: root, or one who becomes root through sudo.")
	case keyFile == "":
		return missing("which private key logs in to the host", "Give the path of a private key, for all hosts or for this one.")
	}
	getenv, read := o.Getenv, o.ReadFile
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	if read == nil {
		read = sshprovider.ReadKeyFile
	}
	key, problem := sshprovider.PrivateKey(keyFile, secret.New(getenv(sshprovider.KeyPassphraseVariable)), read)
	if problem != nil {
		return problem
	}
	t.Key, t.SudoPassword = key, secret.New(getenv(sshprovider.SudoPasswordVariable))
	return nil
}

// ask logs in and judges what the host says.
func (o Options) ask(ctx context.Context, t remote.Target) (Report, error) {
	host, err := remote.Dial(ctx, t)
	switch {
	case errors.Is(err, remote.ErrHostKey):
		shown, unreached := remote.Fingerprint(ctx, t)
		if unreached != nil {
			shown = ""
		}
		return Report{Fingerprint: shown}, err
	case errors.Is(err, remote.ErrLogin), errors.Is(err, remote.ErrSudo):
		return Report{Fingerprint: t.HostKeyFingerprint}, err
	case err != nil:
		return Report{}, err
	}
	defer func() { _ = host.Close() }() // nothing is under way
	facts, err := node.Look(ctx, host)
	if err != nil {
		return Report{Fingerprint: t.HostKeyFingerprint}, err
	}
	needs := o.Needs
	needs.Address = t.Address
	return report(t.HostKeyFingerprint, facts, needs), nil
}

// report is what facts mean.
func report(fingerprint string, facts node.Facts, needs preflight.Requirement) Report {
	r := Report{
		Fingerprint: fingerprint, OS: facts.OSName, CPUs: facts.CPUs,
		// A machine of 8 GiB keeps some of it for its kernel.
		MemoryGiB: int((facts.Memory + gibibyte/2) / gibibyte), DiskGiB: int(facts.DiskFree / gibibyte),
	}
	if r.OS == "" {
		r.OS = facts.OS
	}
	for _, p := range preflight.Judge(facts, needs) {
		text := p.Found
		if p.Remedy != "" {
			text = fmt.Sprintf("%s. %s", p.Found, p.Remedy)
		}
		r.Problems = append(r.Problems, text)
	}
	return r
}
