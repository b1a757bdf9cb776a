package vsphere

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/backend"
	"groundwork.dev/bootstrap/tui/form"
)

// The environment variables of the vCenter's login: EKS Anywhere's names, and
// a file that holds both.
const (
	usernameVariable    = "EKSA_VSPHERE_USERNAME"
	passwordVariable    = "EKSA_VSPHERE_PASSWORD"
	credentialsVariable = "EKSA_VSPHERE_CREDENTIALS_FILE"
)

// loginPage asks for the vCenter, whether it is the right one, and who logs in.
func (s *site) loginPage() form.Page {
	return form.Page{
		ID: "vsphere-vcenter", Title: "vCenter",
		Intro:   "The vCenter that makes the machines. The login stays in this program: it is in no file that is saved.",
		Fields:  s.loginFields,
		Notes:   s.loginNotes,
		Actions: s.loginActions,
	}
}

func (s *site) loginFields() []form.Field {
	d, object := s.datacenter(), s.draft.DatacenterObject()
	return []form.Field{
		{ID: "server", Title: "Address", Placeholder: "vcenter.example.com", Object: object, Path: "spec.server",
			Help: "The vCenter's host name or address, without https://; with a port where it is not 443.",
			Get:  func() string { return d.Server },
			Set: s.changed(func(typed string) {
				if typed = strings.TrimSpace(typed); typed != d.Server {
					// The pin was another server's.
					d.Server, d.Thumbprint = typed, ""
				}
			})},
		s.certificateField(),
		{ID: "username", Title: "User", Placeholder: "name@vsphere.local",
			Help: "Who logs in, with the domain. Kept as " + usernameVariable + " while the program runs.",
			Get:  func() string { return s.backend.Environment().Getenv(usernameVariable) },
			Set:  func(typed string) error { return s.login(usernameVariable, strings.TrimSpace(typed)) }},
		{ID: "password", Kind: form.Secret, Title: "Password",
			Help: "Never saved and never shown. A later run without the interface takes it from " + passwordVariable + ".",
			Get:  func() string { return s.backend.Environment().Getenv(passwordVariable) },
			Set:  func(typed string) error { return s.login(passwordVariable, typed) }},
		{ID: "insecure", Kind: form.Toggle, Title: "Accept any certificate", Advanced: true, Object: object, Path: "spec.insecure",
			Help: "For trials only: whoever answers at the address gets the password.",
			Get:  func() string { return strconv.FormatBool(d.Insecure) },
			Set:  s.changed(func(chosen string) { d.Insecure = chosen == "true" })},
	}
}

// login keeps a part of the login where all else looks for it.
func (s *site) login(variable, value string) error {
	if env := s.backend.Environment(); env.Getenv(variable) != value {
		env.Set(variable, secret.New(value))
		s.logins++
	}
	return nil
}

// certificateField asks for consent to a certificate that nobody vouches for.
func (s *site) certificateField() form.Field {
	d, q := s.datacenter(), s.query()
	object := s.draft.DatacenterObject()
	if d.Thumbprint == "" {
		// A configuration without a pin is fine: what may be wrong is ours to say.
		object = ""
	}
	return form.Field{
		ID: "certificate", Kind: form.Choice, Title: "Certificate", Object: object, Path: "spec.thumbprint", FreeText: true,
		Help: "Compare the thumbprint with the vCenter itself, on its console: openssl x509 -fingerprint -sha1 -noout -in /etc/vmware-vpx/ssl/rui.crt",
		Hidden: func() bool {
			shown, known := s.certificates.peek(s.query())
			return d.Server == "" || d.Insecure || known && shown.Trusted && d.Thumbprint == ""
		},
		Get: func() string { return d.Thumbprint },
		Set: func(chosen string) error {
			chosen = strings.TrimSpace(chosen)
			if shown, known := s.certificates.peek(s.query()); chosen == "" && known && !shown.Trusted {
				return &failure.Error{Code: failure.Usage, Summary: "the vCenter's certificate is not trusted",
					Remedy: "compare it and choose to trust it, or install the authority that signed it on this machine"}
			}
			d.Thumbprint = chosen
			s.draft.Changed()
			return nil
		},
		OptionsFor: func() string { return q.server },
		Options: func(ctx context.Context) ([]form.Option, error) {
			shown, err := s.certificates.get(ctx, q, func(ctx context.Context) (backend.Certificate, error) {
				return s.backend.Certificate(ctx, q.server)
			})
			if err != nil {
				return nil, err
			}
			return consent(shown, q.thumbprint), nil
		},
	}
}

// consent are the ways to answer to a certificate.
func consent(shown backend.Certificate, pinned string) []form.Option {
	none := form.Option{Label: "do not trust it", Detail: "nothing can be chosen from the vCenter then"}
	if shown.Trusted {
		none = form.Option{Label: "trust this machine's authorities", Detail: "they vouch for it"}
	}
	options := []form.Option{none, {Value: shown.Thumbprint, Label: "trust " + shown.Thumbprint}}
	if pinned != "" && !sameThumbprint(pinned, shown.Thumbprint) {
		options = append(options, form.Option{Value: pinned, Label: "keep " + pinned, Detail: "not what the vCenter shows"})
	}
	return options
}

// sameThumbprint compares thumbprints however they are written.
func sameThumbprint(a, b string) bool {
	bare := strings.NewReplacer(":", "", " ", "")
	return strings.EqualFold(bare.Replace(a), bare.Replace(b))
}

// loginNotes tell what the vCenter showed.
func (s *site) loginNotes() []form.Note {
	d := s.datacenter()
	var notes []form.Note
	if d.Insecure {
		notes = append(notes, form.Note{Level: form.Warning, Text: "Any certificate is accepted: whoever answers at the address gets the password."})
	} else if shown, known := s.certificates.peek(s.query()); known {
		notes = append(notes, certificateNotes(shown, d.Thumbprint)...)
	}
	if file := s.backend.Environment().Getenv(credentialsVariable); file != "" {
		notes = append(notes, form.Note{Text: "What is missing of the login is read from " + file + "."})
	}
	return notes
}

// certificateNotes have first what a person compares: few lines may fit.
func certificateNotes(shown backend.Certificate, pinned string) []form.Note {
	var notes []form.Note
	switch {
	case pinned != "" && sameThumbprint(pinned, shown.Thumbprint):
	case shown.Trusted:
		notes = append(notes, form.Note{Text: "This machine's authorities vouch for the vCenter's certificate."})
	case pinned != "":
		notes = append(notes, form.Note{Level: form.Error, Text: "The vCenter shows another certificate than the trusted one: something else may answer at the address."})
	default:
		notes = append(notes, form.Note{Level: form.Warning, Text: "Nobody here vouches for it: " + strings.TrimPrefix(shown.Untrusted, "x509: ") + "."})
	}
	return append(notes, form.Note{Text: "SHA-1 " + shown.Thumbprint},
		form.Note{Text: fmt.Sprintf("For %s, from %s, until %s.", namesOf(shown), issuerOf(shown), shown.NotAfter.UTC().Format(time.DateOnly))},
		form.Note{Text: "SHA-256 " + shown.SHA256})
}

func namesOf(shown backend.Certificate) string {
	const most = 3
	switch n := len(shown.Names); {
	case n == 0:
		return shown.Subject
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(shown.Names[:most], ", "), n-most)
	}
	return strings.Join(shown.Names, ", ")
}

func issuerOf(shown backend.Certificate) string {
	if shown.Issuer == shown.Subject {
		return "itself"
	}
	return shown.Issuer
}

// loginActions try the login.
func (s *site) loginActions() []form.Action {
	q := s.query()
	return []form.Action{{Key: "ctrl+t", Label: "try the login", Run: func(ctx context.Context) (func() form.Note, error) {
		found, err := s.inventory(ctx, q)
		if err != nil {
			return nil, err
		}
		return func() form.Note {
			return form.Note{Text: fmt.Sprintf("The vCenter lets the user in, who sees %s.", count(len(found.Datacenters), "datacenter"))}
		}, nil
	}}}
}

// count is a number and what it is of.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
