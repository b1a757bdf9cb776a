package archive

import (
	"encoding/json"
	"errors"
	"io"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"groundwork.dev/bootstrap/images/tarindex"
)

// Is says whether the tar file that r holds is what Write makes of the image
// with the ID, under the references. Its layers are not read.
func Is(r io.ReaderAt, size int64, id string, references []string) bool {
	section := io.NewSectionReader(r, 0, size)
	files, err := tarindex.Scan(section)
	if err != nil {
		return false
	}
	var index v1.IndexManifest
	if document(r, files, "index.json", &index) != nil || len(index.Manifests) == 0 {
		return false
	}
	var names []string
	for _, d := range index.Manifests {
		if d.Digest != index.Manifests[0].Digest {
			return false
		}
		names = append(names, d.Annotations[annotationImageName])
	}
	if !slices.Equal(names, references) {
		return false
	}
	var manifest v1.Manifest
	if document(r, files, blobPath(index.Manifests[0].Digest), &manifest) != nil || manifest.Config.Digest.String() != id {
		return false
	}
	for _, d := range append(manifest.Layers, manifest.Config) {
		if files.Files[blobPath(d.Digest)].Size != d.Size {
			return false
		}
	}
	return !slices.ContainsFunc(manifest.Layers, func(d v1.Descriptor) bool { return d.MediaType != layerMediaType })
}

func blobPath(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }

// maxDocument is the largest JSON document that is read, in bytes; registries
// take manifests of up to 4 MiB.
const maxDocument = 8 << 20

// document reads a JSON file of a tar file.
func document(r io.ReaderAt, files *tarindex.Index, name string, into any) error {
	data, err := content(r, files, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

var errMissing = errors.New("is not in the archive")

func content(r io.ReaderAt, files *tarindex.Index, name string) ([]byte, error) {
	span, ok := files.Files[name]
	switch {
	case !ok:
		return nil, errors.Join(errors.New(name), errMissing)
	case span.Size > maxDocument:
		return nil, errors.New(name + " is too large")
	}
	return io.ReadAll(io.NewSectionReader(r, span.Offset, span.Size))
}
