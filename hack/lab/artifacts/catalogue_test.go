package artifacts

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"groundwork.dev/bootstrap/manifests/releases"
)

func TestTheCatalogueIsOneThatTheToolTakes(t *testing.T) {
	content, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "releases.yaml")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := releases.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	release, err := loaded.Find(kubernetesMinor)
	if err != nil {
		t.Fatal(err)
	}
	if release.Version != kubernetesVersion || release.EKSD != releaseName {
		t.Errorf("the release is %s of %s", release.Version, release.EKSD)
	}
	for _, image := range release.Images {
		if image.String() != references[image.Name] {
			t.Errorf("%s is %s, want %s", image.Name, image, references[image.Name])
		}
	}
}

// Cilium takes kube-proxy's place; every other image of the release is built.
func TestEveryImageOfTheReleaseIsBuilt(t *testing.T) {
	wanted := maps.Clone(references)
	delete(wanted, "kube-proxy")
	built := map[string]bool{reference("cilium"): true} // ciliumimage.go
	for _, i := range images {
		built[reference(i.component)] = true
	}
	want := slices.Compact(slices.Sorted(maps.Values(wanted)))
	if got := slices.Sorted(maps.Keys(built)); !slices.Equal(got, want) {
		t.Errorf("built are\n%v, want\n%v", got, want)
	}
}
