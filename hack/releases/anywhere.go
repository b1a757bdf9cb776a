package main

import (
	"context"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Where EKS Anywhere's repository keeps what is read: the bundle that its
// release tool makes in a dry run, with every component's git tag, and the
// number of the newest production bundle. Both are read at the commit that
// set the number: later tags belong to a bundle that is not released.
const (
	bundlePath       = "release/cli/pkg/operations/testdata/main-bundle-release.yaml"
	bundleNumberPath = "release/triggers/bundle-release/production/BUNDLE_NUMBER"
)

// What the dry run writes in place of the registry and of the bundle number.
const (
	dryRunRegistry = "public.ecr.aws/release-container-registry/"
	dryRunSuffix   = "-eks-a-v0.0.0-dev-build."
	registry       = "public.ecr.aws/eks-anywhere/"
)

// manifest is where the production bundle of a number is published: the path
// is that of release/cli/pkg/types, the host that of the manifests that
// docs/content/en/docs/concepts/support-versions.md names.
const manifest = "https://anywhere-assets.eks.amazonaws.com/releases/bundles/%s/manifest.yaml"

// bundle is what is needed of EKS Anywhere's bundle.
type bundle struct {
	number   string
	versions map[string]versionsBundle // by Kubernetes minor
}

// versionsBundle is a part of EKS Anywhere's type of that name
// (release/api/v1alpha1/bundle_types.go).
type versionsBundle struct {
	KubeVersion string `yaml:"kubeVersion"`
	Cilium      struct {
		Cilium   image `yaml:"cilium"`
		Operator image `yaml:"operator"`
	} `yaml:"cilium"`
	VSphere struct {
		KubeVIP image `yaml:"kubeVip"`
	} `yaml:"vSphere"`
}

type image struct {
	URI         string `yaml:"uri"`
	ImageDigest string `yaml:"imageDigest"`
}

func readBundle(ctx context.Context, anywhere clone) (*bundle, error) {
	number, err := anywhere.file(ctx, bundleNumberPath)
	if err != nil {
		return nil, err
	}
	text, err := anywhere.file(ctx, bundlePath)
	if err != nil {
		return nil, err
	}
	var file struct {
		Spec struct {
			VersionsBundles []versionsBundle `yaml:"versionsBundles"`
		} `yaml:"spec"`
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return nil, fmt.Errorf("%s: %w", bundlePath, err)
	}
	b := &bundle{number: number, versions: map[string]versionsBundle{}}
	for _, v := range file.Spec.VersionsBundles {
		b.versions[v.KubeVersion] = v
	}
	return b, nil
}

// addTo adds EKS Anywhere's images of the release's Kubernetes minor.
func (b *bundle) addTo(r *distroRelease) error {
	v, ok := b.versions[r.kubernetes()]
	if !ok {
		return fmt.Errorf("%s has no Kubernetes %s", bundlePath, r.kubernetes())
	}
	reference, err := b.published(v.VSphere.KubeVIP.URI)
	if err != nil {
		return fmt.Errorf("kube-vip of Kubernetes %s: %w", r.kubernetes(), err)
	}
	r.images["kube-vip"] = reference
	// Cilium is not part of the bundle's own builds: its reference and digest
	// are those of the registry that it is published in.
	r.images["cilium"] = v.Cilium.Cilium.URI + "@" + v.Cilium.Cilium.ImageDigest
	r.images["cilium-operator"] = v.Cilium.Operator.URI + "@" + v.Cilium.Operator.ImageDigest
	return nil
}

// published is the reference under which the production bundle publishes an
// image of the dry run. The dry run's digests are made up and left out.
func (b *bundle) published(uri string) (string, error) {
	path, ours := strings.CutPrefix(uri, dryRunRegistry)
	tagged, _, dry := strings.Cut(path, dryRunSuffix)
	if !ours || !dry {
		return "", fmt.Errorf("%q is not a reference of the dry run", uri)
	}
	return registry + tagged + "-eks-a-" + b.number, nil
}
