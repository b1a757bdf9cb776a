// Package rehearsal_test runs the real binary through whole rehearsals: it
// creates clusters on simulated sites, kills it, lets the sites fail and
// searches what it wrote for secrets.
package rehearsal_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"groundwork.dev/bootstrap/test/cli"
)

// example is the configuration of `make demo`: 3 control-plane machines and 2
// workers.
const (
	example         = "../../examples/vsphere.yaml"
	exampleName     = "demo"
	exampleMachines = 5
)

// binary is the tool, built for these tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bootstrap-")
	if err == nil {
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "bootstrap")
		var out []byte
		out, err = exec.Command("go", "build", "-o", binary, "../../cmd/bootstrap").CombinedOutput()
		os.Stderr.Write(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the tool:", err)
		return 1
	}
	return m.Run()
}

func newTool(t *testing.T) *cli.Tool {
	t.Helper()
	return cli.New(t, binary)
}

// createArguments are those of a rehearsed create of the example.
func createArguments(args ...string) []string {
	return append([]string{"create", "cluster", "-f", example, "--rehearse", "-o", "json"}, args...)
}

// create runs a rehearsed create of the example.
func create(t *testing.T, tool *cli.Tool, args ...string) cli.Result {
	t.Helper()
	return tool.Run(t, createArguments(args...)...)
}
