package kubeadm

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"path"
	"slices"
	"strings"

	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

const (
	containerdConfig = "/etc/containerd/config.toml"
	containerdAppend = "/etc/containerd/config_append.toml"
	containerdCerts  = "/etc/containerd/certs.d"
	// defaultMirrored is the one registry that a mirror without ociNamespaces
	// stands in for.
	defaultMirrored = "public.ecr.aws"
)

// registryConfig makes containerd look for hosts.toml files. Version 1 and 2
// of containerd call the same plugin by different names and pass over the
// table that they do not know.
const registryConfig = `[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "` + containerdCerts + `"

[plugins."io.containerd.cri.v1.images".registry]
  config_path = "` + containerdCerts + `"
`

// mirrorCommand sets config_path in an image's configuration where the key is
// there but empty, and adds the tables where it is not: a table that stands
// twice would keep containerd from starting.
const mirrorCommand = `if grep -q config_path ` + containerdConfig + `; then ` +
	`sed -i -E 's#config_path = (""|'"''"')#config_path = "` + containerdCerts + `"#' ` + containerdConfig + `; ` +
	`else cat ` + containerdAppend + ` >>` + containerdConfig + `; fi`

// mirrorFiles make containerd fetch images from the mirror, and the command
// that makes it read them.
func (n Node) mirrorFiles() ([]bootstrapv1.File, []string) {
	m := n.cluster().RegistryMirrorConfiguration
	if m == nil {
		return nil, nil
	}
	var files []bootstrapv1.File
	if m.CACertContent != "" {
		files = append(files, File(mirrorCAPath(m), strings.TrimSpace(m.CACertContent)+"\n"))
	}
	files = append(files, File(containerdAppend, registryConfig))
	hosts := mirrorHosts(m)
	for _, registry := range slices.Sorted(maps.Keys(hosts)) {
		hostsPath := path.Join(containerdCerts, registry, "hosts.toml")
		if m.Authenticate {
			files = append(files, secretFile(hostsPath, NodeFilesSecret(n.Config.Cluster.Name), mirrorKey(registry)))
			continue
		}
		files = append(files, File(hostsPath, hostsTOML(m, registry, hosts[registry], Credentials{})))
	}
	return files, []string{mirrorCommand}
}

// mirrorAddress is the mirror's host and port.
func mirrorAddress(m *v1alpha1.RegistryMirrorConfiguration) string {
	return net.JoinHostPort(m.Endpoint, m.Port)
}

func mirrorCAPath(m *v1alpha1.RegistryMirrorConfiguration) string {
	return path.Join(containerdCerts, mirrorAddress(m), "ca.crt")
}

// mirrorHosts is the address, by registry, where its images are: the mirror
// itself for its own, and a namespace of the mirror for others.
func mirrorHosts(m *v1alpha1.RegistryMirrorConfiguration) map[string]string {
	base := mirrorAddress(m)
	hosts := map[string]string{base: base + "/v2"}
	for _, namespace := range m.OCINamespaces {
		hosts[namespace.Registry] = path.Join(base, "v2", namespace.Namespace)
	}
	if len(m.OCINamespaces) == 0 {
		hosts[defaultMirrored] = base + "/v2"
	}
	return hosts
}

// hostsTOML is containerd's hosts.toml for a registry.
func hostsTOML(m *v1alpha1.RegistryMirrorConfiguration, registry, address string, c Credentials) string {
	var b strings.Builder
	fmt.Fprintf(&b, "server = %q\n\n[host.%q]\n", "https://"+registry, "https://"+address)
	b.WriteString("  capabilities = [\"pull\", \"resolve\"]\n  override_path = true\n")
	if m.CACertContent != "" {
		fmt.Fprintf(&b, "  ca = %q\n", mirrorCAPath(m))
	}
	if m.InsecureSkipVerify {
		b.WriteString("  skip_verify = true\n")
	}
	if m.Authenticate {
		pair := base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password.Reveal()))
		fmt.Fprintf(&b, "  [host.%q.header]\n    authorization = %q\n", "https://"+address, "Basic "+pair)
	}
	return b.String()
}

// mirrorKey is the registry's key in the Secret; a key may hold no colon.
func mirrorKey(registry string) string {
	return strings.NewReplacer(":", "-", "[", "", "]", "", "/", "-").Replace(registry) + ".hosts.toml"
}
