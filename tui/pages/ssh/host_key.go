package ssh

import (
	"context"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/tui/form"
)

// hostKey is the field that pins a host's key, after the key that the host
// shows has been consented to.
func (s *site) hostKey(i int, id, path string) form.Field {
	spec := s.spec()
	one := spec.Hosts[i]
	// The host shows its key to everybody: nothing logs in until it is pinned.
	asked := v1alpha1.SSHHost{Name: one.Name, Address: one.Address, Port: one.Port}
	anyone := &v1alpha1.SSHDatacenterConfig{Spec: v1alpha1.SSHDatacenterConfigSpec{User: spec.User, Port: spec.Port}}
	placeholder := "choose the key that it shows"
	if spec.KnownHostsFile != "" {
		placeholder = "as the known_hosts file says"
	}
	return form.Field{
		ID: id, Kind: form.Choice, Title: "Its key", Placeholder: placeholder, FreeText: true,
		Help: "Compare it with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the host: nobody can then pose as the host.",
		Get:  func() string { return s.spec().Hosts[i].HostKeyFingerprint },
		Set: func(text string) error {
			s.spec().Hosts[i].HostKeyFingerprint = strings.TrimSpace(text)
			s.draft.Changed()
			return nil
		},
		OptionsFor: func() string {
			return fmt.Sprintf("%s %d %d %s", one.Address, one.Port, spec.Port, one.HostKeyFingerprint)
		},
		Options: func(ctx context.Context) ([]form.Option, error) {
			if asked.Address == "" {
				return nil, nil
			}
			shown, err := s.backend.Host(ctx, anyone, asked)
			if shown.Fingerprint == "" {
				return nil, err
			}
			return consent(shown.Fingerprint, one.HostKeyFingerprint), nil
		},
		Object: s.draft.DatacenterObject(), Path: path,
	}
}

// consent are the ways to answer to the key that a host shows.
func consent(shown, pinned string) []form.Option {
	options := []form.Option{{Value: shown, Label: "trust " + shown}, {Label: "do not trust it", Detail: "nothing logs in then"}}
	if pinned == shown {
		options[0].Detail = "pinned"
	} else if pinned != "" {
		options = append(options, form.Option{Value: pinned, Label: "keep " + pinned, Detail: "not what the host shows"})
	}
	return options
}
