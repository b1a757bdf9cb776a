package vcenter

import (
	"context"
	"time"
)

// Presented is the certificate that a vCenter shows to who has not logged in.
type Presented struct {
	// Thumbprint is its SHA-1 with colons, as the configuration has it;
	// SHA256 the other.
	Thumbprint, SHA256 string
	// Subject and Issuer are distinguished names (RFC 2253).
	Subject, Issuer string
	// Names are the host names and addresses that it is valid for.
	Names    []string
	NotAfter time.Time
	// Trusted says that this machine's authorities vouch for it; Untrusted is
	// why they do not.
	Trusted   bool
	Untrusted string
}

// Present makes one TLS handshake with a vCenter and says what it showed,
// whoever vouches for it. Nothing is sent: the site's credentials and pin are
// not used. Errors are *failure.Error, except when ctx was cancelled: then
// they wrap its cause.
func Present(ctx context.Context, site Site) (Presented, error) {
	met, err := meet(ctx, site)
	if err != nil {
		return Presented{}, err
	}
	leaf := met.leaf
	p := Presented{
		Thumbprint: met.SHA1(), SHA256: met.SHA256(), Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(),
		Names: certificateNames(leaf), NotAfter: leaf.NotAfter, Trusted: met.untrusted == nil,
	}
	if met.untrusted != nil {
		p.Untrusted = met.untrusted.Error()
	}
	return p, nil
}
