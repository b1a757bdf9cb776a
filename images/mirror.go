package images

import (
	"net"
	"path"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
)

// defaultRegistry is the registry that a mirror without ociNamespaces stands
// in for, as in EKS Anywhere (pkg/registrymirror, pkg/constants).
const defaultRegistry = "public.ecr.aws"

// Mirrored returns reference, an image or a repository, as it is pulled
// through the configuration's registryMirrorConfiguration: the registry's
// host gives way to the mirror's endpoint, port and namespace. Without a
// mirror, or with one that has nothing of that registry, it stays as it is.
func Mirrored(cfg *v1alpha1.Config, reference string) string {
	mirror := cfg.Cluster.Spec.RegistryMirrorConfiguration
	if mirror == nil {
		return reference
	}
	host, rest, _ := strings.Cut(reference, "/")
	address := net.JoinHostPort(mirror.Endpoint, mirror.Port)
	if len(mirror.OCINamespaces) == 0 && host == defaultRegistry {
		return path.Join(address, rest)
	}
	// Where a registry is mapped twice, EKS Anywhere takes the last.
	for i := len(mirror.OCINamespaces) - 1; i >= 0; i-- {
		if n := mirror.OCINamespaces[i]; n.Registry == host {
			return path.Join(address, n.Namespace, rest)
		}
	}
	return reference
}
