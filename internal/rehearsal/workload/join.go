package workload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	bootstrapapi "k8s.io/cluster-bootstrap/token/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
)

// admit checks what a joining machine shows the cluster, and the cluster the
// machine.
func (c *Cluster) admit(ctx context.Context, b *machine.Boot) error {
	if _, up := c.server.address(); !up {
		return fmt.Errorf("%w: nothing answers at %s", ErrNotYet, b.Endpoint)
	}
	hash, err := c.authorityHash(ctx)
	if err != nil {
		return err
	}
	if len(b.CAHashes) > 0 && !slices.Contains(b.CAHashes, hash) {
		return fmt.Errorf("the cluster at %s is another: its authority is %s, not %s", b.Endpoint, hash, strings.Join(b.CAHashes, " or "))
	}
	id, secret, ok := strings.Cut(b.Token, ".")
	if !ok {
		return fmt.Errorf("the bootstrap token is not of the form id.secret")
	}
	token := &corev1.Secret{}
	key := client.ObjectKey{Namespace: metav1.NamespaceSystem, Name: bootstrapapi.BootstrapTokenSecretPrefix + id}
	if err := c.client.Get(ctx, key, token); err != nil {
		if apierrors.IsNotFound(err) {
			return fmt.Errorf("%w: the cluster does not know the bootstrap token %s", ErrNotYet, id)
		}
		return err
	}
	if string(token.Data[bootstrapapi.BootstrapTokenSecretKey]) != secret {
		return fmt.Errorf("the secret of the bootstrap token %s is not the cluster's", id)
	}
	if until := string(token.Data[bootstrapapi.BootstrapTokenExpirationKey]); until != "" {
		if at, err := time.Parse(time.RFC3339, until); err != nil || time.Now().After(at) {
			return fmt.Errorf("the bootstrap token %s expired at %s", id, until)
		}
	}
	return nil
}

// authorityHash is the public key's hash that kubeadm compares.
func (c *Cluster) authorityHash(ctx context.Context) (string, error) {
	info := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: metav1.NamespacePublic, Name: bootstrapapi.ConfigMapClusterInfo}
	if err := c.client.Get(ctx, key, info); err != nil {
		return "", fmt.Errorf("%w: reading cluster-info: %w", ErrNotYet, err)
	}
	return info.Annotations[hashAnnotation], nil
}

// hashAnnotation holds the hash on the ConfigMap cluster-info, where a real
// one has a kubeconfig that it is computed from.
const hashAnnotation = "rehearsal.groundwork.dev/ca-hash"

func hashOf(ca *machine.Authority) string {
	sum := sha256.Sum256(ca.Certificate.RawSubjectPublicKeyInfo)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// configuration is what the whole cluster was given, last by an upgrade.
func (c *Cluster) configuration(ctx context.Context) (machine.Configuration, error) {
	cm := &corev1.ConfigMap{}
	if err := c.client.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceSystem, Name: "kubeadm-config"}, cm); err != nil {
		return machine.Configuration{}, fmt.Errorf("%w: reading kubeadm-config: %w", ErrNotYet, err)
	}
	return machine.ReadConfiguration(cm.Data["ClusterConfiguration"])
}
