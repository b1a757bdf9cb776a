// Package archive writes a folder as a container image's archive. The same
// content gives the same bytes: times and owners are the same in every one,
// names are sorted.
package archive

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Image is what an archive is made of.
type Image struct {
	// Reference has a registry and a tag: "registry.k8s.io/pause:3.10.1".
	Reference string
	// Root is the folder with the image's one layer.
	Root string
	// The rest is the image's configuration.
	Env        []string
	Entrypoint []string
	Command    []string
	User       string
	WorkingDir string
}

// FileName is the archive's name for a reference: one that the reference can
// be told from, without a folder.
func FileName(reference string) string {
	return strings.NewReplacer("/", "_", ":", "_").Replace(reference) + ".tar"
}

// Write writes the image as a docker-archive to the folder dir, under
// FileName, for linux on architecture ("amd64").
func Write(ctx context.Context, dir, architecture string, image Image) error {
	tag, err := name.NewTag(image.Reference, name.StrictValidation)
	if err != nil {
		return err
	}
	layer, err := os.CreateTemp(dir, ".layer-*")
	if err != nil {
		return err
	}
	defer os.Remove(layer.Name())
	defer layer.Close()
	digest, size, err := writeLayer(ctx, layer, image.Root)
	if err != nil {
		return fmt.Errorf("layer of %s: %w", image.Reference, err)
	}
	built, err := mutate.AppendLayers(empty.Image, plainLayer{path: layer.Name(), digest: digest, size: size})
	if err != nil {
		return err
	}
	config, err := built.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", architecture
	config.Config = v1.Config{
		Env: image.Env, Entrypoint: image.Entrypoint, Cmd: image.Command, User: image.User, WorkingDir: image.WorkingDir,
	}
	if built, err = mutate.ConfigFile(built, config); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, FileName(image.Reference)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := tarball.Write(tag, built, file); err != nil {
		return err
	}
	return file.Close()
}

// plainLayer is a layer that is not compressed: whoever makes node files of the
// archives compresses them, and would have to uncompress them first.
type plainLayer struct {
	path   string
	digest v1.Hash
	size   int64
}

func (l plainLayer) Digest() (v1.Hash, error)             { return l.digest, nil }
func (l plainLayer) DiffID() (v1.Hash, error)             { return l.digest, nil }
func (l plainLayer) Compressed() (io.ReadCloser, error)   { return os.Open(l.path) }
func (l plainLayer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.path) }
func (l plainLayer) Size() (int64, error)                 { return l.size, nil }
func (l plainLayer) MediaType() (types.MediaType, error)  { return types.DockerUncompressedLayer, nil }
