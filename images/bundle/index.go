package bundle

import "slices"

// IndexFile is the name of the index in a bundle.
const IndexFile = "index.json"

// maxIndexSize is the largest index that is read, in bytes; that of a release
// has about five thousand.
const maxIndexSize = 4 << 20

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
	// Aliases are further names that the same archive gives the image: those
	// of a registry mirror.
	Aliases []string `json:"aliases,omitempty"`
	Path    string   `json:"path"`
	SHA256  string   `json:"sha256"`
	Size    int64    `json:"size"`
	// ControlPlane is true for images that only control planes run.
	ControlPlane bool `json:"controlPlane,omitempty"`
}

// entry is a file of the bundle, whatever it is.
type entry struct {
	path   string
	sha256 string
	size   int64
}

// entries are all files, each path once, in the index's order.
func (i *Index) entries() []entry {
	var list []entry
	seen := map[string]bool{}
	add := func(e entry) {
		if !seen[e.path] {
			seen[e.path] = true
			list = append(list, e)
		}
	}
	for _, f := range i.Files {
		add(entry{f.Path, f.SHA256, f.Size})
	}
	for _, m := range i.Images {
		add(entry{m.Path, m.SHA256, m.Size})
	}
	return list
}

// Size is how much the bundle's files have, in bytes, without the index.
func (i *Index) Size() int64 {
	var sum int64
	for _, e := range i.entries() {
		sum += e.size
	}
	return sum
}

// Image is the image that kubelet asks for as reference, under its own name
// or an alias.
func (i *Index) Image(reference string) (Image, bool) {
	at := slices.IndexFunc(i.Images, func(m Image) bool {
		return m.Reference == reference || slices.Contains(m.Aliases, reference)
	})
	if at < 0 {
		return Image{}, false
	}
	return i.Images[at], true
}
