// Package bundle is the node files of a release as a directory, a tar file
// or a web server's folder: the binaries and container images that make a
// host a node, each with its digest.
package bundle

import (
	"context"
	"io"
)

// IndexFile is the name of the index in a bundle.
const IndexFile = "index.json"

// Index lists what is in a bundle.
type Index struct {
	// Kubernetes is the minor version, such as "1.35"; Version the full one,
	// such as "v1.35.4".
	Kubernetes string `json:"kubernetes"`
	Version    string `json:"version"`
	// Arch is the processor architecture, as Go names it: "amd64".
	Arch   string  `json:"arch"`
	Files  []File  `json:"files"`
	Images []Image `json:"images"`
}

// File is a binary.
type File struct {
	// Name is what it is called on a node: "kubelet", "containerd", "runc",
	// and "cni/loopback" for a CNI plugin.
	Name string `json:"name"`
	// Path is its place in the bundle, with slashes.
	Path string `json:"path"`
	// SHA256 is the content's digest in lower-case hexadecimal, Size its
	// length in bytes.
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Image is a container image as an archive that containerd imports.
type Image struct {
	// Reference is what kubelet asks for: "registry.k8s.io/pause:3.10.1".
	Reference string `json:"reference"`
	Path      string `json:"path"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	// ControlPlane is true for images that only control planes run.
	ControlPlane bool `json:"controlPlane,omitempty"`
}

// Content is an open file of a bundle.
type Content interface {
	io.ReaderAt
	io.Closer
}

// Bundle is an open bundle.
type Bundle struct {
	index Index
}

// Open opens the bundle at location: a directory, a .tar file or an https
// URL. digest is that of its index ("sha256:…"), or "" to take the index as
// it is.
func Open(ctx context.Context, location, digest string) (*Bundle, error) { panic("to be written") }

// Index is what the bundle holds.
func (b *Bundle) Index() Index { return b.index }

// Digest is the index's: "sha256:…".
func (b *Bundle) Digest() string { panic("to be written") }

// File opens the file at path, one of the index's. Its content is read as it
// is: who copies it compares the digest.
func (b *Bundle) File(ctx context.Context, path string) (Content, error) { panic("to be written") }

// Close frees what Open took.
func (b *Bundle) Close() error { panic("to be written") }
