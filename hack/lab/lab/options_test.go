package lab

import (
	"net/netip"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/failure"
)

func TestOptions(t *testing.T) {
	o := Options{Hosts: 2}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	l, err := o.plan()
	if err != nil {
		t.Fatal(err)
	}
	if l.Name != "lab" || l.Dir != "/var/tmp/groundwork-lab/lab" || l.Subnet.String() != DefaultSubnet || l.DiskBytes != DefaultDiskBytes ||
		len(l.Hosts) != 2 || l.Hosts[1].Name != "host-2" || l.Hosts[1].Address.String() != "172.30.0.12" || l.Hosts[1].SSHPort != 22 {
		t.Errorf("%+v", l)
	}
	const interfaceNameSize = 15 // IFNAMSIZ without its final zero
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Hosts: 1, Name: "tencharsss"}, ""},
		{Options{Hosts: 1, Name: "elevenchars"}, "lab name"},
		{Options{Hosts: 1, Name: "../etc"}, "lab name"},
		{Options{Hosts: 0}, "0 hosts"},
		{Options{Hosts: 65}, "65 hosts"},
		{Options{Hosts: 1, Dir: "/tmp/a:b"}, "colon"},
		{Options{Hosts: 1, DiskBytes: 1}, "disks of 1 bytes"},
		{Options{Hosts: 1, ExtraAddresses: -1}, "-1 extra"},
		{Options{Hosts: 9, Subnet: netip.MustParsePrefix("10.0.0.0/28")}, "has 16 addresses"},
	} {
		err := c.o.complete()
		if err == nil {
			_, err = c.o.plan()
		}
		switch {
		case c.want == "" && (err != nil || len(device(c.o.Name)) > interfaceNameSize):
			t.Errorf("%+v: %v", c.o, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || failure.ExitCode(err) != failure.Usage):
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
	}
}

func TestHostOfAnotherName(t *testing.T) {
	o := Options{Hosts: 2}
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	planned, err := o.plan()
	if err != nil {
		t.Fatal(err)
	}
	l := &Lab{Lab: planned}
	if _, err := l.Host("host-3"); err == nil || !strings.Contains(err.Error(), "host-1, host-2") {
		t.Errorf("%v: want the names there are", err)
	}
	if h, err := l.Host("host-2"); err != nil || h.Address.String() != "172.30.0.12" {
		t.Errorf("%+v, %v", h, err)
	}
}
