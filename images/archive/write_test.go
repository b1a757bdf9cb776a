package archive

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"groundwork.dev/bootstrap/images/imagestest"
)

func TestWriteRefusesAnotherLayer(t *testing.T) {
	good := imagestest.Image(t, "amd64", "content")
	config, err := good.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	ids, err := diffIDs(config)
	if err != nil {
		t.Fatal(err)
	}
	other := static.NewLayer([]byte("something else"), types.OCIUncompressedLayer)
	layers := t.TempDir()
	path := filepath.Join(t.TempDir(), "image.tar")
	var told int64
	err = Write(context.Background(), path, Image{Config: config, Layers: []Layer{{
		DiffID: ids[0], Size: 14, Open: func(context.Context) (io.ReadCloser, error) { return other.Uncompressed() },
	}}}, []string{pause}, NewLayers(layers), func(n int64) { told += n })
	if err == nil || !strings.Contains(err.Error(), "the layer is another one") {
		t.Errorf("got %v", err)
	}
	for _, dir := range []string{layers, filepath.Dir(path)} {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > 0 {
			t.Errorf("%s holds %v, %v", dir, entries, err)
		}
	}
	if told != 0 {
		t.Errorf("%d bytes were told for nothing", told)
	}
}

func TestWriteGoesOnWithTheLayersOfAnEarlierRun(t *testing.T) {
	dir, layers := t.TempDir(), t.TempDir()
	imagestest.DockerSave(t, filepath.Join(dir, "a.tar"), map[string]v1.Image{pause: imagestest.Image(t, "amd64", "one", "two", "three")})
	f, err := folder(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	image, _, _ := f.Image(pause)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	opened := []int{}
	for n := range image.Layers {
		open := image.Layers[n].Open
		image.Layers[n].Open = func(ctx context.Context) (io.ReadCloser, error) {
			opened = append(opened, n)
			if len(opened) == 2 {
				cancel()
			}
			return open(ctx)
		}
	}
	path := filepath.Join(t.TempDir(), "image.tar")
	if err := Write(ctx, path, image, []string{pause}, NewLayers(layers), nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file has the final name")
	}
	if err := Write(context.Background(), path, image, []string{pause}, NewLayers(layers), nil); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 1, 2}; !slices.Equal(opened, want) {
		t.Errorf("the layers were read in the order %v, want %v", opened, want)
	}
}
