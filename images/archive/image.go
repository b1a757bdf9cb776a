// Package archive reads and writes container images as files: it reads what
// docker save, ctr export, skopeo and crane write, and writes what containerd
// imports fastest.
package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Image is a container image for one platform.
type Image struct {
	// Config is its configuration, byte for byte.
	Config []byte
	Layers []Layer
}

// Layer is one of an image's layers.
type Layer struct {
	// DiffID is the digest of the uncompressed layer: "sha256:…".
	DiffID string
	// Size is what Open's reader takes from where the layer lies, in bytes.
	Size int64
	// Open reads the layer as it lies there: compressed with gzip or zstd, or
	// not at all.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// ID is the digest of the configuration, which names the content of all
// layers: images with one ID are the same, however they are compressed.
func (i Image) ID() string {
	sum := sha256.Sum256(i.Config)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Size is what has to be read of the layers, in bytes.
func (i Image) Size() int64 {
	var sum int64
	for _, l := range i.Layers {
		sum += l.Size
	}
	return sum
}

// Check is an error unless the image is one for Linux on arch, with the
// layers that its configuration names.
func (i Image) Check(arch string) error {
	var config v1.ConfigFile
	if err := json.Unmarshal(i.Config, &config); err != nil {
		return fmt.Errorf("its configuration cannot be read: %w", err)
	}
	if config.OS != "linux" || config.Architecture != arch {
		return fmt.Errorf("it is for %s/%s, not linux/%s", or(config.OS), or(config.Architecture), arch)
	}
	if len(config.RootFS.DiffIDs) != len(i.Layers) {
		return fmt.Errorf("its configuration names %d layers and it has %d", len(config.RootFS.DiffIDs), len(i.Layers))
	}
	for n, id := range config.RootFS.DiffIDs {
		if i.Layers[n].DiffID != id.String() {
			return fmt.Errorf("its configuration names another layer %d", n)
		}
	}
	return nil
}

func or(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// diffIDs are those that a configuration names.
func diffIDs(config []byte) ([]string, error) {
	var parsed v1.ConfigFile
	if err := json.Unmarshal(config, &parsed); err != nil {
		return nil, fmt.Errorf("read the image's configuration: %w", err)
	}
	ids := make([]string, len(parsed.RootFS.DiffIDs))
	for n, id := range parsed.RootFS.DiffIDs {
		ids[n] = id.String()
	}
	return ids, nil
}
