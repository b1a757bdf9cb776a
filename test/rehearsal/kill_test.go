package rehearsal_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/test/cli"
)

// moments is how many random moments TestKilledCreateResumes tries by itself;
// `make chaos` asks for more.
const moments = 4

// TestKilledCreateResumes kills the tool and its bootstrap cluster at random
// moments of a create. The same command has to finish the cluster, with no
// machine made twice and none left over.
func TestKilledCreateResumes(t *testing.T) {
	n := moments
	if text := os.Getenv("CHAOS_MOMENTS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("CHAOS_MOMENTS: %v", err)
		}
	}
	whole := timedCreate(t)
	for i := range n {
		// A moment out of each n-th of the create, so that few moments are
		// spread over the whole of it too.
		moment := time.Duration((float64(i) + rand.Float64()) / float64(n) * float64(whole))
		t.Run(moment.Round(time.Millisecond).String(), func(t *testing.T) { killAt(t, moment) })
	}
}

func timedCreate(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	create(t, newTool(t)).MustSucceed(t)
	return time.Since(begun)
}

func killAt(t *testing.T, moment time.Duration) {
	tool := newTool(t)
	cmd := tool.Command(context.Background(), createArguments()...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It is time that is the subject here, so there is no condition to wait for.
	<-time.After(moment)
	cli.Kill(cmd)
	_ = cmd.Wait()
	cli.Gone(t, tool.State)

	report := create(t, tool).MustSucceed(t).Report(t)
	if len(report.Machines) != exampleMachines {
		t.Errorf("there are %d machines, want %d\nfirst run:\n%s", len(report.Machines), exampleMachines, cli.Tail(out.String()))
	}
	vms := map[string]bool{}
	for _, vm := range report.VMs {
		vms[vm.Name] = true
	}
	for _, m := range report.Machines {
		if !vms[m.Name] {
			t.Errorf("machine %s has no VM", m.Name)
		}
	}
	if len(report.VMs) != exampleMachines || len(vms) != exampleMachines {
		t.Errorf("the site has %d VMs of %d names, want %d: %v", len(report.VMs), len(vms), exampleMachines, report.VMs)
	}
	tool.Run(t, "delete", "cluster", exampleName, "--rehearse").MustSucceed(t)
}

// TestBootstrapClusterIsRestarted kills only the child: the create goes on.
func TestBootstrapClusterIsRestarted(t *testing.T) {
	tool := newTool(t)
	cmd, lines, stderr := tool.Start(t, createArguments()...)
	killed := false
	var out strings.Builder
	for line := range lines {
		out.WriteString(line + "\n")
		if !killed && strings.Contains(line, `"kind":"machine"`) {
			killed = true
			for _, pid := range cli.Children(cmd.Process.Pid) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\nstderr:\n%s", err, stderr.String())
	}
	if !killed {
		t.Fatal("no machine was seen")
	}
	report := cli.Result{Stdout: out.String()}.Report(t)
	cloned := 0
	for _, action := range report.Site {
		if action.Kind == rehearsal.Cloned {
			cloned++
		}
	}
	if len(report.VMs) != exampleMachines || cloned != exampleMachines {
		t.Errorf("the site has %d VMs out of %d clones, want %d", len(report.VMs), cloned, exampleMachines)
	}
}

// TestInterruptedCreateResumes sends the signal that Ctrl-C sends.
func TestInterruptedCreateResumes(t *testing.T) {
	tool := newTool(t)
	cmd, lines, stderr := tool.Start(t, createArguments()...)
	for line := range lines {
		if strings.Contains(line, `"kind":"machine"`) {
			_ = cmd.Process.Signal(os.Interrupt)
		}
	}
	_ = cmd.Wait()
	if code := failure.Code(cmd.ProcessState.ExitCode()); code != failure.Interrupted || !strings.Contains(stderr.String(), "same command") {
		t.Errorf("an interrupted create ends with %d, want %d and what to do:\n%s", code, failure.Interrupted, stderr.String())
	}
	cli.Gone(t, tool.State)
	create(t, tool).MustSucceed(t)
}
