package v1alpha1

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// knownHosts is a known_hosts file, in OpenSSH's format (sshd(8),
// SSH_KNOWN_HOSTS FILE FORMAT).
type knownHosts struct {
	path  string
	check ssh.HostKeyCallback
	// authorities are lines that name an authority instead of a host's key.
	authorities map[int]bool
	// revoked are the lines of revoked keys, by fingerprint.
	revoked map[string]int
}

// readKnownHosts reads the file at path. The problems are those of its lines,
// or one without a line where it cannot be read at all.
func readKnownHosts(path string) (*knownHosts, Problems) {
	data, problems := readSource(path)
	if len(problems) > 0 {
		return nil, problems
	}
	k := &knownHosts{path: path, authorities: map[int]bool{}, revoked: map[string]int{}}
	bad := func(line int) {
		problems = append(problems, Problem{File: path, Line: line, Column: 1,
			Message: "this is not a line of a known_hosts file",
			Remedy:  "remove it, or write it as ssh-keyscan does: a host, the type of its key, and the key"})
	}
	number := 0
	for text := range strings.Lines(string(data)) {
		number++
		fields := strings.Fields(text)
		if len(fields) == 0 || fields[0][0] == '#' {
			continue
		}
		wanted := 3
		if fields[0][0] == '@' {
			wanted++
		}
		// The comment may have any number of words.
		fields = fields[:min(wanted, len(fields))]
		marker, _, key, _, _, err := ssh.ParseKnownHosts([]byte(strings.Join(fields, " ")))
		switch {
		case err != nil || len(fields) < wanted:
			bad(number)
		case marker == "cert-authority":
			k.authorities[number] = true
		case marker == "revoked":
			k.revoked[ssh.FingerprintSHA256(key)] = number
		case marker != "":
			bad(number)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	var err error
	if k.check, err = knownhosts.New(path); err != nil {
		// Of what has passed so far only a hashed name can be wrong.
		place, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "knownhosts: "+path+":"), ":")
		line, _ := strconv.Atoi(place)
		bad(max(line, 1))
		return nil, problems
	}
	return k, nil
}

// nobody is a key that no host has: asking for it tells the keys that one has.
var nobody = func() ssh.PublicKey {
	key, err := ssh.NewPublicKey(make(ed25519.PublicKey, ed25519.PublicKeySize))
	if err != nil {
		panic(err) // an ed25519 key of the right length is always one
	}
	return key
}()

// keys are the lines that hold keys of a host, authorities included. name is
// an address or a host name.
func (k *knownHosts) keys(name string, port int) []knownhosts.KnownKey {
	var unknown *knownhosts.KeyError
	if errors.As(k.check(net.JoinHostPort(name, strconv.Itoa(port)), &net.TCPAddr{IP: net.IPv4zero, Port: port}, nobody), &unknown) {
		return unknown.Want
	}
	return nil
}

// pinTypes are the types of keys that a host is pinned by, the preferred one
// first.
var pinTypes = [][]string{
	{ssh.KeyAlgoED25519},
	{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
	{ssh.KeyAlgoRSA},
}

// pin is the fingerprint of the key that the file has for a host, by address
// or, where it is not known by that, by name: "" where it has none. problem
// and remedy are about a host that is in the file and still has no pin.
func (k *knownHosts) pin(host *SSHHost) (fingerprint, problem, remedy string) {
	var own []knownhosts.KnownKey
	authority := 0
	for _, name := range []string{host.Address, host.Name} {
		for _, line := range k.keys(name, host.Port) {
			if k.authorities[line.Line] {
				authority = line.Line
			} else {
				own = append(own, line)
			}
		}
		if len(own) > 0 {
			break
		}
	}
	for _, line := range own {
		if revoked, ok := k.revoked[ssh.FingerprintSHA256(line.Key)]; ok {
			return "", fmt.Sprintf("line %d of %s revokes the host's key on line %d", revoked, k.path, line.Line), revokedRemedy
		}
	}
	for _, types := range pinTypes {
		var found *knownhosts.KnownKey
		for i, line := range own {
			switch {
			case !slices.Contains(types, line.Key.Type()):
			case found == nil:
				found = &own[i]
			case ssh.FingerprintSHA256(found.Key) != ssh.FingerprintSHA256(line.Key):
				return "", fmt.Sprintf("%s has two keys of one type for the host, on lines %d and %d", k.path, found.Line, line.Line),
					"remove the line with the key that the host has no more; or " + pinRemedy(host)
			}
		}
		if found != nil {
			return ssh.FingerprintSHA256(found.Key), "", ""
		}
	}
	switch {
	case len(own) > 0:
		return "", fmt.Sprintf("%s has only a key of the type %s for the host", k.path, own[0].Key.Type()), pinRemedy(host)
	case authority > 0:
		return "", fmt.Sprintf("%s has only an authority for the host, on line %d, and certificates are not supported", k.path, authority), pinRemedy(host)
	}
	return "", "", ""
}

const revokedRemedy = "make a new key on the host, and write its fingerprint"
