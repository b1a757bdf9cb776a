package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// kubeadmVersions are the configuration's versions that kubeadm of the
// supported Kubernetes releases reads.
var kubeadmVersions = map[string]bool{"kubeadm.k8s.io/v1beta3": true, "kubeadm.k8s.io/v1beta4": true}

// arguments are extra arguments of a component: a map up to v1beta3, a list
// of names and values since v1beta4.
type arguments map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (a *arguments) UnmarshalJSON(data []byte) error {
	plain := map[string]string{}
	if json.Unmarshal(data, &plain) == nil {
		*a = plain
		return nil
	}
	var list []struct{ Name, Value string }
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*a = arguments{}
	for _, argument := range list {
		(*a)[argument.Name] = argument.Value
	}
	return nil
}

type nodeRegistration struct {
	Name             string         `json:"name"`
	Taints           []corev1.Taint `json:"taints"` // nil: the default
	KubeletExtraArgs arguments      `json:"kubeletExtraArgs"`
}

// clusterConfiguration is kubeadm's ClusterConfiguration.
type clusterConfiguration struct {
	KubernetesVersion    string `json:"kubernetesVersion"`
	ControlPlaneEndpoint string `json:"controlPlaneEndpoint"`
	ImageRepository      string `json:"imageRepository"`
	APIServer            struct {
		CertSANs []string `json:"certSANs"`
	} `json:"apiServer"`
	DNS struct {
		ImageRepository string `json:"imageRepository"`
		ImageTag        string `json:"imageTag"`
	} `json:"dns"`
	Etcd struct {
		Local struct {
			ImageRepository string `json:"imageRepository"`
			ImageTag        string `json:"imageTag"`
		} `json:"local"`
		External *struct{} `json:"external"`
	} `json:"etcd"`
}

// Configuration is what the whole cluster was given.
type Configuration struct {
	KubernetesVersion, ImageRepository string
	CoreDNSImage, EtcdImage            string
	CertSANs                           []string
}

// ReadConfiguration reads a ClusterConfiguration, as Boot or the cluster's
// ConfigMap kubeadm-config has it.
func ReadConfiguration(data string) (Configuration, error) {
	var c clusterConfiguration
	if err := yaml.Unmarshal([]byte(data), &c); err != nil {
		return Configuration{}, fmt.Errorf("reading kubeadm's ClusterConfiguration: %w", err)
	}
	return Configuration{
		KubernetesVersion: c.KubernetesVersion, ImageRepository: c.ImageRepository, CertSANs: c.APIServer.CertSANs,
		CoreDNSImage: c.DNS.ImageRepository + "/coredns:" + c.DNS.ImageTag,
		EtcdImage:    c.Etcd.Local.ImageRepository + "/etcd:" + c.Etcd.Local.ImageTag,
	}, nil
}

type initConfiguration struct {
	NodeRegistration nodeRegistration `json:"nodeRegistration"`
	SkipPhases       []string         `json:"skipPhases"`
}

type joinConfiguration struct {
	NodeRegistration nodeRegistration `json:"nodeRegistration"`
	ControlPlane     *struct{}        `json:"controlPlane"`
	Discovery        struct {
		BootstrapToken *struct {
			Token                    string   `json:"token"`
			APIServerEndpoint        string   `json:"apiServerEndpoint"`
			CACertHashes             []string `json:"caCertHashes"`
			UnsafeSkipCAVerification bool     `json:"unsafeSkipCAVerification"`
		} `json:"bootstrapToken"`
		File *struct {
			KubeConfigPath string `json:"kubeConfigPath"`
		} `json:"file"`
	} `json:"discovery"`
}

var kubeadmCommand = regexp.MustCompile(`\bkubeadm\s+(init|join)\s+--config[ =](\S+)`)

// kubeadmRun finds what kubeadm is told to do, and its configuration file.
func kubeadmRun(commands []string) (verb, path string, err error) {
	for _, command := range commands {
		if m := kubeadmCommand.FindStringSubmatch(command); m != nil {
			return m[1], m[2], nil
		}
	}
	return "", "", errors.New("runcmd never runs kubeadm with a configuration file")
}

// documents are the kubeadm documents of a file, by kind.
func documents(path string, data []byte) (map[string][]byte, error) {
	byKind := map[string][]byte{}
	for _, document := range strings.Split("\n"+string(data), "\n---") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			return nil, fmt.Errorf("%s is not YAML: %w", path, err)
		}
		if strings.HasPrefix(head.APIVersion, "kubeadm.k8s.io/") && !kubeadmVersions[head.APIVersion] {
			return nil, fmt.Errorf("%s: kubeadm does not read %s", path, head.APIVersion)
		}
		byKind[head.Kind] = []byte(strings.TrimPrefix(document, "\n"))
	}
	return byKind, nil
}

// document decodes the document of a kind into out.
func document(byKind map[string][]byte, kind, path string, out any) error {
	data, ok := byKind[kind]
	if !ok {
		return fmt.Errorf("%s has no %s", path, kind)
	}
	if err := yaml.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s: %s: %w", path, kind, err)
	}
	return nil
}
