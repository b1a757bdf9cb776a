package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// provider is one set of CustomResourceDefinitions with its webhooks.
type provider struct {
	name   string
	module string
	// crds is the folder of the CRDs' kustomization, install the one that
	// adds the provider's own label, both inside the module.
	crds, install string
	// webhooks is the file of the webhook configurations; "" where the
	// provider's webhooks are not part of this program.
	webhooks string
	// drop names versions that are left out although they are served, skip
	// CRDs that are left out: nothing here would act on their objects.
	drop, skip []string
}

var providers = []provider{
	{
		name: "capi", module: "sigs.k8s.io/cluster-api",
		crds: "config/crd", install: "config/default", webhooks: "config/webhook/manifests.yaml",
	},
	{
		name: "capi-kubeadm-bootstrap", module: "sigs.k8s.io/cluster-api",
		crds: "bootstrap/kubeadm/config/crd", install: "bootstrap/kubeadm/config/default",
		webhooks: "bootstrap/kubeadm/config/webhook/manifests.yaml",
	},
	{
		name: "capi-kubeadm-control-plane", module: "sigs.k8s.io/cluster-api",
		crds: "controlplane/kubeadm/config/crd", install: "controlplane/kubeadm/config/default",
		webhooks: "controlplane/kubeadm/config/webhook/manifests.yaml",
	},
	{
		name: "capv", module: "sigs.k8s.io/cluster-api-provider-vsphere",
		crds: "config/default/crd", install: "config/default", webhooks: "config/govmomi/webhook/manifests.yaml",
	},
	{
		// Its controllers and webhooks are internal to its module; internal/manager
		// has its own, which know the newer of the two versions.
		name: "ipam-in-cluster", module: "sigs.k8s.io/cluster-api-ipam-provider-in-cluster",
		crds: "config/crd", install: "config/default", drop: []string{"v1alpha1"},
		skip: []string{"globalinclusterippools.ipam.cluster.x-k8s.io"},
	},
}

// kustomization is the part of a kustomization.yaml that says what is
// installed beyond the files it lists.
type kustomization struct {
	Resources    []string          `json:"resources"`
	CommonLabels map[string]string `json:"commonLabels"`
	Labels       []struct {
		Pairs map[string]string `json:"pairs"`
	} `json:"labels"`
	Patches []struct {
		Path string `json:"path"`
	} `json:"patches"`
}

func readKustomization(dir string) (kustomization, error) {
	var k kustomization
	data, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
	if err != nil {
		return k, err
	}
	return k, yaml.Unmarshal(data, &k)
}

func (k kustomization) labels() map[string]string {
	all := maps.Clone(k.CommonLabels)
	if all == nil {
		all = map[string]string{}
	}
	for _, l := range k.Labels {
		maps.Copy(all, l.Pairs)
	}
	return all
}

// object is one Kubernetes object, kept untyped so that nothing of it is lost.
type object = map[string]any

// objects returns the provider's objects by the file they are written to.
func (p provider) objects(module string) (map[string]object, error) {
	dir := filepath.Join(module, filepath.FromSlash(p.crds))
	crds, err := readKustomization(dir)
	if err != nil {
		return nil, err
	}
	install, err := readKustomization(filepath.Join(module, filepath.FromSlash(p.install)))
	if err != nil {
		return nil, err
	}
	labels := crds.labels()
	maps.Copy(labels, install.labels())

	byName := map[string]object{}
	for _, resource := range crds.Resources {
		crd, err := readObject(filepath.Join(dir, filepath.FromSlash(resource)))
		if err != nil {
			return nil, err
		}
		byName[name(crd)] = crd
	}
	for _, patch := range crds.Patches {
		file := filepath.Join(dir, filepath.FromSlash(patch.Path))
		change, err := readObject(file)
		if err != nil {
			return nil, err
		}
		crd := byName[name(change)]
		if crd == nil {
			return nil, fmt.Errorf("%s changes %s, which is not installed", patch.Path, name(change))
		}
		apply(crd, change)
	}
	for _, name := range p.skip {
		delete(byName, name)
	}
	files := map[string]object{}
	for crdName, crd := range byName {
		addLabels(crd, labels)
		if err := trim(crd, p.drop); err != nil {
			return nil, fmt.Errorf("%s: %w", crdName, err)
		}
		files[path.Join("crds", crdName+".json")] = crd
	}
	if p.webhooks == "" {
		return files, nil
	}
	return files, p.addWebhooks(filepath.Join(module, filepath.FromSlash(p.webhooks)), install.labels(), files)
}

// addWebhooks adds the webhook configurations of one file. All providers call
// theirs the same and rely on kustomize's prefix to tell them apart.
func (p provider) addWebhooks(file string, labels map[string]string, files map[string]object) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for document := range bytes.SplitSeq(data, []byte("\n---")) {
		var o object
		if err := yaml.Unmarshal(bytes.TrimPrefix(document, []byte("---")), &o); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if len(o) == 0 {
			continue
		}
		child(o, "metadata")["name"] = p.name + "-" + name(o)
		addLabels(o, labels)
		kind, _ := o["kind"].(string)
		files[path.Join("webhooks", strings.ToLower(strings.TrimSuffix(kind, "WebhookConfiguration"))+"-"+p.name+".json")] = o
	}
	return nil
}

func readObject(file string) (object, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the kustomization names %s, which does not exist", file)
	}
	if err != nil {
		return nil, err
	}
	var o object
	if err := yaml.Unmarshal(data, &o); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if name(o) == "" {
		return nil, fmt.Errorf("%s holds no named object", file)
	}
	return o, nil
}

func name(o object) string {
	metadata, _ := o["metadata"].(object)
	name, _ := metadata["name"].(string)
	return name
}

// child returns the map at key, which it makes if need be.
func child(o object, key string) object {
	c, ok := o[key].(object)
	if !ok {
		c = object{}
		o[key] = c
	}
	return c
}

// apply merges change into o as a strategic merge patch would for maps, the
// only thing that the providers' patches of CRDs use.
func apply(o, change object) {
	for key, value := range change {
		if inner, ok := value.(object); ok {
			apply(child(o, key), inner)
			continue
		}
		o[key] = value
	}
}

func addLabels(o object, labels map[string]string) {
	all := child(child(o, "metadata"), "labels")
	for key, value := range labels {
		all[key] = value
	}
}
