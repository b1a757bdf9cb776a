package lab

import (
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/registry"
	"groundwork.dev/bootstrap/internal/failure"
)

func TestRoomOnTheMachinesDisk(t *testing.T) {
	dir := t.TempDir()
	usage, err := host.Usage(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := registry.Lab{Dir: filepath.Join(dir, "not", "there"), DiskBytes: hostBytes, Hosts: make([]registry.Host, usage.Size/hostBytes+1)}
	if err := room(l); failure.ExitCode(err) != failure.Preflight || !strings.Contains(failure.Remedy(err), "--dir") {
		t.Errorf("more hosts than the disk can hold: %v", err)
	}
	l.Hosts, l.DiskBytes = l.Hosts[:1], 4096
	if err := room(l); err != nil {
		t.Errorf("one with next to no disk: %v", err)
	}
}
