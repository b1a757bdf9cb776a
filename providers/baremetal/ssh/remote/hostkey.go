package remote

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// hostKeyAlgorithms are what a host may prove its key with: no SHA-1, no DSA,
// no certificates, since a pin is of a key.
var hostKeyAlgorithms = []string{
	ssh.KeyAlgoED25519,
	ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

// algorithmsOf are the algorithms that a key of the type signs with.
func algorithmsOf(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

// pinnedTypes remembers the type of key that each pin turned out to be of. A
// host counts connections that end before the login (OpenSSH 9.8's
// PerSourcePenalties), so that finding it by trial is done once.
var pinnedTypes sync.Map // fingerprint: key type

// keySearch finds the pinned one among a host's keys: the server shows one
// key a connection, of the first algorithm of ours that it has a key for.
type keySearch struct {
	pin        string
	algorithms []string
	shown      []string // what the host has shown instead, for the message
	found      bool
}

func newKeySearch(fingerprint string) *keySearch {
	s := &keySearch{pin: strings.TrimRight(strings.TrimSpace(fingerprint), "="), algorithms: slices.Clone(hostKeyAlgorithms)}
	if known, ok := pinnedTypes.Load(s.pin); ok {
		first := algorithmsOf(known.(string))
		rest := slices.DeleteFunc(s.algorithms, func(a string) bool { return slices.Contains(first, a) })
		s.algorithms = append(slices.Clone(first), rest...)
	}
	return s
}

// errOtherKey ends a handshake in which the host shows a key that is not
// pinned.
var errOtherKey = errors.New("not the pinned key")

// check is the handshake's host key callback.
func (s *keySearch) check(_ string, _ net.Addr, key ssh.PublicKey) error {
	fingerprint := ssh.FingerprintSHA256(key)
	if fingerprint == s.pin {
		s.found = true
		pinnedTypes.Store(s.pin, key.Type())
		return nil
	}
	s.shown = append(s.shown, fmt.Sprintf("%s (%s)", fingerprint, strings.TrimPrefix(key.Type(), "ssh-")))
	tried := algorithmsOf(key.Type())
	s.algorithms = slices.DeleteFunc(s.algorithms, func(a string) bool { return slices.Contains(tried, a) })
	return errOtherKey
}

// mismatch is the error when none of the host's keys is the pinned one.
func (t Target) mismatch(s *keySearch) error {
	return t.fail(ErrHostKey, fmt.Errorf("it shows %s, but %s is pinned", strings.Join(s.shown, ", "), s.pin),
		"the host's key is not the pinned one",
		"Do not go on before you know why: somebody may be intercepting the connection, or another machine has this address. "+
			"Where the host was installed anew, read its key on its own console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and correct hostKeyFingerprint.")
}

// unpinned is the error for a target without a usable pin.
func (t Target) unpinned() error {
	return t.fail(ErrHostKey, fmt.Errorf("%q is no SHA-256 fingerprint", t.HostKeyFingerprint), "the host's key is not pinned",
		fmt.Sprintf("Give the fingerprint as hostKeyFingerprint (SHA256:…). On the host's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; over a network that you trust: ssh-keyscan -p %s %s | ssh-keygen -lf -",
			portOf(t.hostPort()), t.Address))
}
