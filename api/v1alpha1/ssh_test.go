package v1alpha1

import (
	"strings"
	"testing"
)

// TestSSHSecretsAreNeverShown plants a key wherever the path of one belongs,
// and other secrets where people write them.
func TestSSHSecretsAreNeverShown(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	const planted = "hunter2"
	const key = "-----BEGIN OPENSSH PRIVATE KEY-----\\n" + planted + "\\n-----END OPENSSH PRIVATE KEY-----\\n"
	for name, change := range map[string]func(*sshSite){
		"key":        func(s *sshSite) { s.cluster = edit(t, s.cluster, "~/.ssh/id_ed25519", "\""+key+"\"") },
		"host's key": func(s *sshSite) { s.cluster = edit(t, s.cluster, "keys/host-1", "\""+key+"\"") },
		"host's fingerprint": func(s *sshSite) {
			s.cluster = edit(t, s.cluster, "keyFile: keys/host-1", "hostKeyFingerprint: \""+key+"\"")
		},
		"row's key": func(s *sshSite) {
			s.hardware = edit(t, s.hardware, "keys/host-4", "\""+strings.ReplaceAll(key, "\\n", "\n")+"\"")
		},
		"row's host key": func(s *sshSite) {
			s.hardware = edit(t, s.hardware, "keys/host-4,", ",\""+strings.ReplaceAll(key, "\\n", "\n")+"\"")
		},
		"password": func(s *sshSite) {
			s.cluster = edit(t, s.cluster, "  user: admin", "  user: admin\n  password: "+planted)
		},
		"sudo password": func(s *sshSite) {
			s.cluster = edit(t, s.cluster, "  user: admin", "  user: admin\n  sudoPassword: "+planted)
		},
		"URL": func(s *sshSite) {
			s.cluster = edit(t, s.cluster, "/srv/bundle", "https://u:"+planted+"@files.example.com/b")
		},
		"known hosts": func(s *sshSite) { s.knownHosts = edit(t, s.knownHosts, "# a comment", "host ssh-ed25519 "+planted) },
	} {
		t.Run(name, func(t *testing.T) {
			site := exampleSite(t)
			change(&site)
			if _, err := Load(site.write(t)); err == nil || strings.Contains(err.Error(), planted) {
				t.Errorf("want problems that do not show the secret: %v", err)
			}
		})
	}
}

// TestSSHDefaults covers what the file leaves out.
func TestSSHDefaults(t *testing.T) {
	config, err := Parse("file", []byte(read(t, "testdata/ssh.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	first, fifth := config.SSHDatacenter.Spec.Hosts[0], config.SSHDatacenter.Spec.Hosts[4]
	for name, pair := range map[string][2]any{
		"port":            {first.Port, 22},
		"user":            {first.User, "admin"},
		"key":             {first.KeyFile, "/keys/id_ed25519"},
		"own port":        {fifth.Port, 2222},
		"own user":        {fifth.User, "root"},
		"own key":         {fifth.KeyFile, "/keys/host-5"},
		"no family":       {config.SSHMachines["racks-cp"].Spec.OSFamily, OSFamily("")},
		"no user":         {len(config.SSHMachines["racks-cp"].Spec.Users), 0},
		"startup timeout": {config.Cluster.Spec.MachineHealthCheck.NodeStartupTimeout.Duration, DefaultTinkerbellNodeStartupTimeout},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}
