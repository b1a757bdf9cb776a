//go:build lab

package lab

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
)

// machineAddress is an address of the machine that is no lab's.
func machineAddress(t *testing.T) string {
	t.Helper()
	interfaces, err := net.Interfaces()
	ok(t, err)
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		ok(t, err)
		for _, a := range addresses {
			ip, _, err := net.ParseCIDR(a.String())
			if err == nil && ip.To4() != nil && !ip.IsLoopback() && !strings.HasPrefix(i.Name, "lab-") {
				return ip.String()
			}
		}
	}
	t.Fatal("the machine has no IPv4 address")
	return ""
}

// moments is how often up is killed.
const moments = 12

func TestDownAfterUpWasKilled(t *testing.T) {
	program := filepath.Join(t.TempDir(), "lab")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "groundwork.dev/bootstrap/hack/lab").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	made, err := artifacts.Build(t.Context(), artifacts.Options{})
	ok(t, err)
	const name = "killed"
	dir := filepath.Join(defaultRoot, name)
	before := machine(t, name, dir)
	up := func(ctx context.Context) error {
		c := exec.CommandContext(ctx, program, "up", "--name", name, "--hosts", "2", "--subnet", testSubnet, "--rootfs", made.RootFS, "--disk", "1")
		// SIGKILL, which nothing can catch.
		c.Cancel = func() error { return c.Process.Kill() }
		c.Stderr = os.Stderr
		return c.Run()
	}
	down := func() {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), program, "down", "--name", name).CombinedOutput(); err != nil {
			t.Fatalf("down: %v: %s", err, out)
		}
		unchanged(t, before, name, dir)
	}
	began := time.Now()
	ok(t, up(t.Context()))
	whole := time.Since(began)
	down()
	for i := range moments {
		after := time.Duration(rand.Int64N(int64(whole)))
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := up(ctx)
		cancel()
		t.Logf("moment %d: killed after %s: %v", i+1, after, err)
		down()
		if t.Failed() {
			return
		}
	}
}
