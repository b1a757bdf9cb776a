package nodefiles

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"groundwork.dev/bootstrap/images/download"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
)

// maxManifest is the largest manifest that is read, in bytes; EKS Anywhere's
// has about 400,000.
const maxManifest = 8 << 20

// Published finds the required binaries where EKS Distro and EKS Anywhere
// publish them, with the digests that their manifests give. The error is a
// *failure.Error; it names every binary that nobody publishes for arch.
func Published(ctx context.Context, c *download.Client, r releases.Release, arch string) ([]Source, error) {
	found := map[string]Source{}
	for _, m := range []struct {
		url  string
		read func([]byte, releases.Release, string) ([]Source, error)
	}{
		{r.Manifests.EKSDistro, distroBinaries},
		{r.Manifests.EKSAnywhere, anywhereBinaries},
	} {
		if m.url == "" {
			continue
		}
		data, err := c.Bytes(ctx, m.url, maxManifest)
		if err != nil {
			return nil, err
		}
		list, err := m.read(data, r, arch)
		if err != nil {
			return nil, &failure.Error{
				Code: failure.Infrastructure, Object: m.url, Err: err,
				Summary: "the manifest of the release's binaries cannot be used",
				Remedy:  "bring the binaries yourself, with --files",
			}
		}
		for _, s := range list {
			found[s.Name] = s
		}
	}
	var list []Source
	var missing []string
	for _, name := range Required {
		if s, ok := found[name]; ok {
			list = append(list, s)
		} else {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: fmt.Sprintf("release %s for linux/%s", r.EKSD, arch),
			Summary: "no publisher gives a place and a digest for " + strings.Join(missing, ", "),
			Remedy:  "put all binaries of a node into a folder and name it with --files: " + strings.Join(Required, ", "),
		}
	}
	return list, nil
}

// distroRelease is a part of EKS Distro's type Release
// (github.com/aws/eks-distro-build-tooling, release/api/v1alpha1).
type distroRelease struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
	Status struct {
		Components []struct {
			Name   string `yaml:"name"`
			Assets []struct {
				Name    string   `yaml:"name"`
				OS      string   `yaml:"os"`
				Arch    []string `yaml:"arch"`
				Archive *archive `yaml:"archive"`
			} `yaml:"assets"`
		} `yaml:"components"`
	} `yaml:"status"`
}

// archive is what both publishers say of a file.
type archive struct {
	URI    string `yaml:"uri"`
	SHA256 string `yaml:"sha256"`
}

func (a archive) file() download.File { return download.File{URL: a.URI, SHA256: a.SHA256} }

// distroBinaries reads EKS Distro's release manifest. It names Kubernetes'
// binaries "bin/linux/amd64/kubelet", and the CNI plugins are the one tar file
// of their component.
func distroBinaries(data []byte, r releases.Release, arch string) ([]Source, error) {
	var m distroRelease
	if err := yaml.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	if m.Kind != "Release" || m.Metadata.Name != r.EKSD {
		return nil, fmt.Errorf("it is %s %s, not Release %s", m.Kind, m.Metadata.Name, r.EKSD)
	}
	var list []Source
	for _, component := range m.Status.Components {
		for _, asset := range component.Assets {
			if asset.Archive == nil || asset.OS != "linux" || !slices.Contains(asset.Arch, arch) {
				continue
			}
			switch component.Name {
			case "kubernetes":
				name, ok := strings.CutPrefix(asset.Name, "bin/linux/"+arch+"/")
				if ok && slices.Contains([]string{"kubelet", "kubeadm", "kubectl"}, name) {
					list = append(list, Source{Name: name, Fetched: asset.Archive.file()})
				}
			case "cni-plugins":
				list = append(list, members(*asset.Archive, cni+"loopback", cni+"bridge", cni+"host-local", cni+"portmap")...)
			}
		}
	}
	return list, checkDigests(list)
}

// anywhereBundles is a part of EKS Anywhere's type Bundles
// (github.com/aws/eks-anywhere, release/api/v1alpha1).
type anywhereBundles struct {
	Kind string `yaml:"kind"`
	Spec struct {
		VersionsBundles []struct {
			KubeVersion string `yaml:"kubeVersion"`
			EKSD        struct {
				Containerd anywhereArchive `yaml:"containerd"`
				Crictl     anywhereArchive `yaml:"crictl"`
			} `yaml:"eksD"`
		} `yaml:"versionsBundles"`
	} `yaml:"spec"`
}

type anywhereArchive struct {
	archive `yaml:",inline"`
	Arch    []string `yaml:"arch"`
}

// anywhereBinaries reads EKS Anywhere's bundle manifest. Its tar file of
// containerd has runc, too (github.com/aws/eks-anywhere-build-tooling,
// projects/containerd/containerd/build/create_tarballs.sh).
func anywhereBinaries(data []byte, r releases.Release, arch string) ([]Source, error) {
	var m anywhereBundles
	if err := yaml.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	if m.Kind != "Bundles" {
		return nil, fmt.Errorf("it is %q, not Bundles", m.Kind)
	}
	for _, v := range m.Spec.VersionsBundles {
		if v.KubeVersion != r.Kubernetes {
			continue
		}
		var list []Source
		if slices.Contains(v.EKSD.Containerd.Arch, arch) {
			list = append(list, members(v.EKSD.Containerd.archive, "containerd", "containerd-shim-runc-v2", "ctr", "runc")...)
		}
		if slices.Contains(v.EKSD.Crictl.Arch, arch) {
			list = append(list, members(v.EKSD.Crictl.archive, "crictl")...)
		}
		return list, checkDigests(list)
	}
	return nil, fmt.Errorf("it has no Kubernetes %s", r.Kubernetes)
}

func members(a archive, names ...string) []Source {
	list := make([]Source, len(names))
	for n, name := range names {
		list[n] = Source{Name: name, Fetched: a.file(), Member: base(name)}
	}
	return list
}

// checkDigests refuses what could not be verified.
func checkDigests(list []Source) error {
	var problems []error
	for _, s := range list {
		if len(s.Fetched.SHA256) != 64 || strings.Trim(s.Fetched.SHA256, "0123456789abcdef") != "" {
			problems = append(problems, fmt.Errorf("%s has no digest", s.Name))
		}
		if err := download.CheckURL(s.Fetched.URL); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return errors.Join(problems...)
}
