package v1alpha1

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostKeys returns public keys that differ by n, of every type.
func hostKeys(t *testing.T, n byte) (ed, ec, rs ssh.PublicKey) {
	t.Helper()
	public := func(key any) ssh.PublicKey {
		made, err := ssh.NewPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	raw := make(ed25519.PublicKey, ed25519.PublicKeySize)
	raw[0] = n
	scalar := make([]byte, 32)
	scalar[31] = n
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	modulus := new(big.Int).Lsh(big.NewInt(1), 2047)
	modulus.Add(modulus, big.NewInt(2*int64(n)+1))
	return public(raw), public(&private.PublicKey), public(&rsa.PublicKey{N: modulus, E: 65537})
}

// sshSite is the files of a site with hosts over SSH.
type sshSite struct{ cluster, hardware, knownHosts string }

// exampleSite has host-1 in the configuration file and the others in the
// hardware file, pinned in every way there is.
func exampleSite(t *testing.T) sshSite {
	t.Helper()
	line := func(name string, key ssh.PublicKey) string { return knownhosts.Line([]string{name}, key) + "\n" }
	_, ec1, rs1 := hostKeys(t, 1)
	ed2, ec2, rs2 := hostKeys(t, 2)
	_, _, rs3 := hostKeys(t, 3)
	ed4, _, _ := hostKeys(t, 4)
	other, _, _ := hostKeys(t, 99)
	hashed := strings.Replace(line("198.51.100.23", rs3), "198.51.100.23", knownhosts.HashHostname("198.51.100.23"), 1)

	text, _, _ := strings.Cut(read(t, "testdata/ssh.yaml"), "  hosts:\n")
	_, machines, _ := strings.Cut(read(t, "testdata/ssh.yaml"), "rack: c}\n---\n")
	_, machines, _ = strings.Cut("---\n"+machines, "") // from the first machine configuration on
	text = strings.Replace(text, "keyFile: /keys/id_ed25519", "keyFile: ~/.ssh/id_ed25519\n  hardwareFile: site/hardware.csv\n  knownHostsFile: known_hosts", 1)
	return sshSite{
		cluster: text + "  hosts:\n    - name: host-1\n      address: 198.51.100.21\n      port: 2222\n      keyFile: keys/host-1\n      labels: {type: cp}\n" + machines,
		hardware: "hostname,ip_address,labels,ssh_user,ssh_port,ssh_key_file,ssh_host_key\n" +
			"host-2,198.51.100.22,type=cp,,,,\n" +
			"host-3,198.51.100.23,type=cp,root,,,\n" +
			"host-4,198.51.100.24,type=worker,,,keys/host-4,\n" +
			"host-5,198.51.100.25,type=worker,,2200,,SHA256:BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\n",
		knownHosts: "# a comment\n\n" +
			line("[198.51.100.21]:2222", rs1) + line("[198.51.100.21]:2222", ec1) + line("198.51.100.21", other) +
			strings.TrimSuffix(line("198.51.100.22", rs2), "\n") + " admin of the site, by phone\n" + line("198.51.100.22", ec2) + line("198.51.100.22", ed2) +
			hashed + line("host-4", ed4) + line("[198.51.100.25]:2200", other) +
			"@cert-authority * " + strings.TrimPrefix(line("*", other), "* ") +
			"@revoked * " + strings.TrimPrefix(line("*", other), "* "),
	}
}

// write puts the files into a new folder and returns the configuration file's
// path.
func (s sshSite) write(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "site"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"racks.yaml": s.cluster, "site/hardware.csv": s.hardware, "known_hosts": s.knownHosts} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "racks.yaml")
}

func TestSSHSite(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	path := exampleSite(t).write(t)
	config, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	_, ec1, _ := hostKeys(t, 1)
	ed2, _, _ := hostKeys(t, 2)
	_, _, rs3 := hostKeys(t, 3)
	ed4, _, _ := hostKeys(t, 4)
	cp, worker := map[string]string{"type": "cp"}, map[string]string{"type": "worker"}
	const key = "/home/admin/.ssh/id_ed25519"
	keys := filepath.Join(filepath.Dir(path), "keys")
	want := SSHDatacenterConfigSpec{
		User: "admin", Port: 22, KeyFile: key, NodeFiles: NodeFiles{Location: "/srv/bundle"},
		Hosts: []SSHHost{
			{Name: "host-1", Address: "198.51.100.21", Port: 2222, User: "admin", KeyFile: filepath.Join(keys, "host-1"), HostKeyFingerprint: ssh.FingerprintSHA256(ec1), Labels: cp},
			{Name: "host-2", Address: "198.51.100.22", Port: 22, User: "admin", KeyFile: key, HostKeyFingerprint: ssh.FingerprintSHA256(ed2), Labels: cp},
			{Name: "host-3", Address: "198.51.100.23", Port: 22, User: "root", KeyFile: key, HostKeyFingerprint: ssh.FingerprintSHA256(rs3), Labels: cp},
			{Name: "host-4", Address: "198.51.100.24", Port: 22, User: "admin", KeyFile: filepath.Join(keys, "host-4"), HostKeyFingerprint: ssh.FingerprintSHA256(ed4), Labels: worker},
			{Name: "host-5", Address: "198.51.100.25", Port: 2200, User: "admin", KeyFile: key, HostKeyFingerprint: "SHA256:BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", Labels: worker},
		},
	}
	if diff := cmp.Diff(want, config.SSHDatacenter.Spec); diff != "" {
		t.Errorf("datacenter (-want +got):\n%s", diff)
	}
}

// TestSSHEffectiveConfiguration makes sure that the effective configuration
// needs no other file, wherever it lies, and means the same.
func TestSSHEffectiveConfiguration(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	path := exampleSite(t).write(t)
	first, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	effective, err := first.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"hardwareFile", "knownHostsFile", "~"} {
		if strings.Contains(string(effective), field) {
			t.Errorf("the effective configuration has %s:\n%s", field, effective)
		}
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", "/nowhere")
	elsewhere := filepath.Join(t.TempDir(), "effective.yaml")
	if err := os.WriteFile(elsewhere, effective, 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := Load(elsewhere)
	if err != nil {
		t.Fatalf("the effective configuration has problems:\n%v", err)
	}
	same := cmp.Options{cmpopts.IgnoreUnexported(Config{}), cmpopts.IgnoreFields(Config{}, "Source"),
		cmp.Comparer(func(a, b Token) bool { return a.Reveal() == b.Reveal() })}
	if diff := cmp.Diff(first, second, same); diff != "" {
		t.Errorf("the effective configuration means something else (-first +second):\n%s", diff)
	}
}

// TestSSHSiteProblems edits the files, once for each thing that can be wrong
// with them, and looks for the one problem in its place.
func TestSSHSiteProblems(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	type edits []string
	ed2, _, _ := hostKeys(t, 2)
	other, _, _ := hostKeys(t, 98)
	for _, test := range []struct {
		name                          string
		cluster, hardware, knownHosts edits
		// place is a part of "file:line: object: field: message".
		place string
	}{
		{"hardware file missing", edits{"site/hardware.csv", "none.csv"}, nil, nil, `racks.yaml:30:3: SSHDatacenterConfig/racks: spec.hardwareFile: /`},
		{"hardware file of nobody", edits{"site/hardware.csv", "~root/hardware.csv"}, nil, nil, "racks.yaml:30:3: SSHDatacenterConfig/racks: spec.hardwareFile: the home folder of another user"},
		{"row", nil, edits{"host-3,198.51.100.23", "host-3,198.51.100"}, nil, `site/hardware.csv:3:8: host-3: ip_address: "198.51.100" is not`},
		{"row's port", nil, edits{",2200,", ",22000000,"}, nil, `site/hardware.csv:5:35: host-5: ssh_port: "22000000" is not a port`},
		{"row's host again", nil, edits{"host-3,", "host-1,"}, nil, "site/hardware.csv:3:1: host-1: hostname: hosts[0] has the same name"},
		{"row's address again", nil, edits{"198.51.100.25", "198.51.100.21"}, nil, "site/hardware.csv:5:1: host-5: ip_address: hosts[0] has the same address"},
		{"row's address in the pods' range", nil, edits{"198.51.100.25", "192.168.0.5"}, nil, "site/hardware.csv:5:1: host-5: ip_address: the address 192.168.0.5 is inside the pods' range"},
		{"row's name too long", nil, edits{"host-5", strings.Repeat("a", 64)}, nil, ": hostname: the name has 64 characters"},
		{"row's user", nil, edits{"type=cp,root", "type=cp,ro ot"}, nil, `site/hardware.csv:3:1: host-3: ssh_user: "ro ot" is not`},
		{"row's key", nil, edits{"keys/host-4", "keys/host-4.pub"}, nil, "site/hardware.csv:4:1: host-4: ssh_key_file: this is the path of a public key"},
		{"row's key of nobody", nil, edits{"keys/host-4", "~root/key"}, nil, "site/hardware.csv:4:1: host-4: ssh_key_file: the home folder of another user"},
		{"row without a user", edits{"  user: admin\n", "", "      port: 2222\n", "      port: 2222\n      user: a\n"}, edits{"host-2,198.51.100.22,type=cp,,", "host-2,198.51.100.22,type=cp,a,", "type=worker,,,keys", "type=worker,b,,keys"}, nil, "site/hardware.csv:5:1: host-5: ssh_user: nothing says which user"},
		{"not enough rows", nil, edits{"host-5,198.51.100.25,type=worker", "host-5,198.51.100.25,type=cp"}, nil, "spec.hardwareSelector: 1 host has the labels type=worker, and 2 are needed"},

		{"known hosts missing", edits{"knownHostsFile: known_hosts", "knownHostsFile: none"}, nil, nil, "racks.yaml:31:3: SSHDatacenterConfig/racks: spec.knownHostsFile: "},
		{"known hosts' line", nil, nil, edits{"# a comment", "host ssh-ed25519"}, "known_hosts:1:1: this is not a line of a known_hosts file"},
		{"known hosts' key", nil, nil, edits{"# a comment", "host ssh-ed25519 AAAA"}, "known_hosts:1:1: this is not a line"},
		{"known hosts' marker", nil, nil, edits{"@cert-authority", "@certificate"}, "known_hosts:12:1: this is not a line"},
		{"known hosts' hash", nil, nil, edits{"|1|", "|2|"}, "known_hosts:9:1: this is not a line"},
		{"no pin", nil, nil, edits{"host-4 ", "host-44 "}, "site/hardware.csv:4:1: host-4: ssh_host_key: "},
		{"pin of another port", nil, nil, edits{"[198.51.100.21]:2222", "[198.51.100.21]:2223", "[198.51.100.21]:2222", "[198.51.100.21]:2223"}, "racks.yaml:35:7: SSHDatacenterConfig/racks: spec.hosts[0].hostKeyFingerprint: "},
		{"only an authority", nil, nil, edits{"host-4 ", "host-44 "}, "has only an authority for the host, on line 12"},
		{"two keys", nil, nil, edits{"# a comment", knownhosts.Line([]string{"198.51.100.22"}, other)}, "known_hosts has two keys of one type for the host, on lines 1 and 8"},
		{"the same key twice", nil, nil, edits{"# a comment", knownhosts.Line([]string{"198.51.100.22"}, ed2)}, ""},
		{"revoked", nil, nil, edits{"# a comment", "@revoked * " + strings.TrimPrefix(knownhosts.Line([]string{"*"}, ed2), "* ")}, "site/hardware.csv:2:1: host-2: ssh_host_key: line 1 of "},
		{"revoked pin", nil, edits{"SHA256:BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", ssh.FingerprintSHA256(ed2)}, edits{"198.51.100.22 ssh-ed25519", "@revoked * ssh-ed25519"}, "site/hardware.csv:5:1: host-5: ssh_host_key: line 8 of "},
	} {
		t.Run(test.name, func(t *testing.T) {
			site := exampleSite(t)
			site.cluster = edit(t, site.cluster, test.cluster...)
			site.hardware = edit(t, site.hardware, test.hardware...)
			site.knownHosts = edit(t, site.knownHosts, test.knownHosts...)
			_, err := Load(site.write(t))
			if err == nil && test.place == "" {
				return
			}
			if err == nil {
				t.Fatal("no problem was found")
			}
			problems := err.(Problems)
			for _, p := range problems {
				checkWhole(t, p)
			}
			if len(problems) != 1 || !strings.Contains(problems[0].String(), test.place) {
				t.Errorf("want one problem with %q:\n%v", test.place, err)
			}
		})
	}
}

// TestSSHSiteProblemsAtOnce makes sure that one file's problems hide no other's.
func TestSSHSiteProblemsAtOnce(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	site := exampleSite(t)
	site.cluster = edit(t, site.cluster, "    count: 3", "    count: 2", "location: /srv/bundle", "location: http://a/b")
	site.hardware = edit(t, site.hardware, ",2200,", ",x,", "host-3,", "host_3,")
	site.knownHosts = edit(t, site.knownHosts, "# a comment", "x y z", "[198.51.100.21]:2222 ", "")
	_, err := Load(site.write(t))
	if err == nil {
		t.Fatal("no problem was found")
	}
	var places []string
	for _, p := range err.(Problems) {
		places = append(places, filepath.Base(p.File)+" "+p.Object+" "+p.Field)
	}
	want := []string{
		"racks.yaml Cluster/racks spec.controlPlaneConfiguration.count",
		"racks.yaml SSHDatacenterConfig/racks spec.nodeFiles.location",
		"known_hosts  ", "known_hosts  ",
		"hardware.csv host_3 hostname", "hardware.csv host-5 ssh_port",
	}
	if !slices.Equal(places, want) {
		t.Errorf("got %q\nwant %q", places, want)
	}
}

// TestParseReadsNoFiles covers a configuration from memory.
func TestParseReadsNoFiles(t *testing.T) {
	config, err := Parse("memory", []byte(exampleSite(t).cluster))
	if err != nil {
		t.Fatal(err)
	}
	if spec := config.SSHDatacenter.Spec; spec.HardwareFile != "site/hardware.csv" || spec.KnownHostsFile != "known_hosts" || len(spec.Hosts) != 1 {
		t.Errorf("%+v", spec)
	}
	if notes := config.Notes(); len(notes) != 0 {
		t.Errorf("notes %v", notes)
	}
}

// TestExample makes sure that the example can be read as it is.
func TestExample(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	config, err := Load("../../examples/ssh.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if notes := config.Notes(); len(notes) > 0 {
		t.Errorf("notes: %v", notes)
	}
}
