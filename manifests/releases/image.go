package releases

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/distribution/reference"
)

// Image is one container image of a release.
type Image struct {
	// Name is the component that it is, such as "kube-apiserver"; one of
	// Components.
	Name string `json:"name"`
	// Repository begins with the registry's host: "public.ecr.aws/eks-distro/etcd-io/etcd".
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	// Digest is the manifest's, where its publisher names it:
	// "sha256:…". It does not take part in String.
	Digest string `json:"digest,omitempty"`
}

// String is the reference that kubelet and kubeadm pull: repository and tag.
func (i Image) String() string { return i.Repository + ":" + i.Tag }

// Parent is the repository without its last element. kubeadm's
// imageRepository fields want this form and add the image's name themselves.
func (i Image) Parent() string { return path.Dir(i.Repository) }

// parseImage reads "host/path:tag" or "host/path:tag@digest". Short names
// that a container runtime would complete are refused: which registry they
// come from would depend on the machine.
func parseImage(name, text string) (Image, error) {
	parsed, err := reference.Parse(text)
	if err != nil {
		return Image{}, err
	}
	named, ok := parsed.(reference.Named)
	if !ok {
		return Image{}, errors.New("it names no repository")
	}
	host := reference.Domain(named)
	if !strings.ContainsAny(host, ".:") && host != "localhost" {
		return Image{}, errors.New("it names no registry")
	}
	tagged, ok := parsed.(reference.Tagged)
	if !ok {
		return Image{}, errors.New("it has no tag")
	}
	image := Image{Name: name, Repository: named.Name(), Tag: tagged.Tag()}
	if digested, ok := parsed.(reference.Digested); ok {
		image.Digest = digested.Digest().String()
	}
	return image, nil
}

// pinned is the reference with the digest, where there is one.
func (i Image) pinned() string {
	if i.Digest == "" {
		return i.String()
	}
	return fmt.Sprintf("%s@%s", i, i.Digest)
}
