package vcenter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"groundwork.dev/bootstrap/internal/preflight"
	"groundwork.dev/bootstrap/providers/verdict"
)

func (s *survey) checkReferences(_ context.Context, v *verdict.Verdict) error {
	v.Wants("every group of machines names a VSphereMachineConfig and failure domains of the file")
	for _, d := range s.plan.dangling {
		v.Fails("Add the object to the file, or correct the reference.", "%s does not exist", d)
	}
	for _, g := range s.plan.groups {
		v.Sees("%s: %d × %s", g.name, g.count, g.machine.Name)
	}
	return nil
}

func (s *survey) checkCredentials(_ context.Context, v *verdict.Verdict) error {
	v.Wants("%s and %s, or a private file that sets them", UsernameVariable, PasswordVariable)
	if s.site.problem != nil {
		return s.site.problem
	}
	if err := missingCredentials(s.site.Credentials, ""); err != nil {
		return err
	}
	v.Sees("the password of %s", s.site.Username)
	return nil
}

func (s *survey) checkReachable(ctx context.Context, v *verdict.Verdict) error {
	v.Wants("a TLS server at %s", s.site.Server)
	start := time.Now()
	met, err := meet(ctx, s.site)
	if err != nil {
		return err
	}
	s.met = met
	v.Sees("it answers in %s", time.Since(start).Round(time.Millisecond))
	return nil
}

// checkCertificate judges what checkReachable met.
func (s *survey) checkCertificate(_ context.Context, v *verdict.Verdict) error {
	t := s.met
	switch {
	case s.site.Insecure:
		v.Wants("any certificate: the configuration says insecure")
		v.Warns(fmt.Sprintf("Set insecure: false and thumbprint: %q in the VSphereDatacenterConfig, so that the password goes to no one else.", t.SHA1()),
			"the certificate is not verified")
		return nil
	case s.site.Thumbprint != "":
		v.Wants("a certificate of thumbprint %s", s.site.Thumbprint)
		if _, err := parseThumbprint(s.site.Thumbprint); err != nil && t.untrusted != nil {
			v.Fails(fmt.Sprintf("Set spec.thumbprint of the VSphereDatacenterConfig to %q, after comparing it with the vCenter itself.", t.SHA1()),
				"%q is not a thumbprint: %v; the certificate's is %s", s.site.Thumbprint, err, t.SHA1())
			return nil
		}
	default:
		v.Wants("a certificate that this machine's authorities vouch for")
	}
	var untrusted *untrustedError
	if errors.As(s.site.accept(t), &untrusted) {
		v.Fails(untrusted.remedy(), "%v", untrusted)
		return nil
	}
	if _, err := s.site.pinnedThroughProxy(t); err != nil {
		return err
	}
	if s.site.Thumbprint != "" && !t.pins(s.site.Thumbprint) {
		v.Warns(fmt.Sprintf("Correct spec.thumbprint of the VSphereDatacenterConfig to %q, or remove it.", t.SHA1()),
			"this machine's authorities vouch for it, but its thumbprint is %s", t.SHA1())
		return nil
	}
	v.Sees("%s, valid until %s", t.SHA1(), t.leaf.NotAfter.UTC().Format(time.DateOnly))
	return nil
}

// checkLogin opens the session that all later checks share.
func (s *survey) checkLogin(ctx context.Context, v *verdict.Verdict) error {
	v.Wants("a vCenter of API version %d.%d or later that accepts %s", minAPI[0], minAPI[1], s.site.Username)
	client, err := Connect(ctx, s.site)
	if err != nil {
		return err
	}
	s.client = client
	// Outside of a preflight run the vCenter's own time limit ends the session.
	preflight.Defer(ctx, client.Close)
	v.Sees("%s, as %s", client.About().FullName, client.user)
	return nil
}
