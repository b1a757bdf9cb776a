package ssh

import (
	"fmt"
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/tui/form"
)

// login is the page of what all hosts have in common.
func (s *site) login() form.Page {
	return form.Page{
		ID: "ssh-login", Title: "Login",
		Intro: "How all hosts are logged in to. A host can have a user, port or key of its own on the next page.",
		Fields: func() []form.Field {
			spec := s.spec
			user := s.text(form.Field{
				ID: "user", Title: "User", Placeholder: "root",
				Help: "root, or a user who may use sudo.",
			}, func() *string { return &spec().User }, "spec.user")
			key := s.path(form.Field{
				ID: "key", Title: "Private key", Placeholder: "~/.ssh/id_ed25519",
				Help: "The path of the private key to log in with. The key itself never gets into the configuration.",
			}, func() *string { return &spec().KeyFile }, "spec.keyFile")
			user = required(user, s.needed(func(h *v1alpha1.SSHHost) string { return h.User }),
				"nothing says which user logs in", "write root, or a user who may use sudo")
			key = required(key, s.needed(func(h *v1alpha1.SSHHost) string { return h.KeyFile }),
				"nothing says with which private key to log in", "write the path of one, such as ~/.ssh/id_ed25519")
			return []form.Field{
				user, key,
				s.path(form.Field{
					ID: "known-hosts", Title: "Known hosts", Placeholder: "none",
					Help: "A known_hosts file that pins the hosts' keys. Without one, each host's key is shown on the next page for you to compare.",
				}, func() *string { return &spec().KnownHostsFile }, "spec.knownHostsFile"),
				s.port(form.Field{
					ID: "port", Title: "Port", Advanced: true, Help: "Where sshd listens on the hosts.",
				}, func() *int { return &spec().Port }, "spec.port", v1alpha1.DefaultSSHPort),
				s.secret(form.Field{
					ID: "passphrase", Title: "Key's passphrase", Advanced: true,
					Help: "Where the private keys have one. Never saved and never shown. A later run without the interface takes it from " + keyPassphraseVariable + ".",
				}, keyPassphraseVariable),
				s.secret(form.Field{
					ID: "sudo", Title: "Password for sudo", Advanced: true,
					Help: "Where sudo asks for one. Never saved and never shown. A later run without the interface takes it from " + sudoPasswordVariable + ".",
				}, sudoPasswordVariable),
			}
		},
	}
}

// The environment variables of what may be needed for logging in, as the
// provider reads them.
const (
	keyPassphraseVariable = "GROUNDWORK_SSH_KEY_PASSPHRASE"
	sudoPasswordVariable  = "GROUNDWORK_SSH_SUDO_PASSWORD"
)

// secret is a field whose answer stays in this process.
func (s *site) secret(f form.Field, variable string) form.Field {
	f.Kind = form.Secret
	f.Get = func() string { return s.backend.Environment().Getenv(variable) }
	f.Set = func(text string) error {
		if environment := s.backend.Environment(); environment.Getenv(variable) != text {
			environment.Set(variable, secret.New(text))
		}
		return nil
	}
	return f
}

// needed reports whether there may be a host that has no value of its own.
func (s *site) needed(own func(*v1alpha1.SSHHost) string) func() bool {
	return func() bool {
		hosts := s.hosts()
		for i := range hosts {
			if own(&hosts[i].SSHHost) == "" {
				return true
			}
		}
		return len(hosts) == 0
	}
}

// required is a field that refuses an empty answer while one is needed. Only
// once there are hosts does the configuration miss it.
func required(f form.Field, needed func() bool, summary, remedy string) form.Field {
	set := f.Set
	f.Set = func(text string) error {
		if strings.TrimSpace(text) == "" && needed() {
			return &failure.Error{Code: failure.Usage, Summary: summary, Remedy: remedy}
		}
		return set(text)
	}
	if f.Get() == "" && needed() {
		f.Object, f.Path = "", ""
	}
	return f
}

// port is a field for a port; without an answer it is fallback.
func (s *site) port(f form.Field, value func() *int, field string, fallback int) form.Field {
	f.Kind = form.Number
	f.Get = func() string {
		if *value() == 0 {
			return ""
		}
		return strconv.Itoa(*value())
	}
	f.Set = func(text string) error {
		port := fallback
		if text = strings.TrimSpace(text); text != "" {
			number, err := strconv.Atoi(text)
			if err != nil {
				return &failure.Error{Code: failure.Usage, Summary: fmt.Sprintf("%q is not a port", text), Remedy: "write a number from 1 to 65535"}
			}
			port = number
		}
		*value() = port
		s.draft.Changed()
		return nil
	}
	f.Object, f.Path = s.draft.DatacenterObject(), field
	return f
}
