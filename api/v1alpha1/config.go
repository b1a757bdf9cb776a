package v1alpha1

import (
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Config is one configuration file: a cluster and everything it refers to.
type Config struct {
	// Source is the file's name, as given to Load, Parse or Decode.
	Source string

	Cluster *Cluster

	VSphereDatacenter *VSphereDatacenterConfig
	// VSphereMachines and the other maps are keyed by metadata.name.
	VSphereMachines map[string]*VSphereMachineConfig

	TinkerbellDatacenter *TinkerbellDatacenterConfig
	TinkerbellMachines   map[string]*TinkerbellMachineConfig
	TinkerbellTemplates  map[string]*TinkerbellTemplateConfig

	SSHDatacenter *SSHDatacenterConfig
	SSHMachines   map[string]*SSHMachineConfig

	OIDC   map[string]*OIDCConfig
	AWSIam map[string]*AWSIamConfig
	Flux   map[string]*FluxConfig

	// AddressPools are in the order of the file.
	AddressPools []*VSphereAddressPool

	// AWSRegistration is nil where the cluster is not to appear in AWS.
	AWSRegistration *AWSRegistrationConfig

	// documents tells where each object, by its pointer, stands in Source.
	documents map[any]*document
	// hardwareRows tells where hosts of a hardware file stand there, by their
	// index in the SSH datacenter's hosts.
	hardwareRows map[int]hardwareRow
	decodeNotes  []Problem
	// broken is set when whole documents could not be decoded.
	broken bool
}

// where is the place of a field of object; zero for an object that came from
// no file.
func (c *Config) where(object any, path string) position {
	d := c.documents[object]
	if d == nil {
		return position{}
	}
	return d.at(d.inFile(path))
}

// inFile is path as the file writes it.
func (d *document) inFile(path string) string {
	for _, from := range []string{"spec.github", "spec"} {
		to, ok := d.renamed[from]
		if !ok {
			continue
		}
		if rest, found := strings.CutPrefix(path, from); found && (rest == "" || rest[0] == '.') {
			return to + rest
		}
	}
	return path
}

// problemAt is a problem with a field of object.
func (c *Config) problemAt(object any, path, message, remedy string) Problem {
	p := Problem{File: c.Source, Field: path, Message: message, Remedy: remedy, Object: describe(object)}
	if d := c.documents[object]; d != nil {
		p.Object, p.Field = d.object(), d.inFile(path)
	}
	at := c.where(object, path)
	p.Line, p.Column = at.line, at.column
	return p
}

// describe names an object of the configuration: "Kind/name".
func describe(object any) string {
	return strings.TrimSuffix(kindOf(object)+"/"+metaOf(object).Name, "/")
}

// kindOf is the kind of an object by its Go type, which every kind is named
// for.
func kindOf(object any) string {
	if t := reflect.TypeOf(object); t != nil && t.Kind() == reflect.Pointer {
		return t.Elem().Name()
	}
	return ""
}

// metaOf is the metadata of an object of the configuration.
func metaOf(object any) *metav1.ObjectMeta {
	if o, ok := object.(metav1.ObjectMetaAccessor); ok {
		if meta, ok := o.GetObjectMeta().(*metav1.ObjectMeta); ok {
			return meta
		}
	}
	return &metav1.ObjectMeta{}
}
