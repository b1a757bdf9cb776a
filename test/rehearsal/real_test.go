package rehearsal_test

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/test/cli"
)

// TestCreateWithoutRehearsal runs the tool as for a real site, which is the
// simulated one behind a proxy: with the login and the trust that the
// environment gives it. That goes as far as simulated nodes go.
func TestCreateWithoutRehearsal(t *testing.T) {
	cfg, err := v1alpha1.Load(example)
	if err != nil {
		t.Fatal(err)
	}
	site, err := rehearsal.Start(t.Context(), rehearsal.Options{Config: cfg, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.Close(); err != nil {
			t.Error(err)
		}
	})
	tool := newTool(t)
	login := site.Credentials()
	tool.Env = append(site.Env(), "EKSA_VSPHERE_USERNAME="+login.Username, "EKSA_VSPHERE_PASSWORD="+login.Password.Reveal())

	cli.Finish(t, tool.Stateless(t.Context(), "preflight", "-f", example)).MustSucceed(t)
	interruptAtCilium(t, tool)
	if vms := len(site.Machines()); vms != exampleMachines {
		t.Errorf("the site has %d VMs, want %d", vms, exampleMachines)
	}

	tool.Run(t, "delete", "cluster", exampleName).MustSucceed(t)
	if left := site.Machines(); len(left) > 0 {
		t.Errorf("delete leaves %d VMs: %v", len(left), left)
	}
}

// interruptAtCilium creates the cluster up to the last thing that simulated
// nodes cannot do: run the agents whose health create waits for. Helm has
// installed them by then, and every machine is ready.
func interruptAtCilium(t *testing.T, tool *cli.Tool) {
	t.Helper()
	cmd, lines, stderr := tool.Start(t, "create", "cluster", "-f", example, "-o", "json")
	var out strings.Builder
	for line := range lines {
		out.WriteString(line + "\n")
		if strings.Contains(line, `"kind":"step-started","step":"network-plugin-healthy"`) {
			_ = cmd.Process.Signal(os.Interrupt)
		}
	}
	_ = cmd.Wait()
	if code := failure.Code(cmd.ProcessState.ExitCode()); code != failure.Interrupted {
		t.Fatalf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", code, failure.Interrupted, cli.Tail(out.String()), stderr)
	}
	ready := map[string]bool{}
	for _, e := range (cli.Result{Stdout: out.String()}).Events(t) {
		if e.Kind == event.MachineMoved && e.Machine.Stage == event.StageReady {
			ready[e.Machine.Name] = true
		}
	}
	if len(ready) != exampleMachines {
		t.Errorf("%d machines were ready, want %d", len(ready), exampleMachines)
	}
	if strings.Contains(out.String(), "MachineHealthCheck") {
		t.Error("health checks were made before the cluster's network was well")
	}
}
