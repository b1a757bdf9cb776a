package v1alpha1

import (
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// kind is one kind of the configuration file.
type kind struct {
	apiVersion string
	// decode fills a new object from the document and stores it in c.
	decode func(l *loader, d *document)
}

// kinds are all of them, by name.
var kinds = map[string]kind{
	ClusterKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *Cluster) { l.clusters = append(l.clusters, o) })
	}},
	VSphereDatacenterKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *VSphereDatacenterConfig) { l.vsphere = append(l.vsphere, o) })
	}},
	VSphereMachineConfigKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *VSphereMachineConfig) { keep(l, d, &l.config.VSphereMachines, o.Name, o) })
	}},
	TinkerbellDatacenterKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *TinkerbellDatacenterConfig) { l.tinkerbell = append(l.tinkerbell, o) })
	}},
	TinkerbellMachineConfigKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *TinkerbellMachineConfig) { keep(l, d, &l.config.TinkerbellMachines, o.Name, o) })
	}},
	TinkerbellTemplateConfigKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *TinkerbellTemplateConfig) { keep(l, d, &l.config.TinkerbellTemplates, o.Name, o) })
	}},
	OIDCConfigKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *OIDCConfig) { keep(l, d, &l.config.OIDC, o.Name, o) })
	}},
	AWSIamConfigKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *AWSIamConfig) { keep(l, d, &l.config.AWSIam, o.Name, o) })
	}},
	FluxConfigKind: {EKSAAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *FluxConfig) { keep(l, d, &l.config.Flux, o.Name, o) })
	}},
	GitOpsConfigKind: {EKSAAPIVersion, decodeGitOpsConfig},
	VSphereAddressPoolKind: {GroundworkAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *VSphereAddressPool) { l.config.AddressPools = append(l.config.AddressPools, o) })
	}},
	SSHDatacenterKind: {GroundworkAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *SSHDatacenterConfig) { l.ssh = append(l.ssh, o) })
	}},
	SSHMachineConfigKind: {GroundworkAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *SSHMachineConfig) { keep(l, d, &l.config.SSHMachines, o.Name, o) })
	}},
	AWSRegistrationKind: {GroundworkAPIVersion, func(l *loader, d *document) {
		decodeInto(l, d, func(o *AWSRegistrationConfig) {
			if l.config.AWSRegistration != nil {
				l.addAt(d, "", "a cluster is registered with AWS once, and this is another", "remove it")
				return
			}
			l.config.AWSRegistration = o
		})
	}},
}

// otherProviders are kinds of EKS Anywhere for sites that Groundwork does not
// build on.
var otherProviders = map[string]string{
	"AWSDatacenterConfig":        "AWS",
	"CloudStackDatacenterConfig": "Apache CloudStack",
	"CloudStackMachineConfig":    "Apache CloudStack",
	"DockerDatacenterConfig":     "Docker",
	"NutanixDatacenterConfig":    "Nutanix",
	"NutanixMachineConfig":       "Nutanix",
	"SnowDatacenterConfig":       "AWS Snow",
	"SnowIPPool":                 "AWS Snow",
	"SnowMachineConfig":          "AWS Snow",
}

func kindNames() []string { return slices.Collect(maps.Keys(kinds)) }

// decodeInto decodes d strictly into a new T and hands it to store.
func decodeInto[T any](l *loader, d *document, store func(*T)) {
	object := new(T)
	l.decode(d, object)
	store(object)
}

// keep puts an object under its name; the first of a name stays.
func keep[T any](l *loader, d *document, objects *map[string]*T, name string, object *T) {
	if *objects == nil {
		*objects = map[string]*T{}
	}
	if first, twice := (*objects)[name]; twice && name != "" {
		l.addAt(d, "metadata.name", fmt.Sprintf("there is another %s of this name, on line %d", d.kind, l.config.where(first, "").line),
			"give one of them another name")
		return
	}
	(*objects)[name] = object
}

// gitOpsConfig is EKS Anywhere's former way to write a FluxConfig.
type gitOpsConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Flux struct {
			Github struct {
				Owner               string `json:"owner"`
				Repository          string `json:"repository"`
				FluxSystemNamespace string `json:"fluxSystemNamespace,omitempty"`
				Branch              string `json:"branch,omitempty"`
				ClusterConfigPath   string `json:"clusterConfigPath,omitempty"`
				Personal            bool   `json:"personal,omitempty"`
			} `json:"github,omitempty"`
		} `json:"flux,omitempty"`
	} `json:"spec,omitempty"`
}

// decodeGitOpsConfig turns a GitOpsConfig into the FluxConfig that it means.
func decodeGitOpsConfig(l *loader, d *document) {
	decodeInto(l, d, func(o *gitOpsConfig) {
		github := o.Spec.Flux.Github
		flux := &FluxConfig{TypeMeta: o.TypeMeta, ObjectMeta: o.ObjectMeta, Spec: FluxConfigSpec{
			SystemNamespace:   github.FluxSystemNamespace,
			ClusterConfigPath: github.ClusterConfigPath,
			Branch:            github.Branch,
			Github:            &GithubProviderConfig{Owner: github.Owner, Repository: github.Repository, Personal: github.Personal},
		}}
		flux.Kind = FluxConfigKind
		d.renamed = map[string]string{"spec.github": "spec.flux.github", "spec": "spec.flux.github"}
		l.config.documents[flux] = d
		if _, clash := l.config.Flux[flux.Name]; clash {
			return // the FluxConfig of the same name says the same, newer
		}
		keep(l, d, &l.config.Flux, flux.Name, flux)
	})
}
