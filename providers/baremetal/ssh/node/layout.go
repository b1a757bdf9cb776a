package node

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/failure"
)

// Where things lie on a host.
const (
	folder    = "/var/lib/groundwork"
	filesDir  = folder + "/files"
	resetFile = folder + "/reset.sh"
	cniDir    = "/opt/cni/bin"
)

// required are the binaries without which a host is no node.
var required = []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc", "kubeadm", "kubelet"}

// place is where a file of a bundle goes. The folders are not those of a
// distribution's packages; runc's is the one of its own releases.
func place(name string) string {
	switch {
	case strings.HasPrefix(name, "cni/"):
		return path.Join(cniDir, strings.TrimPrefix(name, "cni/"))
	case name == "runc":
		return "/usr/local/sbin/runc"
	}
	return path.Join("/usr/local/bin", path.Base(name))
}

// archive is a file with one or more images.
type archive struct {
	path, sha256 string
	size         int64
	// names are the images' references and aliases.
	names []string
}

// neededArchives are those that a machine of the role needs, the largest
// first: what takes longest starts first.
func neededArchives(index bundle.Index, controlPlane bool) []*archive {
	var archives []*archive
	known := map[string]*archive{}
	for _, image := range index.Images {
		if image.ControlPlane && !controlPlane {
			continue
		}
		a := known[image.SHA256]
		if a == nil {
			a = &archive{path: image.Path, sha256: image.SHA256, size: image.Size}
			known[image.SHA256] = a
			archives = append(archives, a)
		}
		a.names = append(append(a.names, image.Reference), image.Aliases...)
	}
	slices.SortStableFunc(archives, func(a, b *archive) int { return cmp.Compare(b.size, a.size) })
	return archives
}

// neededFiles are the binaries, each content once. The key is its digest.
func neededFiles(index bundle.Index) map[string]int64 {
	sizes := map[string]int64{}
	for _, file := range index.Files {
		sizes[file.SHA256] = file.Size
	}
	return sizes
}

// checkBundle says whether a host of the architecture becomes a node by it.
func checkBundle(index bundle.Index, arch, host string) error {
	if index.Arch != "" && arch != "" && index.Arch != arch {
		return &failure.Error{
			Code:    failure.Configuration,
			Summary: fmt.Sprintf("the bundle of node files is for %s, the host's processor is %s", index.Arch, arch),
			Object:  "host " + host,
			Remedy:  "make a bundle for " + arch + ", or choose other hosts",
		}
	}
	var missing []string
	for _, name := range required {
		if !slices.ContainsFunc(index.Files, func(f bundle.File) bool { return f.Name == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return &failure.Error{
			Code:    failure.Configuration,
			Summary: "the bundle of node files has no " + strings.Join(missing, ", "),
			Remedy:  "make the bundle again with `bootstrap images export`",
		}
	}
	return nil
}
