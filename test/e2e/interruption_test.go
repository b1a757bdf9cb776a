//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/test/cli"
)

// outage is how long a cable is cut: long enough for every connection over it
// to be given up.
const outage = 25 * time.Second

// TestInterruptedBootstrap kills the tool while it copies, cuts the control
// plane's cable while kubeadm is at work there, and restarts the worker while
// it joins. The same command has to finish the cluster.
func TestInterruptedBootstrap(t *testing.T) {
	s := newSite(t, oneWorker, lab.Options{Hosts: 2})
	const controlPlane, worker = "host-1", "host-2"

	first := s.tool.Command(context.Background(), s.createArguments()...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	s.untilRuns(t, controlPlane, "test -n \"$(ls /var/lib/groundwork/files)\"")
	cli.Kill(first)
	_ = first.Wait() // it was killed
	cli.Gone(t, s.tool.State)

	second := s.tool.Command(t.Context(), s.createArguments()...)
	var stdout, stderr bytes.Buffer
	second.Stdout, second.Stderr = &stdout, &stderr
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	const bootstraps = "systemctl is-active --quiet groundwork-bootstrap"
	s.untilRuns(t, controlPlane, bootstraps)
	s.cut(t, controlPlane)
	s.untilRuns(t, worker, bootstraps)
	if err := s.Reboot(t.Context(), worker); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil {
		t.Fatalf("%v\nstdout:\n%s\nstderr:\n%s", err, cli.Tail(stdout.String()), stderr.String())
	}
	if ready, err := readyNodes(t.Context(), s.client(t)); err != nil || !slices.Equal(ready, []string{controlPlane, worker}) {
		t.Errorf("%v are Ready, want both hosts: %v", ready, err)
	}
	s.delete(t)
	s.asFound(t)
}

// untilRuns waits until a command succeeds on the host.
func (s *site) untilRuns(t *testing.T, host, command string) {
	t.Helper()
	until(t, command+" on "+host, 5*time.Minute, func(ctx context.Context) (bool, error) {
		_, err := s.Run(ctx, host, command)
		return err == nil, nil
	})
}

// cut takes a host off the network for a while. It is time that is the
// subject here, so there is no condition to wait for.
func (s *site) cut(t *testing.T, host string) {
	t.Helper()
	if err := s.SetLink(t.Context(), host, false); err != nil {
		t.Fatal(err)
	}
	<-time.After(outage)
	if err := s.SetLink(t.Context(), host, true); err != nil {
		t.Fatal(err)
	}
}
