//go:build e2e

package e2e_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"groundwork.dev/bootstrap/hack/lab/lab"
)

// TestLossOfAControlPlane takes one of three control planes' power away. The
// API has to stay up, and the same command has to replace the machine by one
// on the spare host.
func TestLossOfAControlPlane(t *testing.T) {
	s := newSite(t, highlyAvailable, lab.Options{Hosts: 5})
	s.create(t).MustSucceed(t)
	client := s.client(t)
	before, err := readyNodes(t.Context(), client)
	if err != nil || len(before) != 4 {
		t.Fatalf("%v are Ready, want 4 nodes: %v", before, err)
	}

	lost := s.endpointHolder(t)
	if err := s.PowerOff(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	until(t, "the API answers at another host", 30*time.Second, func(ctx context.Context) (bool, error) {
		_, err := readyNodes(ctx, client)
		return err == nil, nil
	})
	until(t, "the lost node is missed", 2*time.Minute, func(ctx context.Context) (bool, error) {
		ready, err := readyNodes(ctx, client)
		return err == nil && !slices.Contains(ready, lost), nil
	})

	s.create(t).MustSucceed(t)
	after, err := readyNodes(t.Context(), client)
	if err != nil || len(after) != 4 || slices.Contains(after, lost) {
		t.Errorf("%v are Ready, want 4 nodes without %s: %v", after, lost, err)
	}

	if err := s.PowerOn(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if err := s.WaitSSH(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	s.delete(t)
	s.asFound(t)
}

// endpointHolder is the host that has the control plane's address.
func (s *site) endpointHolder(t *testing.T) string {
	t.Helper()
	for _, h := range s.Hosts {
		text, err := s.Run(t.Context(), h.Name, "ip -o addr show to "+s.VIP.String())
		if err != nil {
			t.Fatal(err)
		}
		if text != "" {
			return h.Name
		}
	}
	t.Fatal("no host has the control plane's address")
	return ""
}
