// Package export makes bundles of node files: the images of a release as
// archives and the binaries of a node, with an index of digests.
package export

import (
	"context"
	"errors"
	"net/http"
	"runtime"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images/archive"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/images/download"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/manifests/releases"
)

// Options say what to export, where from and where to.
type Options struct {
	Config  *v1alpha1.Config
	Release releases.Release
	// Arch is the nodes' architecture, as Go names it.
	Arch string
	// Output is the bundle: a folder, or a file that ends in ".tar".
	Output string
	// Archives is a folder of image archives; empty pulls the images.
	Archives string
	// Files is a folder of binaries; empty fetches them where they are
	// published.
	Files string
	// Username and Password are the registry mirror's.
	Username string
	Password secret.String

	// CacheDir keeps fetched binaries; empty is download.CacheDir.
	CacheDir string
	// Transport fetches binaries; nil is the usual one.
	Transport http.RoundTripper
	// Wait pauses before something that failed is tried again; nil is
	// download.Client's.
	Wait func(ctx context.Context, attempt int) error
	// OnProgress, which may be nil, is told what has been done. It is called
	// from several goroutines, but not at the same time.
	OnProgress func(Progress)
}

// Result is what Export made.
type Result struct {
	// Location is the folder or file, Digest that of its index.
	Location   string `json:"location"`
	Digest     string `json:"digest"`
	Kubernetes string `json:"kubernetes"`
	Version    string `json:"version"`
	Arch       string `json:"arch"`
	Files      int    `json:"files"`
	Images     int    `json:"images"`
	// Bytes is the size of all files and images; ControlPlaneBytes and
	// WorkerBytes are what is copied to a host of each kind.
	Bytes             int64 `json:"bytes"`
	ControlPlaneBytes int64 `json:"controlPlaneBytes"`
	WorkerBytes       int64 `json:"workerBytes"`
	// Made and Kept count the files that this run made, and those that were
	// there already.
	Made int `json:"made"`
	Kept int `json:"kept"`
}

// exporter is one run of Export.
type exporter struct {
	Options
	client *download.Client
	out    *output
	layers *archive.Layers
	told   *teller
	items  []*item
	// cancel ends everything that is under way.
	cancel context.CancelFunc
}

// Export makes a bundle. The same images and binaries make the same bytes,
// wherever they come from. A run that was interrupted is finished by the next
// one with the same output; one that finds everything there makes nothing.
// Nothing is under its final name before it is whole, and the index comes last.
// The errors that a person can act on are *failure.Error; everything that is
// missing is named at once.
func Export(ctx context.Context, o Options) (*Result, error) {
	e := &exporter{
		Options: o, told: newTeller(o.OnProgress),
		client: &download.Client{Transport: o.Transport, Wait: o.Wait},
	}
	if e.CacheDir == "" && e.Files == "" {
		var err error
		if e.CacheDir, err = download.CacheDir(); err != nil {
			return nil, err
		}
	}
	out, err := openOutput(o.Output)
	if err != nil {
		return nil, err
	}
	defer out.unlock()
	e.out = out
	result, err := e.run(ctx)
	if err != nil {
		return nil, errors.Join(err, out.giveUp())
	}
	return result, nil
}

func (e *exporter) run(ctx context.Context) (*Result, error) {
	// Layers are fetched under the context that their images were found with.
	ctx, e.cancel = context.WithCancel(ctx)
	defer e.cancel()
	e.layers = archive.NewLayers(e.out.layers)
	folder, err := e.find(ctx)
	if folder != nil {
		defer folder.Close()
	}
	if err != nil {
		return nil, err
	}
	if err := e.make(ctx); err != nil {
		return nil, err
	}
	index := e.index()
	digest, err := e.out.finish(ctx, index)
	if err != nil {
		return nil, err
	}
	r := &Result{
		Location: e.Output, Digest: digest, Kubernetes: index.Kubernetes, Version: index.Version, Arch: index.Arch,
		Files: len(index.Files), Images: len(index.Images), Bytes: index.Size(),
		Made: e.told.made, Kept: e.told.kept,
	}
	for _, f := range index.Files {
		r.ControlPlaneBytes += f.Size
		r.WorkerBytes += f.Size
	}
	for _, m := range index.Images {
		r.ControlPlaneBytes += m.Size
		if !m.ControlPlane {
			r.WorkerBytes += m.Size
		}
	}
	return r, nil
}

// index is that of what has been made.
func (e *exporter) index() bundle.Index {
	index := bundle.Index{
		Kubernetes: e.Release.Kubernetes, Version: e.Release.Version, Arch: e.Arch,
		Files: []bundle.File{}, Images: []bundle.Image{},
	}
	for _, i := range e.items {
		if i.image == nil {
			index.Files = append(index.Files, bundle.File{Name: i.binary.Name, Path: i.path, SHA256: i.sha256, Size: i.size})
			continue
		}
		index.Images = append(index.Images, bundle.Image{
			Reference: i.references[0], Aliases: i.references[1:], Path: i.path,
			SHA256: i.sha256, Size: i.size, ControlPlane: i.controlPlane,
		})
	}
	return index
}

// workers is how many files are made at a time: compressing takes a processor,
// and fetching mostly waits.
func workers() int { return max(2, runtime.GOMAXPROCS(0)) }
