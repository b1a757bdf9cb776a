package create

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/cluster-api/util/secret"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/event"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/providers"
)

// writeKubeconfig saves the administrator's kubeconfig of the new cluster.
type writeKubeconfig struct{ *installation }

func (*writeKubeconfig) Name() string  { return "kubeconfig" }
func (*writeKubeconfig) Title() string { return "Save the kubeconfig" }

func (s *writeKubeconfig) Done(context.Context) (bool, error) {
	_, err := s.State.ReadFile(state.KubeconfigFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (s *writeKubeconfig) Run(ctx context.Context) error {
	name := secret.Name(s.Config.Cluster.Name, secret.Kubeconfig)
	kubeconfig := &corev1.Secret{}
	key := client.ObjectKey{Namespace: providers.Namespace, Name: name}
	if err := s.cluster.Client().Get(ctx, key, kubeconfig); err != nil {
		return fmt.Errorf("read the kubeconfig from Secret %s: %w", key, err)
	}
	if err := s.State.WriteFile(state.KubeconfigFile, kubeconfig.Data[secret.KubeconfigDataName]); err != nil {
		return err
	}
	s.Sink.Emit(event.Event{
		Kind: event.Notice, Step: s.Name(),
		Message: "kubeconfig: " + s.State.Path(state.KubeconfigFile),
	})
	return nil
}
