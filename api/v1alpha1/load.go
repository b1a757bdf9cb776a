package v1alpha1

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// mirrorCAVariable names a file with the registry mirror's authority, which
// is used where the configuration has none; EKS Anywhere's variable.
const mirrorCAVariable = "EKSA_REGISTRY_MIRROR_CA"

// Load reads, decodes, defaults and validates the file at path. The error is
// Problems: everything that is wrong with the file, Unsupported included.
//
// Where the configuration has a registry mirror without a certificate, Load
// takes it from the file that EKSA_REGISTRY_MIRROR_CA names. It reads the
// hardware file and the known_hosts file of an SSHDatacenterConfig; what is
// wrong with them is among the problems.
func Load(path string) (*Config, error) {
	data, problems := readSource(path)
	if len(problems) > 0 {
		return nil, problems
	}
	return LoadData(path, data)
}

// LoadData is Load of a file that is about to be written: data is what path
// would hold. Other files are read, relative to path's folder.
func LoadData(path string, data []byte) (*Config, error) {
	config, problems := decodeWhole(path, data)
	return config.finish(problems)
}

// DecodeData is Decode with what LoadData adds from other files. The Config is
// never nil and holds what could be decoded and read.
func DecodeData(path string, data []byte) (*Config, Problems) {
	config, problems := decodeWhole(path, data)
	return config, problems.inFileOrder(path).capped(path)
}

// decodeWhole is DecodeData with all problems, in no order.
func decodeWhole(path string, data []byte) (*Config, Problems) {
	config, problems := decode(path, data)
	if config.Cluster != nil {
		problems = append(problems, config.addMirrorCA(os.Getenv(mirrorCAVariable))...)
	}
	if config.SSHDatacenter != nil {
		folder, err := filepath.Abs(filepath.Dir(path))
		if err != nil {
			return config, append(problems, Problem{File: path, Message: "the file's folder is not known: " + err.Error(), Remedy: "write an absolute path"})
		}
		problems = append(problems, config.readSSHFiles(folder)...)
	}
	return config, problems
}

// Parse is Load from memory, without the environment and other files; name
// stands for the file in problems. Hosts of a hardware file and keys of a
// known_hosts file are missing then, and what depends on them is not
// validated.
func Parse(name string, data []byte) (*Config, error) {
	config, problems := decode(name, data)
	return config.finish(problems)
}

// finish validates what was decoded.
func (c *Config) finish(problems Problems) (*Config, error) {
	if c.Cluster != nil {
		problems = problems.and(c.Validate()).and(c.Unsupported())
	}
	problems = problems.inFileOrder(c.Source).capped(c.Source)
	if err := problems.errorOrNil(); err != nil {
		return nil, err
	}
	return c, nil
}

// and appends those of more that are of other fields: what could not be
// decoded is missing for validation, a second and misleading problem.
func (p Problems) and(more Problems) Problems {
	type field struct{ object, path string }
	reported := map[field]bool{}
	for _, known := range p {
		reported[field{known.Object, known.Field}] = true
	}
	for _, one := range more {
		if !reported[field{one.Object, one.Field}] {
			p = append(p, one)
		}
	}
	return p
}

// addMirrorCA reads the registry mirror's authority from the file at path.
func (c *Config) addMirrorCA(path string) Problems {
	mirror := c.Cluster.Spec.RegistryMirrorConfiguration
	if path == "" || mirror == nil || mirror.CACertContent != "" {
		return nil
	}
	data, problems := readSource(path)
	if len(problems) > 0 {
		return Problems{c.problemAt(c.Cluster, "spec.registryMirrorConfiguration.caCertContent",
			fmt.Sprintf("the file %s, named by %s: %s", quote(path), mirrorCAVariable, problems[0].Message), "correct the variable, or write the certificate here")}
	}
	mirror.CACertContent = string(data)
	return nil
}

// Decode decodes strictly and fills defaults, but does not validate. The
// Config is never nil and holds what could be decoded.
func Decode(name string, data []byte) (*Config, Problems) {
	config, problems := decode(name, data)
	return config, problems.inFileOrder(name).capped(name)
}

// decode is Decode with all problems, in no order.
func decode(name string, data []byte) (*Config, Problems) {
	l := &loader{config: &Config{Source: name, documents: map[any]*document{}}}
	documents, problems := parseDocuments(name, data)
	l.config.broken = len(problems) > 0
	l.problems = problems
	for _, d := range documents {
		l.document(d)
	}
	l.single()
	if l.config.Cluster == nil && len(l.problems) == 0 {
		l.problems = append(l.problems, Problem{File: name,
			Message: "there is no Cluster in the file",
			Remedy:  "add one; `bootstrap generate config` writes an example"})
	}
	l.config.setDefaults()
	return l.config, l.problems
}

// inFileOrder sorts by place, those of the configuration file itself first,
// and drops repetitions.
func (p Problems) inFileOrder(source string) Problems {
	rank := func(one Problem) string {
		if one.File == source {
			return ""
		}
		return one.File
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(p)
}

// loader decodes the documents of one file.
type loader struct {
	config   *Config
	problems Problems
	// values is what all documents unfolded to so far.
	values int
	// Of these the file may hold several, though one is used.
	clusters   []*Cluster
	vsphere    []*VSphereDatacenterConfig
	tinkerbell []*TinkerbellDatacenterConfig
	ssh        []*SSHDatacenterConfig
}

func (l *loader) addAt(d *document, path, message, remedy string) {
	at := d.at(path)
	l.problems = append(l.problems, Problem{File: l.config.Source, Line: at.line, Column: at.column,
		Object: d.object(), Field: path, Message: message, Remedy: remedy})
}

// document decodes one document into what its kind says.
func (l *loader) document(d *document) {
	if d.root.Kind != yaml.MappingNode {
		l.config.broken = true
		l.addAt(d, "", "this document is "+found(d.root)+", not an object",
			"separate documents with a line of just ---, and begin each with apiVersion and kind")
		return
	}
	apiVersion := d.identify()
	known, ok := kinds[d.kind]
	switch {
	case d.kind == "":
		l.config.broken = true
		l.addAt(d, "kind", "the kind is missing", choose("", kindNames()))
	case otherProviders[d.kind] != "":
		l.config.broken = true
		l.addAt(d, "kind", fmt.Sprintf("Groundwork does not build on %s", otherProviders[d.kind]),
			"use "+VSphereDatacenterKind+" or "+SSHDatacenterKind)
	case !ok:
		l.config.broken = true
		l.addAt(d, "kind", "there is no kind "+quote(d.kind), choose(d.kind, kindNames()))
	case apiVersion != known.apiVersion:
		l.config.broken = true
		message := "the apiVersion is missing"
		if apiVersion != "" {
			message = fmt.Sprintf("%s is not in apiVersion %s", d.kind, quote(apiVersion))
		}
		l.addAt(d, "apiVersion", message, "write apiVersion: "+known.apiVersion)
	default:
		known.decode(l, d)
	}
}

// identify reads kind and name ahead, for the problems in between, and
// returns the apiVersion.
func (d *document) identify() (apiVersion string) {
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		key, value := d.root.Content[i], d.root.Content[i+1]
		d.fields[key.Value] = position{key.Line, key.Column}
		switch {
		case key.Value == "kind" && value.Kind == yaml.ScalarNode:
			d.kind = value.Value
		case key.Value == "apiVersion" && value.Kind == yaml.ScalarNode:
			apiVersion = value.Value
		case key.Value == "metadata" && value.Kind == yaml.MappingNode:
			for j := 0; j+1 < len(value.Content); j += 2 {
				if value.Content[j].Value == "name" {
					d.name = value.Content[j+1].Value
				}
			}
		}
	}
	return apiVersion
}

// decode fills object, a pointer to a struct, from d.
func (l *loader) decode(d *document, object any) {
	dec := &decoder{file: l.config.Source, document: d, values: l.values}
	dec.value(d.root, reflect.ValueOf(object).Elem(), "", 0)
	l.values = dec.values
	l.config.broken = l.config.broken || dec.exhausted
	l.problems = append(l.problems, dec.problems...)
	l.config.decodeNotes = append(l.config.decodeNotes, dec.notes...)
	l.config.documents[object] = d
}

// single picks the one Cluster and the datacenter that it refers to.
func (l *loader) single() {
	if len(l.clusters) > 0 {
		l.config.Cluster = l.clusters[0]
	}
	for _, extra := range l.clusters[min(1, len(l.clusters)):] {
		l.addAt(l.config.documents[extra], "", "the file holds more than one Cluster", "keep one Cluster in each file")
	}
	var ref Ref
	if l.config.Cluster != nil {
		ref = l.config.Cluster.Spec.DatacenterRef
	}
	l.config.VSphereDatacenter = pick(l, l.vsphere, ref, VSphereDatacenterKind, func(o *VSphereDatacenterConfig) string { return o.Name })
	l.config.TinkerbellDatacenter = pick(l, l.tinkerbell, ref, TinkerbellDatacenterKind, func(o *TinkerbellDatacenterConfig) string { return o.Name })
	l.config.SSHDatacenter = pick(l, l.ssh, ref, SSHDatacenterKind, func(o *SSHDatacenterConfig) string { return o.Name })
}

// pick returns the datacenter that ref names, or the first; others of the
// kind are problems.
func pick[T any](l *loader, all []*T, ref Ref, kind string, name func(*T) string) *T {
	if len(all) == 0 {
		return nil
	}
	chosen := all[0]
	for _, one := range all {
		if ref.Kind == kind && name(one) == ref.Name {
			chosen = one
			break
		}
	}
	for _, one := range all {
		if one != chosen {
			l.addAt(l.config.documents[one], "", "a cluster has one datacenter, and this is another", "remove it")
		}
	}
	return chosen
}
