package node

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

var meta = metadata{hostname: "host-1", instanceID: "4d1c", address: "192.0.2.11"}

// testdata/*.yaml are the output of Cluster API v1.13.6's kubeadm bootstrap
// provider: its templates filled in with a bit of everything.
func TestParseWhatClusterAPIEmits(t *testing.T) {
	t.Parallel()
	for name, kubeadm := range map[string]string{
		"init":               "kubeadm init --config /run/kubeadm/kubeadm.yaml  && echo success > " + sentinel,
		"join":               "kubeadm join --config /run/kubeadm/kubeadm-join-config.yaml  && echo success > " + sentinel,
		"join-control-plane": "kubeadm join --config /run/kubeadm/kubeadm-join-config.yaml  && echo success > " + sentinel,
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name + ".yaml")
			if err != nil {
				t.Fatal(err)
			}
			config, err := parseCloudConfig(data, meta)
			if err != nil {
				t.Fatal(err)
			}
			contents := map[string]string{}
			for _, f := range config.WriteFiles {
				data, err := f.data()
				if err != nil {
					t.Fatal(err)
				}
				contents[f.Path] = string(data)
			}
			if got := contents["/etc/kubernetes/patches/kubeletconfiguration0+strategic.yaml"]; got != "a: {{ b }}\n" {
				t.Errorf("base64 content %q", got)
			}
			if got := contents["/etc/profile.d/packed.sh"]; got != "export A=1\n" {
				t.Errorf("gzip content %q", got)
			}
			settings := contents["/run/kubeadm/kubeadm.yaml"] + contents["/run/kubeadm/kubeadm-join-config.yaml"]
			if !strings.Contains(settings, "name: 'host-1'\n") || strings.Contains(settings, "{{") {
				t.Errorf("kubeadm's configuration:\n%s", settings)
			}
			if name == "init" && (!strings.Contains(settings, "value: ssh://4d1c\n") || !strings.Contains(settings, "value: '192.0.2.11'\n")) {
				t.Errorf("kubeadm's configuration:\n%s", settings)
			}
			want := []runCmd{"update-ca-certificates", "systemctl daemon-reload", `hostnamectl set-hostname "host-1"`,
				`grep -qw "host-1" /etc/hosts || echo "127.0.0.1 host-1" >>/etc/hosts`, runCmd(kubeadm), "echo after"}
			if !reflect.DeepEqual(config.RunCmd, want) {
				t.Errorf("commands %q", config.RunCmd)
			}
			if got := commandKinds(config.RunCmd); !reflect.DeepEqual(got, []string{"before", "before", "before", "before", "critical", "after"}) {
				t.Errorf("kinds %v", got)
			}
			if config.NTP == nil || !reflect.DeepEqual(config.NTP.Servers, []string{"ntp1.example", "192.0.2.7"}) {
				t.Errorf("ntp %+v", config.NTP)
			}
			no := false
			if want := []user{
				{Name: "ops", Sudo: rules{"ALL=(ALL) NOPASSWD:ALL"}, SSHAuthorizedKeys: []text{"ssh-ed25519 AAAA ops@example"}},
				{Name: "old", Passwd: "$6$salt$hash", Gecos: "Old Hand", Groups: words{"adm", "users"}, HomeDir: "/srv/old",
					Inactive: "true", LockPasswd: &no, Shell: "/bin/sh", PrimaryGroup: "users"},
			}; !reflect.DeepEqual(config.Users, want) {
				t.Errorf("users %+v", config.Users)
			}
		})
	}
}

func TestParseCloudConfigRefuses(t *testing.T) {
	t.Parallel()
	const head = "## template: jinja\n#cloud-config\n"
	for _, test := range []struct{ name, data, want string }{
		{"no cloud-config", "#!/bin/sh\n", "does not begin with #cloud-config"},
		{"ignition", `{"ignition": {}}`, "does not begin with #cloud-config"},
		{"what a host cannot do", head + "bootcmd: [a]\ndisk_setup: {}\nruncmd: []\n", "it has bootcmd, disk_setup; hosts over SSH understand write_files"},
		{"an unknown field", head + "write_files:\n- path: /a\n  source: {uri: x}\n", `unknown field "source"`},
		{"an unknown field of a user", head + "users:\n- name: a\n  uid: 7\n", `unknown field "uid"`},
		{"a key twice", head + "runcmd: [a]\nruncmd: [b]\n", `key "runcmd" already set`},
		{"another expression", head + "runcmd:\n- echo {{ ds.meta_data.region }}\n", "expression {{ ds.meta_data.region }} is not known"},
		{"a filter", head + "runcmd:\n- echo {{ ds.meta_data.hostname | upper }}\n", "is not known"},
		{"a statement", head + "runcmd:\n- '{% if x %}'\n", "{% is not understood"},
		{"a comment", head + "runcmd:\n- 'echo ${#a}'\n", "{# is not understood"},
		{"no end", head + "runcmd:\n- 'echo {{ ds.meta_data.hostname'\n", "{{ is not understood"},
		{"a bare user", head + "users: [admin]\n", "an entry of users is a bare name"},
		{"a user of two words", head + "users:\n- name: 'a b'\n", `"a b" is no user name`},
		{"permissions", head + "write_files:\n- {path: /a, permissions: rw}\n", `permissions "rw" are no octal number`},
		{"a command that is none", head + "runcmd: [{a: b}]\n", "neither a text nor a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseCloudConfig([]byte(test.data), meta)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestDecodingErrorsQuoteNoSecret(t *testing.T) {
	t.Parallel()
	_, err := parseCloudConfig([]byte("#cloud-config\nusers:\n- name: a\n  ssh_authorized_keys: hunter2hunter2\n"), meta)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}

func TestOnlyTemplatesAreRendered(t *testing.T) {
	t.Parallel()
	config, err := parseCloudConfig([]byte("#cloud-config\nruncmd:\n- echo '{{ ds.meta_data.hostname }} {{ other }}'\n"), meta)
	if err != nil || config.RunCmd[0] != "echo '{{ ds.meta_data.hostname }} {{ other }}'" {
		t.Errorf("%q, %v", config.RunCmd, err)
	}
	if _, err := render("{{ ds.meta_data.hostname }}", metadata{hostname: "a\"\nb"}); err == nil {
		t.Error("a host name that changes the YAML is rendered")
	}
}

func TestRunCmd(t *testing.T) {
	t.Parallel()
	config, err := parseCloudConfig([]byte("#cloud-config\nruncmd:\n- [echo, \"it's\", 7, true]\n- echo a\n"), meta)
	if err != nil {
		t.Fatal(err)
	}
	if want := []runCmd{`'echo' 'it'\''s' '7' 'true'`, "echo a"}; !reflect.DeepEqual(config.RunCmd, want) {
		t.Errorf("%q, want %q", config.RunCmd, want)
	}
	if got := commandKinds(config.RunCmd); !reflect.DeepEqual(got, []string{"strict", "critical"}) {
		t.Errorf("without a sentinel every command counts: %v", got)
	}
}

func TestWriteFileData(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		file  writeFile
		want  string
		fails string
	}{
		{"plain", writeFile{Content: "a\n"}, "a\n", ""},
		{"b64", writeFile{Encoding: "b64", Content: "aGkK\n"}, "hi\n", ""},
		{"base64 in lines", writeFile{Encoding: "BASE64", Content: "aG\nkK"}, "hi\n", ""},
		{"gz+b64", writeFile{Encoding: "gz+b64", Content: "H4sIAAAAAAACA0utKMgvKlFwtDXkAgDeOeRVCwAAAA=="}, "export A=1\n", ""},
		{"gzip+base64", writeFile{Encoding: "gzip+base64", Content: "H4sIAAAAAAACA0utKMgvKlFwtDXkAgDeOeRVCwAAAA=="}, "export A=1\n", ""},
		{"broken base64", writeFile{Path: "/a", Encoding: "b64", Content: "%"}, "", "/a: the content is no base64"},
		{"broken gzip", writeFile{Path: "/a", Encoding: "gz+b64", Content: "aGkK"}, "", "/a: the content is no gzip"},
		{"unknown", writeFile{Path: "/a", Encoding: "rot13"}, "", `the encoding "rot13" is not known`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.file.data()
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("error %v, want %q", err, test.fails)
				}
				return
			}
			if err != nil || string(got) != test.want {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestWriteFileCall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, data, want string }{
		{"all of it", "{path: /a b, permissions: '0600', owner: 'etcd:etcd'}", "write_file '0' '0600' 'etcd:etcd' '/a b'\n"},
		{"cloud-init's defaults", "{path: /a}", "write_file '0' '0644' 'root:root' '/a'\n"},
		{"a mode without quotes", "{path: /a, permissions: 0640}", "write_file '0' '0640' 'root:root' '/a'\n"},
		{"appended to what it is", "{path: /a, append: true}", "append_file '0' '' '' '/a'\n"},
		{"a quote", "{path: /it's}", `write_file '0' '0644' 'root:root' '/it'\''s'` + "\n"},
		{"a relative path", "{path: a}", ""},
		{"a way out", "{path: /a/../b}", ""},
		{"our own folder", "{path: /var/lib/groundwork/owner}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			config, err := parseCloudConfig([]byte("#cloud-config\nwrite_files:\n- "+test.data+"\n"), meta)
			if err != nil {
				t.Fatal(err)
			}
			p := &plan{}
			err = config.WriteFiles[0].call(p)
			if got := p.calls.String(); got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"kubeadm init --config /run/kubeadm/kubeadm.yaml  && echo success": "kubeadm init",
		"/usr/local/bin/kubeadm join --token abcdef.0123456789abcdef x":    "kubeadm join",
		"systemctl restart containerd":                                     "systemctl restart",
		`hostnamectl set-hostname "host-1"`:                                "hostnamectl set-hostname",
		"if grep -q config_path x; then sed -i y z; fi":                    "grep",
		"PASSWORD=hunter2 curl https://user:pw@example/":                   "curl",
		"update-ca-certificates":                                           "update-ca-certificates",
		"echo swordfish":                                                   "echo",
		"'echo' 'it'":                                                      "echo",
		"$(hunter2)":                                                       "a command",
		"":                                                                 "a command",
	} {
		if got := title(command); got != want {
			t.Errorf("%q: %q, want %q", command, got, want)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"kubeadm join 1.2.3.4:6443 --token abcdef.0123456789abcdef":               "kubeadm join 1.2.3.4:6443 --token [redacted]",
		"--discovery-token-ca-cert-hash sha256:" + strings.Repeat("a1", 32):       "--discovery-token-ca-cert-hash sha256:" + strings.Repeat("a1", 32),
		"--certificate-key " + strings.Repeat("a1", 32):                           "--certificate-key [redacted]",
		"[upload-certs] Using certificate key:\n" + strings.Repeat("a1", 32):      "[upload-certs] Using certificate key:\n[redacted]",
		"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----":     "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----",
		"client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ":             "client-key-data: [redacted]",
		"Authorization: Bearer abc.def":                                           "Authorization: Bearer [redacted]",
		"\x1b[0;37mCGROUPS\x1b[0m: enabled\r\n":                                   "CGROUPS: enabled\n",
		"http://user:hunter2@proxy:3128":                                          "http://user:[redacted]@proxy:3128",
		"error execution phase preflight: [ERROR Port-6443]: Port 6443 is in use": "error execution phase preflight: [ERROR Port-6443]: Port 6443 is in use",
	} {
		if got := redact(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
