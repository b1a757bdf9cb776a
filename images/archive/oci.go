package archive

import (
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// ociIndex is the entry point of an OCI image layout.
const ociIndex = "index.json"

// maxNesting is how deep indexes may lie within each other.
const maxNesting = 4

// oci adds the images that index.json names. One that has its platform
// missing is left out: another archive may have it.
func (a *file) oci(arch string, found map[string]Image) error {
	var index v1.IndexManifest
	if err := document(a.f, a.files, ociIndex, &index); err != nil {
		return fmt.Errorf("%s: %w", ociIndex, err)
	}
	var problems []error
	for _, d := range index.Manifests {
		name := normalized(d.Annotations[annotationImageName])
		if name == "" {
			// skopeo and crane write the whole reference here; the standard
			// has only the tag in mind.
			name = normalized(d.Annotations[annotationRefName])
		}
		if name == "" {
			continue
		}
		image, err := a.manifest(d, arch, maxNesting)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
			continue
		}
		found[name] = *image
	}
	return errors.Join(problems...)
}

// manifest is the image that a descriptor leads to.
func (a *file) manifest(d v1.Descriptor, arch string, depth int) (*Image, error) {
	if d.MediaType.IsIndex() {
		return a.choose(d, arch, depth)
	}
	var manifest v1.Manifest
	if err := document(a.f, a.files, blobPath(d.Digest), &manifest); err != nil {
		return nil, err
	}
	config, err := content(a.f, a.files, blobPath(manifest.Config.Digest))
	if err != nil {
		return nil, err
	}
	ids, err := diffIDs(config)
	if err != nil {
		return nil, err
	}
	if len(ids) != len(manifest.Layers) {
		return nil, fmt.Errorf("%d layers, and a configuration with %d", len(manifest.Layers), len(ids))
	}
	image := &Image{Config: config}
	for n, l := range manifest.Layers {
		layer, err := a.layer(blobPath(l.Digest), ids[n])
		if err != nil {
			return nil, err
		}
		image.Layers = append(image.Layers, layer)
	}
	return image, nil
}

// choose takes the image for Linux on arch from an index.
func (a *file) choose(d v1.Descriptor, arch string, depth int) (*Image, error) {
	if depth == 0 {
		return nil, errors.New("its indexes are nested too deeply")
	}
	var index v1.IndexManifest
	if err := document(a.f, a.files, blobPath(d.Digest), &index); err != nil {
		return nil, err
	}
	for _, m := range index.Manifests {
		if m.MediaType.IsIndex() {
			if image, err := a.choose(m, arch, depth-1); err == nil {
				return image, nil
			}
		} else if m.Platform != nil && m.Platform.OS == "linux" && m.Platform.Architecture == arch {
			return a.manifest(m, arch, depth-1)
		}
	}
	return nil, fmt.Errorf("it has no image for linux/%s", arch)
}
