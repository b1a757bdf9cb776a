package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestChartKeepsWhatHelmReads(t *testing.T) {
	module := t.TempDir()
	for _, name := range []string{
		"chart/Chart.yaml", "chart/values.yaml", "chart/templates/_helpers.tpl", "chart/files/agent/poststart.bash",
		"chart/README.md", "chart/README.md.gotmpl", "chart/values.yaml.tmpl", "other/file",
	} {
		path := filepath.Join(module, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := chart{name: "cilium", dir: "chart"}.files(module)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"charts/cilium/Chart.yaml", "charts/cilium/files/agent/poststart.bash",
		"charts/cilium/templates/_helpers.tpl", "charts/cilium/values.yaml",
	}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("the chart has %q, want %q", got, want)
	}
	if got := string(files["charts/cilium/values.yaml"]); got != "chart/values.yaml" {
		t.Errorf("values.yaml holds %q", got)
	}
}
