package v1alpha1

import (
	"fmt"
	"strconv"
	"strings"
)

// SupportedKubernetesVersions are the minors that a cluster can have, oldest
// first: those of EKS Anywhere v0.26.
var SupportedKubernetesVersions = []KubernetesVersion{"1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"}

// maxVersionSkew is how many minors a worker may be behind the control plane;
// EKS Anywhere's limit.
const maxVersionSkew = 2

// minor is the number after "1."; ok is false for anything but "1.N".
func (v KubernetesVersion) minor() (n int, ok bool) {
	text, found := strings.CutPrefix(string(v), "1.")
	n, err := strconv.Atoi(text)
	return n, found && err == nil && text == strconv.Itoa(n)
}

func (v KubernetesVersion) supported() bool {
	for _, s := range SupportedKubernetesVersions {
		if v == s {
			return true
		}
	}
	return false
}

// kubernetesVersion validates a version at path.
func (v *validator) kubernetesVersion(version KubernetesVersion, path string) {
	first, last := SupportedKubernetesVersions[0], SupportedKubernetesVersions[len(SupportedKubernetesVersions)-1]
	remedy := fmt.Sprintf("use a version from %s to %s", first, last)
	plain := strings.TrimPrefix(string(version), "v")
	if parts := strings.Split(plain, "."); len(parts) > 2 {
		plain = strings.Join(parts[:2], ".")
	}
	switch {
	case version.supported():
	case version == "":
		v.cluster(path, "the Kubernetes version is missing", remedy)
	case KubernetesVersion(plain).supported():
		v.cluster(path, fmt.Sprintf("%s is not a Kubernetes minor version", quote(string(version))), fmt.Sprintf("write %q", plain))
	default:
		v.cluster(path, fmt.Sprintf("Kubernetes %s is not supported", quote(string(version))), remedy)
	}
}

// workerVersion validates a worker group's version against the cluster's.
func (v *validator) workerVersion(worker, cluster KubernetesVersion, path string) {
	v.kubernetesVersion(worker, path)
	w, ok := worker.minor()
	c, alsoOK := cluster.minor()
	switch {
	case !ok || !alsoOK:
	case w > c:
		v.cluster(path, fmt.Sprintf("the workers' version %s is newer than the control plane's %s", worker, cluster),
			fmt.Sprintf("use %s or older", cluster))
	case c-w > maxVersionSkew:
		v.cluster(path, fmt.Sprintf("the workers' version %s is %d minors behind the control plane's %s", worker, c-w, cluster),
			fmt.Sprintf("use 1.%d or newer", c-maxVersionSkew))
	}
}
