package v1alpha1

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLoadDataIsLoad makes sure that a file that is about to be written is
// what Load makes of it once it is.
func TestLoadDataIsLoad(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	path := exampleSite(t).write(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	made, err := LoadData(path, data)
	if err != nil {
		t.Fatal(err)
	}
	if len(made.SSHDatacenter.Spec.Hosts) != 5 {
		t.Errorf("%d hosts", len(made.SSHDatacenter.Spec.Hosts))
	}
	want, err := loaded.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := made.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("Load and LoadData differ:\n%s", diff)
	}
}

// TestDecodeDataKeepsWhatIsRight makes sure that hosts of other files are
// there while something else is wrong.
func TestDecodeDataKeepsWhatIsRight(t *testing.T) {
	t.Setenv("HOME", "/home/admin")
	site := exampleSite(t)
	site.cluster = edit(t, site.cluster, "    count: 3", "    count: two")
	config, problems := DecodeData(site.write(t), []byte(site.cluster))
	if len(problems) != 1 || problems[0].Field != "spec.controlPlaneConfiguration.count" {
		t.Errorf("problems:\n%v", problems)
	}
	hosts := config.SSHDatacenter.Spec.Hosts
	if len(hosts) != 5 || hosts[1].HostKeyFingerprint == "" || hosts[4].Port != 2200 {
		t.Errorf("hosts %+v", hosts)
	}
}
