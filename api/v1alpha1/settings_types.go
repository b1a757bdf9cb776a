package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"groundwork.dev/bootstrap/internal/secret"
)

// Token is a secret in the configuration file. It redacts itself wherever it
// is formatted or marshalled, the effective configuration included.
type Token struct{ secret.String }

// IsZero lets encoders leave an absent token out.
func (t Token) IsZero() bool { return t.Empty() }

// ProxyConfiguration is the HTTP proxy that nodes use.
type ProxyConfiguration struct {
	HttpProxy  string   `json:"httpProxy,omitempty"`
	HttpsProxy string   `json:"httpsProxy,omitempty"`
	NoProxy    []string `json:"noProxy,omitempty"`
}

// RegistryMirrorConfiguration is the registry that images come from instead
// of their own.
type RegistryMirrorConfiguration struct {
	Endpoint string `json:"endpoint,omitempty"`
	// Port defaults to 443.
	Port string `json:"port,omitempty"`
	// OCINamespaces map upstream registries to the mirror's namespaces.
	OCINamespaces []OCINamespace `json:"ociNamespaces,omitempty"`
	// CACertContent is PEM.
	CACertContent string `json:"caCertContent,omitempty"`
	// Authenticate asks for credentials, which come from the environment.
	Authenticate       bool `json:"authenticate,omitempty"`
	InsecureSkipVerify bool `json:"insecureSkipVerify,omitempty"`
}

// OCINamespace maps an upstream registry to a namespace of the mirror.
type OCINamespace struct {
	Registry  string `json:"registry"`
	Namespace string `json:"namespace"`
}

// PodIAMConfig is IAM roles for service accounts.
type PodIAMConfig struct {
	ServiceAccountIssuer string `json:"serviceAccountIssuer"`
}

// EtcdEncryption is encryption at rest.
type EtcdEncryption struct {
	Providers []EtcdEncryptionProvider `json:"providers"`
	// Resources are the resources to encrypt, such as "secrets".
	Resources []string `json:"resources"`
}

// EtcdEncryptionProvider is one provider; only KMS exists.
type EtcdEncryptionProvider struct {
	KMS *KMS `json:"kms"`
}

// KMS is a KMS v1 plugin on every control-plane machine: cachesize is of v1
// alone.
type KMS struct {
	// CacheSize is in objects; it defaults to 1000, negative disables.
	CacheSize *int32 `json:"cachesize,omitempty"`
	Name      string `json:"name"`
	// SocketListenAddress is a unix:// URL.
	SocketListenAddress string `json:"socketListenAddress"`
	// Timeout defaults to 3s.
	Timeout *metav1.Duration `json:"timeout,omitempty"`
}

// PackageConfiguration is EKS Anywhere's curated packages.
type PackageConfiguration struct {
	Disable    bool                            `json:"disable,omitempty"`
	Controller *PackageControllerConfiguration `json:"controller,omitempty"`
	CronJob    *PackageControllerCronJob       `json:"cronjob,omitempty"`
}

// PackageControllerConfiguration is the package controller.
type PackageControllerConfiguration struct {
	Repository      string                     `json:"repository,omitempty"`
	Tag             string                     `json:"tag,omitempty"`
	Digest          string                     `json:"digest,omitempty"`
	DisableWebhooks bool                       `json:"disableWebhooks,omitempty"`
	Env             []string                   `json:"env,omitempty"`
	Resources       PackageControllerResources `json:"resources,omitzero"`
}

// PackageControllerResources are the package controller's resources.
type PackageControllerResources struct {
	Requests ImageResource `json:"requests,omitzero"`
	Limits   ImageResource `json:"limits,omitzero"`
}

// ImageResource is an amount of CPU and memory.
type ImageResource struct {
	CPU    string `json:"cpu,omitempty"`
	Memory string `json:"memory,omitempty"`
}

// PackageControllerCronJob refreshes registry tokens.
type PackageControllerCronJob struct {
	Repository string `json:"repository,omitempty"`
	Tag        string `json:"tag,omitempty"`
	Digest     string `json:"digest,omitempty"`
	Disable    bool   `json:"disable,omitempty"`
}
