package rehearsal_test

import (
	"log/slog"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/test/cli"
)

// TestCreateWithoutRehearsal runs the tool as for a real site, which is the
// simulated one behind a proxy: with the login and the trust that the
// environment gives it.
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
	created := tool.Run(t, "create", "cluster", "-f", example, "-o", "json").MustSucceed(t)
	if vms := len(site.Machines()); vms != exampleMachines {
		t.Errorf("the site has %d VMs, want %d", vms, exampleMachines)
	}
	for _, m := range created.Report(t).Machines {
		if m.Stage != event.StageNode && m.Stage != event.StageReady {
			t.Errorf("machine %s is at %q, want it joined", m.Name, m.Stage)
		}
	}
	if !strings.Contains(created.Stdout, "no network plugin was installed: the nodes stay NotReady") {
		t.Error("create does not say that there is no network plugin")
	}
	if strings.Contains(created.Stdout, "MachineHealthCheck") {
		t.Error("health checks were made, which would replace nodes that cannot be Ready")
	}

	tool.Run(t, "delete", "cluster", exampleName).MustSucceed(t)
	if left := site.Machines(); len(left) > 0 {
		t.Errorf("delete leaves %d VMs: %v", len(left), left)
	}
}
