package hardware

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

// fingerprintPrefix begins what ssh-keygen -lf and ssh.FingerprintSHA256
// print.
const fingerprintPrefix = "SHA256:"

// HostKeyFingerprint is the fingerprint of a host's key: text itself, where
// it is one, or that of the public key that text is. The error says what text
// is instead, and does not quote it.
func HostKeyFingerprint(text string) (string, error) {
	text = strings.TrimSpace(text)
	if digest, found := strings.CutPrefix(text, fingerprintPrefix); found {
		if len(digest) < base64.RawStdEncoding.EncodedLen(sha256.Size) {
			return "", errors.New("the fingerprint is cut short")
		}
		// The last character has bits to spare, and texts are compared.
		if raw, err := base64.RawStdEncoding.Strict().DecodeString(digest); err != nil || len(raw) != sha256.Size {
			return "", errors.New("the fingerprint is not 32 bytes in base64")
		}
		return text, nil
	}
	if strings.Contains(text, "PRIVATE KEY") {
		return "", errors.New("this is a private key, and the file must not hold one")
	}
	if strings.HasPrefix(text, "MD5:") || strings.Count(text, ":") == 15 {
		return "", errors.New("this is an MD5 fingerprint, and a SHA-256 is needed")
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return "", errors.New("this is neither a SHA-256 fingerprint nor a public key")
	}
	return ssh.FingerprintSHA256(key), nil
}

// ssh reads the columns that only hosts which run Linux have.
func (r *row) ssh() SSH {
	s := SSH{User: r.value(columnSSHUser), KeyFile: r.value(columnSSHKeyFile)}
	if text := r.value(columnSSHPort); text != "" {
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			r.problem(columnSSHPort, fmt.Sprintf("%s is not a port", quote(text)), "write a number from 1 to 65535, or nothing")
		}
		s.Port = port
	}
	if strings.Contains(s.KeyFile, "PRIVATE KEY") || strings.ContainsAny(s.KeyFile, "\n\r") {
		r.problem(columnSSHKeyFile, "this is a key, and the file must hold only the path of one", "write the key to a file that only you can read, and its path here")
		s.KeyFile = ""
	}
	if text := r.value(columnSSHHostKey); text != "" {
		fingerprint, err := HostKeyFingerprint(text)
		if err != nil {
			r.problem(columnSSHHostKey, err.Error(), "write what `ssh-keygen -lf` prints for the host's key: SHA256:…")
		}
		s.HostKeyFingerprint = fingerprint
	}
	return s
}
