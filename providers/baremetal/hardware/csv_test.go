package hardware

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

func example(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/hardware.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLoadCSV(t *testing.T) {
	machines, err := LoadCSV("testdata/hardware.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(machines) != 4 {
		t.Fatalf("%d machines", len(machines))
	}
	first, second, third, fourth := machines[0], machines[1], machines[2], machines[3]
	for name, pair := range map[string][2]any{
		"row":          {first.Row, 2},
		"hostname":     {first.Hostname, "cp1"},
		"address":      {first.Address, netip.MustParsePrefix("198.51.100.21/25")},
		"gateway":      {first.Gateway, netip.MustParseAddr("198.51.100.1")},
		"nameservers":  {strings.Join(first.Nameservers, " "), "198.51.100.2 198.51.100.3"},
		"labels":       {fmt.Sprint(first.Labels), "map[rack:a type:cp]"},
		"disk":         {first.Disk, "/dev/sda"},
		"no VLAN":      {first.VLAN, 0},
		"password":     {first.BMC.Password.Reveal(), "first pass"},
		"quotes":       {second.BMC.Password.Reveal(), "second,pass"},
		"lower case":   {second.MAC.String(), "52:54:00:00:00:0a"},
		"VLAN":         {second.VLAN, 100},
		"no BMC":       {third.BMC == nil, true},
		"disk by ID":   {third.Disk, "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"},
		"MAC dashes":   {fourth.MAC.String(), "52:54:00:00:00:04"},
		"no labels":    {len(fourth.Labels), 0},
		"disk by path": {fourth.Disk, "/dev/disk/by-path/pci-0000:00:1f.2-ata-1"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestProblems edits the example, once for each rule, and looks for the one
// problem in its row and column.
func TestProblems(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		row            int
		column         string
		message        string
	}{
		{"hostname missing", "cp1,", ",", 2, "hostname", "missing"},
		{"hostname", "cp1,", "CP_1,", 2, "hostname", "not a valid name"},
		{"hostname twice", "cp2,", "cp1,", 3, "hostname", "is in row 2 too"},
		{"address missing", "198.51.100.21,", ",", 2, "ip_address", "missing"},
		{"address", "198.51.100.21,", "198.51.100.321,", 2, "ip_address", "not an IPv4 address"},
		{"address twice", "198.51.100.22,", "198.51.100.21,", 3, "ip_address", "is in row 2 too"},
		{"address is the network's", "198.51.100.23,", "198.51.100.0,", 4, "ip_address", "network's own"},
		{"address is the broadcast", "198.51.100.23,", "198.51.100.127,", 4, "ip_address", "broadcast"},
		{"netmask missing", "198.51.100.21,255.255.255.128", "198.51.100.21,", 2, "netmask", "missing"},
		{"netmask as length", "198.51.100.21,255.255.255.128", "198.51.100.21,25", 2, "netmask", "not a netmask"},
		{"netmask with a hole", "198.51.100.21,255.255.255.128", "198.51.100.21,255.255.0.255", 2, "netmask", "ones are not all on the left"},
		{"netmask of one host", "198.51.100.21,255.255.255.128", "198.51.100.21,255.255.255.255", 2, "netmask", "network with a gateway"},
		{"gateway missing", "255.255.255.128,198.51.100.1,", "255.255.255.128,,", 2, "gateway", "missing"},
		{"gateway outside", "255.255.255.128,198.51.100.1,", "255.255.255.128,198.51.100.129,", 2, "gateway", "outside the server's network"},
		{"gateway is the server", "255.255.255.128,198.51.100.1,", "255.255.255.128,198.51.100.21,", 2, "gateway", "the server itself"},
		{"nameservers missing", "198.51.100.2|198.51.100.3", "", 2, "nameservers", "missing"},
		{"nameserver empty", "198.51.100.2|198.51.100.3", "198.51.100.2|", 2, "nameservers", "not an IP address"},
		{"nameservers with commas", "198.51.100.2|198.51.100.3", "\"198.51.100.2,198.51.100.3\"", 2, "nameservers", "not an IP address"},
		{"MAC missing", "52:54:00:00:00:01", "", 2, "mac", "missing"},
		{"MAC", "52:54:00:00:00:01", "52:54:00:00:01", 2, "mac", "not a MAC address"},
		{"MAC of a group", "52:54:00:00:00:01", "01:00:5e:00:00:01", 2, "mac", "not the MAC address of a network card"},
		{"MAC twice in another case", "52:54:00:00:00:03", "52:54:00:00:00:0a", 4, "mac", "is in row 3 too"},
		{"disk missing", "/dev/sda", "", 2, "disk", "missing"},
		{"disk", "/dev/sda", "sda", 2, "disk", "not the path of a device"},
		{"disk elsewhere", "/dev/sda", "/dev/../etc/passwd", 2, "disk", "not the path of a device"},
		{"label", "type=cp|rack=a", "cp", 2, "labels", "not a label"},
		{"label's name", "type=cp|rack=a", "a b=cp", 2, "labels", "not the name of a label"},
		{"label's value", "type=cp|rack=a", "type=c p", 2, "labels", "not the value of a label"},
		{"label twice", "type=cp|rack=a", "type=cp|type=b", 2, "labels", "there twice"},
		{"BMC without a password", "admin,first pass", "admin,", 2, "bmc_password", "other bmc columns have one"},
		{"BMC without a user", "admin,first pass", ",first pass", 2, "bmc_username", "other bmc columns have one"},
		{"BMC without an address", "198.51.100.131", "", 2, "bmc_ip", "other bmc columns have one"},
		{"BMC address", "198.51.100.131", "bmc1", 2, "bmc_ip", "not an IP address"},
		{"BMC address twice", "198.51.100.132", "198.51.100.131", 3, "bmc_ip", "is in row 2 too"},
		{"VLAN 0", ",100\n", ",0\n", 3, "vlan_id", "not a VLAN ID"},
		{"VLAN 4095", ",4094\n", ",4095\n", 4, "vlan_id", "not a VLAN ID"},
		{"VLAN by name", ",100\n", ",storage\n", 3, "vlan_id", "not a VLAN ID"},
		{"column missing", "netmask", "vlan", 1, "netmask", "the column is missing"},
		{"column unknown", "vlan_id", "vlan", 1, "vlan", "no column"},
		{"column twice", "vlan_id", "disk", 1, "disk", "there twice"},
		{"value too few", ",4094\n", "\n", 4, "", "has 11 values, and the header 12"},
		{"value too many", ",100\n", ",100,x\n", 3, "", "has 13 values"},
		{"quote", "worker1,", "wor\"ker1,", 4, "", "not valid CSV"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(example(t), test.old, test.new, 1)
			if text == example(t) {
				t.Fatalf("the edit of %q changes nothing", test.old)
			}
			machines, err := ParseCSV("hardware.csv", []byte(text))
			if err == nil || machines != nil {
				t.Fatalf("no problem was found: %v", machines)
			}
			for _, p := range err.(Problems) {
				if p.Row == test.row && p.Column == test.column && strings.Contains(p.Message, test.message) {
					if p.Remedy == "" || p.File == "" {
						t.Errorf("the problem is not whole: %+v", p)
					}
					return
				}
			}
			t.Errorf("no problem in row %d, column %q saying %q:\n%v", test.row, test.column, test.message, err)
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	text := strings.NewReplacer("cp1,", "CP1,", "/dev/nvme0n1", "nvme", ",4094\n", ",5000\n").Replace(example(t))
	_, err := ParseCSV("hardware.csv", []byte(text))
	if err == nil || len(err.(Problems)) != 3 {
		t.Errorf("want 3 problems:\n%v", err)
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 3 {
		t.Errorf("%d lines for 3 problems", lines)
	}
	if want := "hardware.csv:3: cp2: disk: "; !strings.Contains(err.Error(), want) {
		t.Errorf("no problem begins %q:\n%v", want, err)
	}
}

func TestAcceptedForms(t *testing.T) {
	base := example(t)
	for name, text := range map[string]string{
		"CRLF":                strings.ReplaceAll(base, "\n", "\r\n"),
		"byte order mark":     "\xef\xbb\xbf" + base,
		"blank lines":         strings.ReplaceAll(base, "\n", "\n\n"),
		"rows of commas":      base + ",,,,,,,,,,,\n",
		"spaces":              strings.ReplaceAll(base, ",198", " , 198"),
		"capitals in a name":  strings.Replace(base, "hostname", "Hostname", 1),
		"no optional columns": "hostname,mac,ip_address,netmask,gateway,nameservers,labels,disk\na,52:54:00:00:00:01,10.0.0.2,255.255.255.0,10.0.0.1,10.0.0.1,,/dev/sda\n",
	} {
		if _, err := ParseCSV("hardware.csv", []byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHostileFiles(t *testing.T) {
	header, _, _ := strings.Cut(example(t), "\n")
	for name, test := range map[string]struct{ data, want string }{
		"empty":       {"", "the file is empty"},
		"header":      {header + "\n", "no machines"},
		"binary":      {"\x7fELF\x00", "not a text file"},
		"Latin-1":     {header + "\n\xe9", "not a text file"},
		"too large":   {strings.Repeat("a", MaxFileSize+1), "more than"},
		"one quote":   {header + "\n\"" + strings.Repeat("a,", 1<<20), "not valid CSV"},
		"all wrong":   {header + "\n" + strings.Repeat("a,b,c,d,e,f,g,h,i,j,k,l\n", 100_000), "more than 200 problems"},
		"many commas": {strings.Repeat(",", 1<<20), "no column"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := ParseCSV("hardware.csv", []byte(test.data))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q, got %.500v", test.want, err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	if _, err := LoadCSV(t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
	if _, err := LoadCSV("testdata/none.csv"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// TestPasswordsAreNeverShown makes every kind of mistake around a password.
func TestPasswordsAreNeverShown(t *testing.T) {
	const planted = "hunter2"
	base := strings.ReplaceAll(example(t), "first pass", planted)
	machines, err := ParseCSV("hardware.csv", []byte(base))
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprintf("%v %+v %#v %s", machines[0].BMC, *machines[0].BMC, *machines[0].BMC, machines[0].BMC.Password); strings.Contains(said, planted) {
		t.Errorf("the machine shows its password: %s", said)
	}
	for name, text := range map[string]string{
		"comma before":  strings.Replace(base, "admin,"+planted, "admin,,"+planted, 1),
		"quote":         strings.Replace(base, planted, planted+"\"", 1),
		"no user":       strings.Replace(base, "admin,"+planted, ","+planted, 1),
		"no address":    strings.Replace(base, "198.51.100.131,", ",", 1),
		"column":        strings.Replace(base, "bmc_password", "bmc_pasword", 1),
		"other problem": strings.Replace(base, "cp1", "CP1", 1),
	} {
		if _, err := ParseCSV("hardware.csv", []byte(text)); err == nil || strings.Contains(err.Error(), planted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParseCSV holds ParseCSV to its promises for any input: no panic, every
// problem whole, and machines that are complete.
func FuzzParseCSV(f *testing.F) {
	f.Add([]byte(example(f)))
	f.Add([]byte("hostname,mac\n\"a"))
	f.Add([]byte("\xef\xbb\xbfhostname;mac\r\na;b\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		machines, err := ParseCSV("file", data)
		if err != nil {
			for _, p := range err.(Problems) {
				if p.File != "file" || p.Message == "" || p.Remedy == "" {
					t.Errorf("the problem is not whole: %+v", p)
				}
			}
			return
		}
		for _, m := range machines {
			if m.Hostname == "" || !m.Address.IsValid() || !m.Gateway.IsValid() || len(m.MAC) != 6 || m.Disk == "" || len(m.Nameservers) == 0 {
				t.Errorf("the machine is not complete: %+v", m)
			}
		}
	})
}
