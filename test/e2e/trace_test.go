//go:build e2e

package e2e_test

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofTheHost are the paths that a host's own programs make for themselves when
// somebody logs in or asks for the time: sudo's mark of a first use, and the
// folders of a service of systemd's while it runs.
var ofTheHost = regexp.MustCompile(`/\.sudo_as_admin_successful$|/tmp/systemd-private-[^/]*`)

// asFound checks that every host is as it was before the cluster.
func (s *site) asFound(t *testing.T) {
	t.Helper()
	for _, h := range s.Hosts {
		changes, err := s.Changes(t.Context(), h.Name)
		changes = slices.DeleteFunc(changes, ofTheHost.MatchString)
		if err != nil || len(changes) > 0 {
			t.Errorf("delete leaves %s changed: %v\n%s", h.Name, err, strings.Join(changes, "\n"))
		}
	}
}

// ownQuestions are the names that CoreDNS asks the site's name server for to
// see whether it answers, and whether it answers with CoreDNS itself.
var ownQuestions = regexp.MustCompile(`^(\.|\d+\.\d+\.)$`)

// askedNobody checks that no host has asked for anything outside the site.
func (s *site) askedNobody(t *testing.T) {
	t.Helper()
	outside, err := s.Outside(t.Context())
	if err != nil || outside.Missed > 0 {
		t.Fatalf("what the hosts asked for outside: %v, %d packets were not looked at", err, outside.Missed)
	}
	nameServer := netip.AddrPortFrom(s.Gateway, 53)
	for _, d := range outside.Destinations {
		if d.Address != nameServer {
			t.Errorf("%s asks %s over %s, %d packets", d.Host, d.Address, d.Protocol, d.Packets)
		}
	}
	for _, name := range outside.Names {
		if !ownQuestions.MatchString(name) {
			t.Errorf("a host asks for the name %s", name)
		}
	}
}
