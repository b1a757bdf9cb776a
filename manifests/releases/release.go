package releases

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Release is one Kubernetes release: what a cluster of one Kubernetes minor
// is made of.
type Release struct {
	// Kubernetes is the minor version: "1.35".
	Kubernetes string
	// Version is what KubeadmControlPlane.spec.version and
	// MachineDeployment.spec.template.spec.version hold; kubeadm makes the
	// tags of the Kubernetes images from it: "v1.35.6-eks-1-35-13".
	Version string
	// EKSD is the release's name; EKS Anywhere's machine templates carry it
	// in the tag eksdRelease: "kubernetes-1-35-eks-13".
	EKSD string
	// ImageRepository is kubeadm's ClusterConfiguration.imageRepository, to
	// which kubeadm adds "/kube-apiserver" and the like.
	ImageRepository string

	KubeAPIServer         Image
	KubeControllerManager Image
	KubeScheduler         Image
	KubeProxy             Image
	// Etcd and CoreDNS go to kubeadm by Image.Parent and Tag.
	Etcd    Image
	CoreDNS Image
	// Pause is the sandbox image of the release's machine templates.
	Pause Image
	// KubeadmPause is the pause image whose tag is fixed in kubeadm, which
	// pulls it in its preflight (kubeadm's constants.PauseVersion). EKS Distro
	// publishes its own build of it under that tag too.
	KubeadmPause Image
	KubeVIP      Image
	Cilium       Image
	// CiliumOperator is the operator for everything but clouds
	// ("operator-generic").
	CiliumOperator Image

	// Images are all of the above, by name.
	Images []Image

	// Manifests say where the release's binaries are.
	Manifests Manifests
}

// component is a part of every release.
type component struct {
	name string
	// image is where a release keeps it.
	image func(*Release) *Image
	// base is the last element that kubeadm adds to the repository it is
	// given; empty where the repository is used as it is.
	base string
	// kubernetes marks images that kubeadm names itself, from
	// imageRepository and the Kubernetes version.
	kubernetes bool
}

var components = []component{
	{name: "cilium", image: func(r *Release) *Image { return &r.Cilium }},
	{name: "cilium-operator", image: func(r *Release) *Image { return &r.CiliumOperator }},
	{name: "coredns", image: func(r *Release) *Image { return &r.CoreDNS }, base: "coredns"},
	{name: "etcd", image: func(r *Release) *Image { return &r.Etcd }, base: "etcd"},
	{name: "kube-apiserver", image: func(r *Release) *Image { return &r.KubeAPIServer }, base: "kube-apiserver", kubernetes: true},
	{name: "kube-controller-manager", image: func(r *Release) *Image { return &r.KubeControllerManager }, base: "kube-controller-manager", kubernetes: true},
	{name: "kube-proxy", image: func(r *Release) *Image { return &r.KubeProxy }, base: "kube-proxy", kubernetes: true},
	{name: "kube-scheduler", image: func(r *Release) *Image { return &r.KubeScheduler }, base: "kube-scheduler", kubernetes: true},
	{name: "kube-vip", image: func(r *Release) *Image { return &r.KubeVIP }},
	{name: "kubeadm-pause", image: func(r *Release) *Image { return &r.KubeadmPause }, base: "pause"},
	{name: "pause", image: func(r *Release) *Image { return &r.Pause }},
}

// Components are the names of the images that every release has, sorted.
func Components() []string {
	names := make([]string, len(components))
	for i, c := range components {
		names[i] = c.name
	}
	return names
}

var (
	minorPattern = regexp.MustCompile(`^1\.[1-9][0-9]?$`)
	namePattern  = regexp.MustCompile(`^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`)
	// versionPattern is the form of Kubernetes versions that Cluster API takes.
	versionPattern = regexp.MustCompile(`^v(1\.[0-9]+)\.[0-9]+([-+.][-+.0-9A-Za-z]+)?$`)
)

// fault is what is wrong with a release; component is empty where it is the
// release as a whole.
type fault struct{ component, message, remedy string }

// New makes the release of a Kubernetes minor ("1.35") from references by
// component. It is how the catalogue's generator makes one; the error names
// every problem.
func New(kubernetes, name string, references map[string]string) (Release, error) {
	release := Release{Kubernetes: kubernetes, EKSD: name}
	faults := release.fill(references)
	if len(faults) == 0 {
		return release, nil
	}
	messages := make([]string, len(faults))
	for i, f := range faults {
		messages[i] = strings.TrimPrefix(f.component+": ", ": ") + f.message
	}
	return Release{}, fmt.Errorf("release %s: %s", name, strings.Join(messages, "; "))
}

// fill sets the images of r and what follows from them.
func (r *Release) fill(references map[string]string) []fault {
	var faults []fault
	var missing []string
	for _, c := range components {
		text, given := references[c.name]
		if !given {
			missing = append(missing, c.name)
			continue
		}
		image, err := parseImage(c.name, text)
		if err != nil {
			faults = append(faults, fault{c.name, fmt.Sprintf("%q is not an image reference: %v", text, err),
				"write it as registry/repository:tag, such as public.ecr.aws/eks-distro/kubernetes/pause:3.10"})
			continue
		}
		*c.image(r) = image
		r.Images = append(r.Images, image)
	}
	if len(missing) > 0 {
		faults = append(faults, fault{"", "images are missing: " + strings.Join(missing, ", "),
			"add them; a release replaces the built-in one of its Kubernetes version as a whole"})
	}
	return append(faults, r.followKubeadm()...)
}

// followKubeadm sets what kubeadm is given, and finds images that it could
// not be made to pull.
func (r *Release) followKubeadm() []fault {
	server := r.KubeAPIServer
	if server.Repository == "" {
		return nil // reported already, and nothing to compare with
	}
	r.Version, r.ImageRepository = server.Tag, server.Parent()
	var faults []fault
	if m := versionPattern.FindStringSubmatch(server.Tag); r.Kubernetes != "" && (m == nil || m[1] != r.Kubernetes) {
		faults = append(faults, fault{server.Name,
			fmt.Sprintf("the tag %s is not a version of Kubernetes %s", server.Tag, r.Kubernetes),
			fmt.Sprintf("kubeadm makes tags from the version: use one like v%s.1", r.Kubernetes)})
	}
	for _, c := range components {
		image := *c.image(r)
		if image.Repository == "" || c.base == "" {
			continue
		}
		ours := c.kubernetes || c.name == "kubeadm-pause"
		switch {
		case ours && image.Repository != r.ImageRepository+"/"+c.base:
			faults = append(faults, fault{c.name, "the repository is " + image.Repository,
				fmt.Sprintf("kubeadm takes it from %s/%s, beside kube-apiserver", r.ImageRepository, c.base)})
		case c.kubernetes && image.Tag != r.Version:
			faults = append(faults, fault{c.name, "the tag is " + image.Tag,
				"kubeadm gives it kube-apiserver's tag, " + r.Version})
		case !strings.HasSuffix(image.Repository, "/"+c.base):
			faults = append(faults, fault{c.name, "the repository is " + image.Repository,
				"kubeadm adds /" + c.base + " to the repository that it is given: use one that ends with it"})
		}
	}
	return faults
}

// compareMinors orders "1.9" before "1.30".
func compareMinors(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func sortReleases(list []Release) {
	slices.SortFunc(list, func(a, b Release) int { return compareMinors(a.Kubernetes, b.Kubernetes) })
}
