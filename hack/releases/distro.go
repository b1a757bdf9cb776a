package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"groundwork.dev/bootstrap/manifests/releases"
)

// Where EKS Distro's repository keeps what is read: one folder for each
// minor and release number below releasesPath, with a table of images and a
// link to the release manifest in index.md; and the tag of the pause image that upstream's build of each
// minor has, under which EKS Distro's release publishes its own, too
// (projects/kubernetes/kubernetes/build/copy_kubernetes_artifacts.sh).
const (
	releasesPath = "docs/contents/releases"
	pausePath    = "projects/kubernetes/kubernetes"
)

// distroRelease is one release of EKS Distro.
type distroRelease struct {
	minor, number int
	// images are references by component.
	images map[string]string
	// manifest is the URL of the release manifest.
	manifest string
}

func (r *distroRelease) kubernetes() string { return fmt.Sprintf("1.%d", r.minor) }
func (r *distroRelease) name() string {
	return fmt.Sprintf("kubernetes-1-%d-eks-%d", r.minor, r.number)
}

// newestRelease reads the newest release of Kubernetes 1.minor.
func newestRelease(ctx context.Context, distro clone, minor int) (*distroRelease, error) {
	folder := fmt.Sprintf("%s/1-%d", releasesPath, minor)
	entries, err := distro.entries(ctx, folder)
	if err != nil {
		return nil, err
	}
	r := &distroRelease{minor: minor}
	for _, entry := range entries {
		if n, err := strconv.Atoi(entry); err == nil {
			r.number = max(r.number, n)
		}
	}
	page, err := distro.file(ctx, fmt.Sprintf("%s/%d/index.md", folder, r.number))
	if err != nil {
		return nil, err
	}
	r.images = imageTable(page)
	if r.manifest, err = manifestLink(page, r.name()); err != nil {
		return nil, fmt.Errorf("%s/%d/index.md: %w", folder, r.number, err)
	}
	tag, err := distro.file(ctx, fmt.Sprintf("%s/1-%d/PAUSE_TAG", pausePath, minor))
	if err != nil {
		return nil, err
	}
	repository, _, found := strings.Cut(r.images["pause"], ":")
	if !found {
		return nil, fmt.Errorf("%s/%d/index.md names no pause image", folder, r.number)
	}
	r.images["kubeadm-pause"] = repository + ":" + tag
	return r, nil
}

// manifestLink is the page's link to the release manifest, which is named for
// the release.
func manifestLink(page, name string) (string, error) {
	links := regexp.MustCompile(`\((https://[^()\s]+/`+regexp.QuoteMeta(name)+`\.yaml)\)`).FindAllStringSubmatch(page, -1)
	if len(links) != 1 {
		return "", fmt.Errorf("%d links to %s.yaml, not 1", len(links), name)
	}
	return links[0][1], nil
}

// imageTable reads the rows "| name | version | reference |" of a page, as far
// as they are parts of a release here: the others are the base images of some,
// and add-ons.
func imageTable(page string) map[string]string {
	images := map[string]string{}
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 {
			continue
		}
		name, reference := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[3])
		if slices.Contains(releases.Components(), name) {
			images[name] = reference
		}
	}
	return images
}
