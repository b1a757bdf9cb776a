// Package manifests embeds what is taken from the pinned modules at build
// time: the CustomResourceDefinitions and webhook configurations of Cluster
// API and its providers, and Cilium's chart.
//
// hack/components writes them to components, which git ignores. Where the
// compiler misses components/RUN-make-FIRST.txt, run make.
package manifests

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed components/RUN-make-FIRST.txt components/crds/*.json components/webhooks/*.json all:components/charts
var components embed.FS

// CRDs returns every CustomResourceDefinition as JSON, sorted by name: with
// the labels that its provider's kustomization adds, without documentation.
// A conversion webhook is named by service, as upstream has it.
func CRDs() [][]byte { return read("components/crds") }

// WebhookConfigurations returns every mutating and validating webhook
// configuration as JSON. Webhooks are named by service, as upstream has them.
func WebhookConfigurations() [][]byte { return read("components/webhooks") }

// CiliumChart returns the files of Cilium's Helm chart, Chart.yaml at the top.
func CiliumChart() fs.FS {
	chart, err := fs.Sub(components, "components/charts/cilium")
	if err != nil {
		panic(fmt.Sprintf("embedded components: %v", err))
	}
	return chart
}

// Modules returns the modules that the components were taken from, a line
// each: module path and version.
func Modules() string {
	data, err := components.ReadFile("components/RUN-make-FIRST.txt")
	if err != nil {
		panic(fmt.Sprintf("embedded components: %v", err))
	}
	return string(data)
}

// read returns the files of a folder. They are part of the binary: that one
// cannot be read is a mistake of the build and nothing to recover from.
func read(dir string) [][]byte {
	entries, err := fs.ReadDir(components, dir)
	if err != nil {
		panic(fmt.Sprintf("embedded components: %v", err))
	}
	files := make([][]byte, len(entries))
	for i, entry := range entries {
		if files[i], err = components.ReadFile(dir + "/" + entry.Name()); err != nil {
			panic(fmt.Sprintf("embedded components: %v", err))
		}
	}
	return files
}
