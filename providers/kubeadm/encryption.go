package kubeadm

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	"sigs.k8s.io/yaml"
)

const (
	encryptionHostPath  = "/var/lib/kubeadm/encryption-config.yaml"
	encryptionMountPath = "/etc/kubernetes/enc/encryption-config.yaml"
	// kmsSocketDir is where the KMS plugins of EKS Anywhere's users listen.
	kmsSocketDir = "/var/run/kmsplugin/"
	kmsV1Gate    = "KMSv1=true"
)

// encryptionFiles is the API server's encryption configuration. The plugins
// are spoken to as KMS v1: cachesize, which the configuration format has,
// exists only there.
func (n Node) encryptionFiles() ([]bootstrapv1.File, error) {
	if len(n.cluster().EtcdEncryption) == 0 {
		return nil, nil
	}
	configuration := apiserverv1.EncryptionConfiguration{
		TypeMeta: metav1.TypeMeta{APIVersion: apiserverv1.SchemeGroupVersion.String(), Kind: "EncryptionConfiguration"},
	}
	for _, encryption := range n.cluster().EtcdEncryption {
		resource := apiserverv1.ResourceConfiguration{Resources: encryption.Resources}
		for _, provider := range encryption.Providers {
			if provider.KMS == nil {
				continue
			}
			resource.Providers = append(resource.Providers, apiserverv1.ProviderConfiguration{KMS: &apiserverv1.KMSConfiguration{
				APIVersion: "v1",
				Name:       provider.KMS.Name,
				Endpoint:   provider.KMS.SocketListenAddress,
				CacheSize:  provider.KMS.CacheSize,
				Timeout:    provider.KMS.Timeout,
			}})
		}
		// Identity last: what was written before encryption stays readable.
		resource.Providers = append(resource.Providers, apiserverv1.ProviderConfiguration{Identity: &apiserverv1.IdentityConfiguration{}})
		configuration.Resources = append(configuration.Resources, resource)
	}
	data, err := yaml.Marshal(configuration)
	if err != nil {
		return nil, fmt.Errorf("writing the encryption configuration as YAML: %w", err)
	}
	f := File(encryptionHostPath, string(data))
	f.Permissions = ownerOnly
	return []bootstrapv1.File{f}, nil
}

// setEncryption points the API server at the file. KMS v1 is off by default
// since Kubernetes 1.29; the user's own gates stay.
func (n Node) setEncryption(args arguments) {
	if len(n.cluster().EtcdEncryption) == 0 {
		return
	}
	args.set("encryption-provider-config", encryptionMountPath)
	if minor(n.Release.Kubernetes) < 29 {
		return
	}
	gates := kmsV1Gate
	if users := args["feature-gates"]; len(users) > 0 {
		gates = strings.Join(append(users, kmsV1Gate), ",")
	}
	args.set("feature-gates", gates)
}
