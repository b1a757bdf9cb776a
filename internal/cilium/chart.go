package cilium

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"groundwork.dev/bootstrap/internal/cilium/values"
	"groundwork.dev/bootstrap/manifests"
)

// policyTemplate is the template that this project adds to Cilium's chart.
const policyTemplate = "templates/groundwork-system-namespaces.yaml"

// loadChart reads the embedded chart. Each call gives one of its own: Helm
// changes what it renders.
func loadChart() (*chart.Chart, error) {
	files := manifests.CiliumChart()
	var list []*loader.BufferedFile
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		list = append(list, &loader.BufferedFile{Name: path, Data: data})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded chart of Cilium: %w", err)
	}
	c, err := loader.LoadFiles(list)
	if err != nil {
		return nil, fmt.Errorf("load the embedded chart of Cilium: %w", err)
	}
	return c, nil
}

// chartFor is the chart with what the cluster needs beside it.
func (o Options) chartFor(v values.Values) (*chart.Chart, error) {
	c, err := loadChart()
	if err != nil {
		return nil, err
	}
	if values.Policy(v) == "always" {
		c.Templates = append(c.Templates, &chart.File{Name: policyTemplate, Data: systemPolicies(o.Config)})
	}
	return c, nil
}

// sameChart reports whether two charts make the same objects of the same
// values.
func sameChart(a, b *chart.Chart) bool {
	if a == nil || b == nil || a.Metadata == nil || b.Metadata == nil || a.Metadata.Version != b.Metadata.Version {
		return false
	}
	same := func(x, y []*chart.File) bool {
		byName := func(f, g *chart.File) int { return bytes.Compare([]byte(f.Name), []byte(g.Name)) }
		return slices.EqualFunc(slices.SortedFunc(slices.Values(x), byName), slices.SortedFunc(slices.Values(y), byName),
			func(f, g *chart.File) bool { return f.Name == g.Name && bytes.Equal(f.Data, g.Data) })
	}
	return same(a.Templates, b.Templates) && same(a.Files, b.Files)
}
