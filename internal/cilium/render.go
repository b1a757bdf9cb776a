package cilium

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"groundwork.dev/bootstrap/internal/cilium/values"
	"groundwork.dev/bootstrap/internal/failure"
)

// Object is one object of the rendered chart.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Values returns the effective values of the chart: this project's defaults
// with what the configuration says over them. The error is a *failure.Error.
func Values(o Options) (values.Values, error) {
	return values.For(o.Config, o.Release, values.Options{})
}

// Render renders the chart with the cluster's values and lists its objects,
// offline, in the order of their kinds and names.
func Render(ctx context.Context, o Options) ([]Object, error) {
	manifest, err := Manifest(ctx, o)
	if err != nil {
		return nil, err
	}
	var objects []Object
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(manifest), 4096)
	for {
		var u unstructured.Unstructured
		switch err := decoder.Decode(&u.Object); {
		case errors.Is(err, io.EOF):
			slices.SortFunc(objects, func(a, b Object) int {
				return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
			})
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("read what Cilium's chart renders: %w", err)
		case len(u.Object) > 0:
			objects = append(objects, Object{APIVersion: u.GetAPIVersion(), Kind: u.GetKind(), Namespace: u.GetNamespace(), Name: u.GetName()})
		}
	}
}

// Manifest renders the chart with the cluster's values, offline, as YAML
// documents.
func Manifest(ctx context.Context, o Options) ([]byte, error) {
	v, err := Values(o)
	if err != nil {
		return nil, err
	}
	c, err := o.chartFor(v)
	if err != nil {
		return nil, err
	}
	return o.render(ctx, c, v)
}

// render renders without a cluster, for the release's Kubernetes version.
func (o Options) render(ctx context.Context, c *chart.Chart, v values.Values) ([]byte, error) {
	version, err := chartutil.ParseKubeVersion(o.Release.Version)
	if err != nil {
		return nil, fmt.Errorf("render Cilium's chart for Kubernetes %s: %w", o.Release.Version, err)
	}
	install := action.NewInstall(&action.Configuration{Log: o.helmLog()})
	install.ClientOnly, install.DryRun, install.DryRunOption = true, true, "client"
	install.ReleaseName, install.Namespace, install.KubeVersion = releaseName, namespace, version
	rendered, err := install.RunWithContext(ctx, c, v)
	if err != nil {
		return nil, o.unrenderable(err)
	}
	return []byte(rendered.Manifest), nil
}

// unrenderable is the error for values that the chart refuses.
func (o Options) unrenderable(err error) error {
	return &failure.Error{
		Code: failure.Configuration, Err: err, Object: "Cluster " + o.Config.Cluster.Name,
		Summary: "Cilium's chart cannot be rendered with the cluster's values",
		Remedy:  "correct spec.clusterNetwork.cniConfig.cilium; bootstrap cilium values -f FILE prints the values that the chart gets",
	}
}
