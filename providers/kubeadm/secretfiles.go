package kubeadm

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clusterctlv1 "sigs.k8s.io/cluster-api/cmd/clusterctl/api/v1alpha3"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers"
)

// The environment variables of EKS Anywhere that hold the registry mirror's
// credentials.
const (
	RegistryUsernameEnv = "REGISTRY_USERNAME"
	RegistryPasswordEnv = "REGISTRY_PASSWORD"
)

// Credentials are the registry mirror's.
type Credentials struct {
	Username string
	Password secret.String
}

// CredentialsFromEnv reads the registry mirror's credentials; the zero value
// where there are none.
func CredentialsFromEnv(getenv func(string) string) Credentials {
	return Credentials{Username: getenv(RegistryUsernameEnv), Password: secret.New(getenv(RegistryPasswordEnv))}
}

// NodeFilesSecret is the name of the Secret with the node files that hold
// secrets.
func NodeFilesSecret(cluster string) string { return cluster + "-node-files" }

// SecretFiles is the Secret that the nodes' secret files come from: the
// registry mirror's credentials. It is nil where the configuration needs
// none; the error is a *failure.Error where it does and there are none.
func SecretFiles(cluster *v1alpha1.Cluster, c Credentials) (*corev1.Secret, error) {
	m := cluster.Spec.RegistryMirrorConfiguration
	if m == nil || !m.Authenticate {
		return nil, nil
	}
	if c.Username == "" || c.Password.Empty() {
		return nil, &failure.Error{
			Code:    failure.Configuration,
			Summary: "the registry mirror asks for credentials and there are none",
			Object:  "registry mirror " + mirrorAddress(m),
			Remedy:  fmt.Sprintf("set %s and %s in the environment", RegistryUsernameEnv, RegistryPasswordEnv),
		}
	}
	data := map[string][]byte{}
	for registry, address := range mirrorHosts(m) {
		data[mirrorKey(registry)] = []byte(hostsTOML(m, registry, address, c))
	}
	return Secret(cluster, NodeFilesSecret(cluster.Name), data), nil
}

// Secret is a Secret of the cluster's that moves with it when another cluster
// takes its management over.
func Secret(cluster *v1alpha1.Cluster, name string, data map[string][]byte) *corev1.Secret {
	labels := Labels(cluster)
	labels[clusterctlv1.ClusterctlMoveLabel] = "true"
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: providers.Namespace, Labels: labels},
		Type:       corev1.SecretTypeOpaque,
		Data:       data,
	}
}
