package main

import (
	"fmt"
	"path"
	"path/filepath"
)

// ownDir has the CRDs of this project, as controller-gen writes them.
const ownDir = "providers/baremetal/ssh/api/v1alpha1/crds"

// contractLabels say which version of ours keeps which of Cluster API's
// contracts; for upstream's CRDs their kustomizations do.
var contractLabels = map[string]string{
	"cluster.x-k8s.io/provider": "infrastructure-groundwork-ssh",
	"cluster.x-k8s.io/v1beta2":  "v1alpha1",
}

// ownCRDs returns this project's CRDs by the file they are written to.
func ownCRDs() (map[string][]byte, error) {
	sources, err := filepath.Glob(filepath.Join(filepath.FromSlash(ownDir), "*.yaml"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, source := range sources {
		crd, err := readObject(source)
		if err != nil {
			return nil, err
		}
		addLabels(crd, contractLabels)
		if err := trim(crd, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		if files[path.Join("crds", name(crd)+".json")], err = encode(crd); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
	}
	return files, nil
}
