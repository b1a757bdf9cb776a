package releases

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"github.com/distribution/reference"
	"github.com/google/go-cmp/cmp"

	"groundwork.dev/bootstrap/internal/failure"
)

var supported = []string{"1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"}

func TestBuiltInCatalogueHasEverySupportedMinor(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	var minors []string
	for _, r := range c.Releases {
		minors = append(minors, r.Kubernetes)
	}
	if !slices.Equal(minors, supported) {
		t.Errorf("the catalogue has %v, want %v in this order", minors, supported)
	}
	for _, s := range c.Sources {
		if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(s.Commit) || s.Repository == "" || len(s.Paths) == 0 {
			t.Errorf("the source %+v does not say where facts were read", s)
		}
	}
	if len(c.Sources) != 2 {
		t.Errorf("%d sources are named, want EKS Distro and EKS Anywhere", len(c.Sources))
	}
}

func TestBuiltInReleasesAreComplete(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, minor := range supported {
		t.Run(minor, func(t *testing.T) {
			r, err := c.Find(minor)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, image := range r.Images {
				names = append(names, image.Name)
				named, err := reference.ParseNormalizedNamed(image.pinned())
				if err != nil {
					t.Errorf("%s: %v", image.Name, err)
				} else if named.Name() != image.Repository || reference.Domain(named) != "public.ecr.aws" {
					t.Errorf("%s comes from %s, want %s on public.ecr.aws", image.Name, named.Name(), image.Repository)
				}
			}
			if !slices.Equal(names, Components()) {
				t.Errorf("images are %v, want %v", names, Components())
			}
			if want := regexp.MustCompile(`^kubernetes-1-` + minor[2:] + `-eks-[0-9]+$`); !want.MatchString(r.EKSD) {
				t.Errorf("EKSD is %q, want %s", r.EKSD, want)
			}
			if want := regexp.MustCompile(`^v` + minor + `\.[0-9]+-eks-1-` + minor[2:] + `-[0-9]+$`); !want.MatchString(r.Version) {
				t.Errorf("Version is %q, want %s", r.Version, want)
			}
			// The repositories of EKS Distro's release pages.
			for got, want := range map[string]string{
				r.ImageRepository:                "public.ecr.aws/eks-distro/kubernetes",
				r.Etcd.Parent():                  "public.ecr.aws/eks-distro/etcd-io",
				r.CoreDNS.Parent():               "public.ecr.aws/eks-distro/coredns",
				r.KubeadmPause.Repository:        "public.ecr.aws/eks-distro/kubernetes/pause",
				r.CiliumOperator.Parent():        "public.ecr.aws/eks/cilium",
				r.KubeVIP.Repository:             "public.ecr.aws/eks-anywhere/kube-vip/kube-vip",
				r.KubeAPIServer.String():         r.ImageRepository + "/kube-apiserver:" + r.Version,
				r.KubeProxy.String():             r.ImageRepository + "/kube-proxy:" + r.Version,
				r.Pause.String():                 r.ImageRepository + "/pause:" + r.Version,
				r.KubeScheduler.String():         r.ImageRepository + "/kube-scheduler:" + r.Version,
				r.KubeControllerManager.String(): r.ImageRepository + "/kube-controller-manager:" + r.Version,
			} {
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			if want := "https://distro.eks.amazonaws.com/kubernetes-1-" + minor[2:] + "/" + r.EKSD + ".yaml"; r.Manifests.EKSDistro != want {
				t.Errorf("EKS Distro's manifest is %s, want %s", r.Manifests.EKSDistro, want)
			}
			if want := regexp.MustCompile(`^https://anywhere-assets\.eks\.amazonaws\.com/releases/bundles/[0-9]+/manifest\.yaml$`); !want.MatchString(r.Manifests.EKSAnywhere) {
				t.Errorf("EKS Anywhere's manifest is %q, want %s", r.Manifests.EKSAnywhere, want)
			}
			for _, image := range []Image{r.Cilium, r.CiliumOperator} {
				if image.Digest == "" {
					t.Errorf("%s has no digest, which EKS Anywhere publishes", image.Name)
				}
			}
		})
	}
}

func TestYAMLIsWhatLoadReads(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := parse("again.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, again); diff != "" {
		t.Errorf("written and read again it differs (-written +read):\n%s", diff)
	}
}

func TestFindNamesTheReleasesThereAre(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Find("1.29")
	var f *failure.Error
	if !errors.As(err, &f) || f.Code != failure.Configuration {
		t.Fatalf("got %v, want a configuration failure", err)
	}
	if want := "use one of 1.30, 1.31, 1.32, 1.33, 1.34, 1.35, 1.36, or give a catalogue that has it with --releases"; f.Remedy != want {
		t.Errorf("the remedy is %q, want %q", f.Remedy, want)
	}
}
