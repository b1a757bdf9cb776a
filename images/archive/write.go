package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Annotations by which an importer names an image: containerd's own, with the
// whole reference (containerd v2 core/images.AnnotationImageName), and the OCI
// image layout's, with the tag.
const (
	annotationImageName = "io.containerd.image.name"
	annotationRefName   = "org.opencontainers.image.ref.name"
)

// layerMediaType is that of layers compressed with zstd (OCI image-spec 1.1).
const layerMediaType = types.OCILayerZStd

// Write writes the image to path as an OCI image layout in a tar file, under
// all of references, the layers compressed with zstd. The same image and
// references make the same bytes. layers keeps compressed layers, and can be
// that of an earlier Write that was interrupted. path appears when it is
// whole. onBytes, which may be nil, is told the bytes of the image's layers
// that have been dealt with; they add up to image.Size().
func Write(ctx context.Context, path string, image Image, references []string, layers *Layers, onBytes func(int64)) error {
	if onBytes == nil {
		onBytes = func(int64) {}
	}
	manifest := v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1,
		Config: descriptor(types.OCIConfigJSON, image.Config),
	}
	files := make([]string, len(image.Layers))
	for n, l := range image.Layers {
		file, d, err := layers.compressed(ctx, l, onBytes)
		if err != nil {
			return err
		}
		files[n] = file
		manifest.Layers = append(manifest.Layers, d)
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	err = writeLayout(ctx, f, manifest, image.Config, references, files)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// writeLayout writes the tar file.
func writeLayout(ctx context.Context, w io.Writer, manifest v1.Manifest, config []byte, references, layers []string) error {
	data, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	for _, reference := range references {
		d := descriptor(types.OCIManifestSchema1, data)
		_, tag, _ := strings.Cut(reference[strings.LastIndex(reference, "/")+1:], ":")
		d.Annotations = map[string]string{annotationImageName: reference, annotationRefName: tag}
		index.Manifests = append(index.Manifests, d)
	}
	indexData, err := json.Marshal(index)
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	add := func(name string, size int64, content io.Reader) error {
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: size, Format: tar.FormatPAX}); err != nil {
			return err
		}
		_, err := io.Copy(t, reader{ctx, content})
		return err
	}
	written := map[v1.Hash]bool{}
	blob := func(d v1.Descriptor, content io.Reader) error {
		if written[d.Digest] {
			return nil // a layer may be in an image twice
		}
		written[d.Digest] = true
		return add("blobs/sha256/"+d.Digest.Hex, d.Size, content)
	}
	if err := add("oci-layout", int64(len(layoutFile)), strings.NewReader(layoutFile)); err != nil {
		return err
	}
	if err := add("index.json", int64(len(indexData)), bytes.NewReader(indexData)); err != nil {
		return err
	}
	if err := blob(descriptor("", data), bytes.NewReader(data)); err != nil {
		return err
	}
	if err := blob(manifest.Config, bytes.NewReader(config)); err != nil {
		return err
	}
	for n, d := range manifest.Layers {
		f, err := os.Open(layers[n])
		if err != nil {
			return err
		}
		err = blob(d, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	return t.Close()
}

// layoutFile is the content of oci-layout (OCI image-spec, image-layout.md).
const layoutFile = `{"imageLayoutVersion":"1.0.0"}`

func descriptor(mediaType types.MediaType, data []byte) v1.Descriptor {
	sum := sha256.Sum256(data)
	return v1.Descriptor{
		MediaType: mediaType, Size: int64(len(data)),
		Digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum[:])},
	}
}

// Layers is a folder of compressed layers, each under its diff ID.
type Layers struct {
	dir   string
	locks keyed
}

// NewLayers uses the folder, which must be there.
func NewLayers(dir string) *Layers { return &Layers{dir: dir} }

// compressed is the file of the layer and what describes it.
func (s *Layers) compressed(ctx context.Context, l Layer, onBytes func(int64)) (string, v1.Descriptor, error) {
	defer s.locks.lock(l.DiffID)()
	path := filepath.Join(s.dir, strings.TrimPrefix(l.DiffID, "sha256:")+".tar.zst")
	if d, err := describe(ctx, path); err == nil {
		onBytes(l.Size)
		return path, d, nil
	} else if !os.IsNotExist(err) {
		return "", v1.Descriptor{}, err
	}
	if err := s.compress(ctx, l, path, onBytes); err != nil {
		return "", v1.Descriptor{}, err
	}
	d, err := describe(ctx, path)
	return path, d, err
}

func (s *Layers) compress(ctx context.Context, l Layer, path string, onBytes func(int64)) (err error) {
	raw, err := l.Open(ctx)
	if err != nil {
		return err
	}
	defer raw.Close()
	told := &counter{Reader: reader{ctx, raw}, onBytes: onBytes}
	plain, err := decompress(told)
	if err != nil {
		return fmt.Errorf("layer %s: %w", l.DiffID, err)
	}
	defer plain.Close()
	f, err := os.CreateTemp(s.dir, ".layer-*")
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
			onBytes(-told.n)
		}
	}()
	z, err := newCompressor(f)
	if err != nil {
		return err
	}
	hash := sha256.New()
	if _, err = io.Copy(io.MultiWriter(z, hash), plain); err != nil {
		z.Close()
		return fmt.Errorf("layer %s: %w", l.DiffID, err)
	}
	if err = z.Close(); err != nil {
		return err
	}
	// What follows the compressed content is padding, if anything.
	if _, err = io.Copy(io.Discard, told); err != nil {
		return fmt.Errorf("layer %s: %w", l.DiffID, err)
	}
	if got := "sha256:" + hex.EncodeToString(hash.Sum(nil)); got != l.DiffID {
		return fmt.Errorf("the layer is another one: its content has the digest %s, not %s", got, l.DiffID)
	}
	onBytes(l.Size - told.n)
	told.n = l.Size
	if err = f.Sync(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func describe(ctx context.Context, path string) (v1.Descriptor, error) {
	f, err := os.Open(path)
	if err != nil {
		return v1.Descriptor{}, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, reader{ctx, f})
	return v1.Descriptor{
		MediaType: layerMediaType, Size: n,
		Digest: v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(hash.Sum(nil))},
	}, err
}
