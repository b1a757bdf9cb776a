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

// neededImages are the images that a machine of the role runs, the largest
// first: what takes longest starts first.
func neededImages(index bundle.Index, controlPlane bool) []bundle.Image {
	var images []bundle.Image
	for _, image := range index.Images {
		if controlPlane || !image.ControlPlane {
			images = append(images, image)
		}
	}
	slices.SortStableFunc(images, func(a, b bundle.Image) int { return cmp.Compare(b.Size, a.Size) })
	return images
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
