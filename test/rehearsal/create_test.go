package rehearsal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/status"
)

func TestCreateStatusDelete(t *testing.T) {
	tool := newTool(t)
	created := create(t, tool).MustSucceed(t)
	report := created.Report(t)
	if len(report.Machines) != exampleMachines || len(report.VMs) != exampleMachines {
		t.Errorf("the report has %d machines and %d VMs, want %d of each", len(report.Machines), len(report.VMs), exampleMachines)
	}
	for _, m := range report.Machines {
		if m.Stage != event.StageReady || m.Address == "" {
			t.Errorf("machine %s is at %q with address %q, want it ready with an address", m.Name, m.Stage, m.Address)
		}
	}
	if text, err := os.ReadFile(report.Kubeconfig); err != nil || !strings.Contains(string(text), "https://10.20.30.10:6443") {
		t.Errorf("the kubeconfig does not name the cluster's endpoint: %v", err)
	}

	var seen status.Cluster
	text := tool.Run(t, "status", exampleName, "--rehearse", "-o", "json").MustSucceed(t).Stdout
	if err := json.Unmarshal([]byte(text), &seen); err != nil {
		t.Fatal(err)
	}
	if len(seen.Machines) != exampleMachines || seen.Running != nil || seen.Command != "create cluster" {
		t.Errorf("status shows %d machines, command %q, running %v", len(seen.Machines), seen.Command, seen.Running)
	}
	for _, component := range []string{"workflow", "bootstrap-cluster"} {
		logs := tool.Run(t, "logs", exampleName, "--rehearse", "--component", component, "--tail", "3").MustSucceed(t).Stdout
		if n := strings.Count(logs, "\n"); n != 3 {
			t.Errorf("logs --component %s --tail 3 shows %d lines", component, n)
		}
	}

	again := create(t, tool).MustSucceed(t).Report(t)
	if len(again.VMs) != exampleMachines {
		t.Errorf("creating it again leaves %d VMs, want the same %d", len(again.VMs), exampleMachines)
	}

	tool.Run(t, "delete", "cluster", exampleName, "--rehearse").MustSucceed(t)
	if left, _ := filepath.Glob(filepath.Join(tool.State, "_rehearsals", "*")); len(left) > 0 {
		t.Errorf("delete leaves %v", left)
	}
	if r := tool.Run(t, "delete", "cluster", exampleName, "--rehearse"); r.Code != failure.Usage {
		t.Errorf("deleting it twice ends with %d, want %d:\n%s", r.Code, failure.Usage, r.Stderr)
	}
}

func TestChangedConfigurationNeedsConsent(t *testing.T) {
	tool := newTool(t)
	create(t, tool).MustSucceed(t)
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.yaml")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), "count: 2", "count: 3", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"create", "cluster", "-f", changed, "--rehearse", "-o", "json"}
	refused := tool.Run(t, args...)
	if refused.Code != failure.Configuration || !strings.Contains(refused.Stderr, "count: 3") {
		t.Errorf("a changed configuration ends with %d, want %d and the difference:\n%s", refused.Code, failure.Configuration, refused.Stderr)
	}
	accepted := tool.Run(t, append(args, "--accept-changes")...).MustSucceed(t).Report(t)
	if len(accepted.VMs) != exampleMachines+1 {
		t.Errorf("with consent there are %d VMs, want %d", len(accepted.VMs), exampleMachines+1)
	}
}
