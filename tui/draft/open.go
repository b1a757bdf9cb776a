package draft

import (
	"errors"
	"fmt"
	"io"
	"os"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/internal/secret"
)

// Open reads the configuration file at path. What is wrong with the
// configuration is not an error but among Problems; the errors are
// v1alpha1.Problems where the file says what no configuration can, since that
// would be lost, and *failure.Error where it cannot be read.
func Open(path string) (*Draft, error) {
	data, err := read(path)
	if err != nil {
		return nil, &failure.Error{Code: failure.Configuration, Summary: "open the configuration file " + path, Err: err,
			Remedy: "check the path and your permissions"}
	}
	d, err := Read(path, data)
	if err != nil {
		return nil, err
	}
	d.Path = path
	d.saved = string(d.reveal([]byte(d.YAML())))
	return d, nil
}

// read reads no more than a configuration file can have: path may be a pipe
// or a device without an end.
func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.IsDir() {
		if err == nil {
			err = errors.New("this is a directory, not a file")
		}
		return nil, err
	}
	return io.ReadAll(io.LimitReader(file, v1alpha1.MaxFileSize+1))
}

// Read is Open of a text: of an autosave, or of the configuration that an
// earlier run had. The draft has no Path. name stands for the file in errors.
func Read(name string, data []byte) (*Draft, error) {
	config, problems := v1alpha1.Decode(name, data)
	if len(problems) > 0 {
		return nil, problems
	}
	return Of(config)
}

// Of is a draft of a configuration that was decoded, and that is the draft's
// from now on. The draft has no Path. The error is v1alpha1.Problems where the
// configuration does not say which provider it is for.
func Of(config *v1alpha1.Config) (*Draft, error) {
	d := &Draft{Config: config}
	if config.Cluster == nil {
		config.Cluster = &v1alpha1.Cluster{}
	}
	if err := d.complete(config.Source); err != nil {
		return nil, err
	}
	d.inherit()
	return d, nil
}

// complete adds the objects that the Cluster refers to and the file does not
// have, as they are to be filled.
func (d *Draft) complete(name string) error {
	spec := &d.Config.Cluster.Spec
	if spec.DatacenterRef.Kind == "" {
		spec.DatacenterRef = d.onlyDatacenter()
	}
	if spec.DatacenterRef.Name == "" {
		spec.DatacenterRef.Name = d.baseName()
	}
	if machineKinds[spec.DatacenterRef.Kind] == "" {
		return v1alpha1.Problems{{File: name, Object: Object(v1alpha1.ClusterKind, d.Name()), Field: "spec.datacenterRef.kind",
			Message: fmt.Sprintf("the configuration does not say what the cluster is built on: %q", spec.DatacenterRef.Kind),
			Remedy:  "write " + v1alpha1.VSphereDatacenterKind + ", " + v1alpha1.SSHDatacenterKind + " or " + v1alpha1.TinkerbellDatacenterKind}}
	}
	d.addDatacenter()
	if spec.ControlPlaneConfiguration.Endpoint == nil {
		spec.ControlPlaneConfiguration.Endpoint = &v1alpha1.Endpoint{}
	}
	for _, ref := range d.refs() {
		if *ref.ref == nil {
			*ref.ref = &v1alpha1.Ref{Kind: d.MachineKind(), Name: d.freeName(machineName(d.baseName(), ref.suffix))}
		}
		if r := *ref.ref; r.Kind == d.MachineKind() && r.Name != "" && !d.hasMachine(r.Name) {
			d.addMachine(r.Name)
		}
	}
	if spec.LicenseToken.Reveal() == secret.Redacted {
		// Of an effective configuration: the token itself is not in it.
		spec.LicenseToken = v1alpha1.Token{}
	}
	return nil
}

// onlyDatacenter refers to the datacenter that the file has.
func (d *Draft) onlyDatacenter() v1alpha1.Ref {
	switch c := d.Config; {
	case c.VSphereDatacenter != nil:
		return v1alpha1.Ref{Kind: v1alpha1.VSphereDatacenterKind, Name: c.VSphereDatacenter.Name}
	case c.SSHDatacenter != nil:
		return v1alpha1.Ref{Kind: v1alpha1.SSHDatacenterKind, Name: c.SSHDatacenter.Name}
	case c.TinkerbellDatacenter != nil:
		return v1alpha1.Ref{Kind: v1alpha1.TinkerbellDatacenterKind, Name: c.TinkerbellDatacenter.Name}
	}
	return v1alpha1.Ref{}
}

// addDatacenter adds the provider's datacenter where there is none.
func (d *Draft) addDatacenter() {
	c, name := d.Config, d.Config.Cluster.Spec.DatacenterRef.Name
	switch kind := d.Provider(); {
	case kind == v1alpha1.VSphereDatacenterKind && c.VSphereDatacenter == nil:
		c.VSphereDatacenter = &v1alpha1.VSphereDatacenterConfig{}
		c.VSphereDatacenter.Name = name
	case kind == v1alpha1.SSHDatacenterKind && c.SSHDatacenter == nil:
		c.SSHDatacenter = &v1alpha1.SSHDatacenterConfig{}
		c.SSHDatacenter.Name = name
	case kind == v1alpha1.TinkerbellDatacenterKind && c.TinkerbellDatacenter == nil:
		c.TinkerbellDatacenter = &v1alpha1.TinkerbellDatacenterConfig{}
		c.TinkerbellDatacenter.Name = name
	}
}
