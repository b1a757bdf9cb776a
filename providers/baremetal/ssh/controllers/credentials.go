package controllers

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/secret"
	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// errNoCredentials: the Secret that an SSHHost names has not what it should.
var errNoCredentials = errors.New("there are no credentials for the host")

// target says how the host is reached, with the key out of its Secret.
func target(ctx context.Context, c client.Reader, host *infrav1.SSHHost) (remote.Target, error) {
	ref := host.Spec.CredentialsRef
	t := remote.Target{
		Name: host.Spec.Hostname, Address: host.Spec.Address, Port: int(host.Spec.Port), User: host.Spec.User,
		HostKeyFingerprint: host.Spec.HostKeyFingerprint,
	}
	credentials := &corev1.Secret{}
	key := client.ObjectKey{Namespace: host.Namespace, Name: ref.Name}
	if err := c.Get(ctx, key, credentials); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return t, fmt.Errorf("%w: Secret %s does not exist", errNoCredentials, key)
		}
		return t, fmt.Errorf("read Secret %s: %w", key, err)
	}
	for name, value := range map[string]*secret.String{ref.Key: &t.Key, ref.SudoPasswordKey: &t.SudoPassword} {
		if name == "" {
			continue
		}
		data, ok := credentials.Data[name]
		if !ok {
			return t, fmt.Errorf("%w: Secret %s has no %s", errNoCredentials, key, name)
		}
		*value = secret.New(string(data))
	}
	return t, nil
}
