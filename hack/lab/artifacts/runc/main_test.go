package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestConfigurationOfACall(t *testing.T) {
	for _, test := range []struct{ call, want string }{
		{"--root /run/containerd/runc/k8s.io --log /x/log.json --log-format json --systemd-cgroup create --bundle /x/bundle --pid-file /x/init.pid abc", "/x/bundle/config.json"},
		{"run -b /x abc", "/x/config.json"},
		{"create --bundle=/x abc", "/x/config.json"},
		{"create abc", "./config.json"},
		{"--root /run/r exec --process /tmp/process.json --detach --pid-file /x/pid abc", "/tmp/process.json"},
		{"exec -p /tmp/p abc", "/tmp/p"},
		{"exec abc ls", ""},
		{"state abc", ""},
		{"kill --all abc 9", ""},
		{"--version", ""},
		{"", ""},
	} {
		if got := configuration(strings.Fields(test.call)); got != test.want {
			t.Errorf("runc %s: got %q, want %q", test.call, got, test.want)
		}
	}
}

func TestOnlyTheCapabilityGoes(t *testing.T) {
	const config = `{"ociVersion":"1.2.0","process":{"args":["CAP_SYS_RESOURCE"],"rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1}],
		"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_RESOURCE","CAP_BPF"],"effective":["CAP_SYS_RESOURCE"],"permitted":["CAP_BPF"]}},"linux":{"x":0.1}}`
	const want = `{"ociVersion":"1.2.0","process":{"args":["CAP_SYS_RESOURCE"],"rlimits":[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1}],
		"capabilities":{"bounding":["CAP_CHOWN","CAP_BPF"],"effective":[],"permitted":["CAP_BPF"]}},"linux":{"x":0.1}}`
	got, err := without([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decode(t, got), decode(t, []byte(want))) {
		t.Errorf("got %s", got)
	}
	// What exec is given is a process alone.
	got, err = without([]byte(`{"capabilities":{"ambient":["CAP_SYS_RESOURCE"]},"cwd":"/"}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"capabilities":{"ambient":[]},"cwd":"/"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// decode keeps numbers as they are written.
func decode(t *testing.T, data []byte) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestEditReplacesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	for _, test := range []struct{ before, after string }{
		{`{"process":{"capabilities":{"bounding":["CAP_SYS_RESOURCE"]}}}`, `{"process":{"capabilities":{"bounding":[]}}}`},
		// Untouched, to the byte.
		{`{ "process": {} }`, `{ "process": {} }`},
	} {
		if err := os.WriteFile(path, []byte(test.before), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := edit(path); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(after) != test.after {
			t.Errorf("got %s, want %s", after, test.after)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := os.WriteFile(path, []byte(`{"CAP_SYS_RESOURCE"`), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := edit(path); err == nil {
		t.Error("a broken configuration gave no error")
	}
}
