package hardware

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
)

func hosts(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/hosts.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestHosts(t *testing.T) {
	machines, err := LoadCSV("testdata/hosts.csv", ForSSH())
	if err != nil {
		t.Fatal(err)
	}
	if len(machines) != 3 {
		t.Fatalf("%d hosts", len(machines))
	}
	for name, pair := range map[string][2]any{
		"name":    {machines[0].Hostname, "host-1"},
		"address": {machines[0].Address, netip.MustParsePrefix("198.51.100.21/32")},
		"labels":  {fmt.Sprint(machines[0].Labels), "map[rack:a type:cp]"},
		"SSH":     {machines[0].SSH, SSH{User: "admin", Port: 2222, KeyFile: "keys/host-1", HostKeyFingerprint: "SHA256:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"}},
		// ssh-keygen -lf says so of the key.
		"host key":  {machines[1].SSH, SSH{HostKeyFingerprint: "SHA256:tsR0aqTR7r+oGF5SMna5oNpajGjurQ3+zJAAASFsgZg"}},
		"no labels": {len(machines[1].Labels), 0},
		"no SSH":    {machines[2].SSH, SSH{}},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestServersAsHosts reads EKS Anywhere's file as one of hosts.
func TestServersAsHosts(t *testing.T) {
	machines, err := LoadCSV("testdata/hardware.csv", ForSSH())
	if err != nil {
		t.Fatal(err)
	}
	if len(machines) != 4 || machines[0].Address != netip.MustParsePrefix("198.51.100.21/25") || machines[0].Labels["type"] != "cp" {
		t.Errorf("%+v", machines)
	}
}

func TestHostProblems(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		row, position  int
		column         string
		message        string
	}{
		{"name missing", "host-1,", ",", 2, 1, "hostname", "missing"},
		{"address missing", "198.51.100.21,", ",", 2, 8, "ip_address", "missing"},
		{"address twice", "198.51.100.22,", "198.51.100.21,", 3, 8, "ip_address", "is in row 2 too"},
		{"label", "type=worker", "worker", 4, 22, "labels", "not a label"},
		{"port", ",2222,", ",ssh,", 2, 43, "ssh_port", "not a port"},
		{"port 0", ",2222,", ",0,", 2, 43, "ssh_port", "not a port"},
		{"port too high", ",2222,", ",65536,", 2, 43, "ssh_port", "not a port"},
		{"key", "keys/host-1", "-----BEGIN OPENSSH PRIVATE KEY-----", 2, 48, "ssh_key_file", "only the path"},
		{"fingerprint cut", "HB0eHyA", "HB0e", 2, 60, "ssh_host_key", "cut short"},
		{"fingerprint too long", "HB0eHyA", "HB0eHyAAAA", 2, 60, "ssh_host_key", "not 32 bytes"},
		{"fingerprint padded", "HB0eHyA", "HB0eHyA=", 2, 60, "ssh_host_key", "not 32 bytes"},
		{"fingerprint's last bits", "HB0eHyA", "HB0eHyB", 2, 60, "ssh_host_key", "not 32 bytes"},
		{"MD5", "SHA256:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "MD5:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10", 2, 60, "ssh_host_key", "MD5"},
		{"private key", "SHA256:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "-----BEGIN OPENSSH PRIVATE KEY-----", 2, 60, "ssh_host_key", "private key"},
		{"no fingerprint", "SHA256:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", "host-1", 2, 60, "ssh_host_key", "neither"},
		{"column missing", "labels", "mac", 1, 1, "labels", "the column is missing"},
		{"column unknown", "ssh_port", "ssh_prt", 1, 37, "ssh_prt", "no column"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(hosts(t), test.old, test.new, 1)
			if text == hosts(t) {
				t.Fatalf("the edit of %q changes nothing", test.old)
			}
			_, err := ParseCSV("hosts.csv", []byte(text), ForSSH())
			if err == nil {
				t.Fatal("no problem was found")
			}
			for _, p := range err.(Problems) {
				if p.Row == test.row && p.Position == test.position && p.Column == test.column && strings.Contains(p.Message, test.message) {
					if p.Remedy == "" || p.File == "" {
						t.Errorf("the problem is not whole: %+v", p)
					}
					if strings.Contains(err.Error(), "BEGIN OPENSSH") {
						t.Errorf("a problem shows the key: %v", err)
					}
					return
				}
			}
			t.Errorf("no problem in row %d, column %q at %d saying %q:\n%+v", test.row, test.column, test.position, test.message, err)
		})
	}
}

// TestGivenColumnsAreChecked holds columns that a host does not need to their
// rules where they have a value.
func TestGivenColumnsAreChecked(t *testing.T) {
	for column, value := range map[string]string{
		"netmask": "255.0.255.0", "gateway": "gw", "nameservers": "ns1", "mac": "01", "disk": "sda",
		"bmc_ip": "10.0.0.1", "vlan_id": "0",
	} {
		_, err := ParseCSV("hosts.csv", []byte("hostname,ip_address,labels,"+column+"\na,10.0.0.2,,"+value+"\nb,10.0.0.3,,\n"), ForSSH())
		if err == nil {
			t.Errorf("%s %q was taken", column, value)
			continue
		}
		for _, p := range err.(Problems) {
			if p.Row != 2 {
				t.Errorf("%s: %s", column, p)
			}
		}
	}
}

// TestServersStayStrict makes sure that the format of hosts is an option.
func TestServersStayStrict(t *testing.T) {
	_, err := ParseCSV("hosts.csv", []byte(hosts(t)))
	if err == nil {
		t.Fatal("hosts were taken as servers")
	}
	for _, want := range []string{"ssh_user: there is no column", "netmask: the column is missing", "mac: the column is missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no problem says %q:\n%v", want, err)
		}
	}
}

// FuzzParseHosts is FuzzParseCSV for hosts.
func FuzzParseHosts(f *testing.F) {
	f.Add([]byte(hosts(f)))
	f.Add([]byte(example(f)))
	f.Fuzz(func(t *testing.T, data []byte) {
		machines, err := ParseCSV("file", data, ForSSH())
		if err != nil {
			for _, p := range err.(Problems) {
				if p.File != "file" || p.Message == "" || p.Remedy == "" || p.Row > 0 && p.Position < 1 {
					t.Errorf("the problem is not whole: %+v", p)
				}
			}
			return
		}
		for _, m := range machines {
			if m.Hostname == "" || !m.Address.IsValid() || m.SSH.Port < 0 || m.SSH.Port > 65535 {
				t.Errorf("the host is not complete: %+v", m)
			}
		}
	})
}
