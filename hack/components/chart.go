package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// chart is a Helm chart inside a module.
type chart struct{ name, module, dir string }

var charts = []chart{
	{name: "cilium", module: "github.com/cilium/cilium", dir: "install/kubernetes/cilium"},
}

// files returns the chart's files by the path they are written to: what Helm
// reads, without what is for readers and for making the chart.
func (c chart) files(module string) (map[string][]byte, error) {
	root := filepath.Join(module, filepath.FromSlash(c.dir))
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil || forReaders(filepath.ToSlash(name)) {
			return err
		}
		data, err := os.ReadFile(file)
		files[path.Join("charts", c.name, filepath.ToSlash(name))] = data
		return err
	})
	return files, err
}

// forReaders reports whether Helm does without the file.
func forReaders(name string) bool {
	return strings.HasPrefix(name, "README.md") || name == "values.yaml.tmpl"
}
