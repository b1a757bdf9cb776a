package draft

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/secret"
)

// derived is what follows from a configuration.
type derived struct {
	text     string
	err      error
	problems v1alpha1.Problems
	// checked says that problems are known, noted that notes are.
	checked, noted bool
	notes          []v1alpha1.Problem
}

func (d *Draft) derive() *derived {
	if d.derived == nil {
		text, err := d.Config.YAML()
		d.derived = &derived{text: string(text), err: err}
	}
	return d.derived
}

// YAML is the configuration as it is shown: as Text, with the licence token
// redacted.
func (d *Draft) YAML() string { return d.derive().text }

// Problems are what is wrong with the configuration by itself, without the
// files that it refers to. Their lines are those of YAML.
func (d *Draft) Problems() v1alpha1.Problems {
	known := d.derive()
	if !known.checked {
		known.checked = true
		known.problems = d.check(known)
	}
	return known.problems
}

func (d *Draft) check(known *derived) v1alpha1.Problems {
	if known.err != nil {
		return v1alpha1.Problems{{File: d.FileName(), Message: known.err.Error(), Remedy: "correct the answer that was given last"}}
	}
	_, err := v1alpha1.Parse(d.FileName(), []byte(known.text))
	var problems v1alpha1.Problems
	if err != nil && !errors.As(err, &problems) {
		problems = v1alpha1.Problems{{File: d.FileName(), Message: err.Error()}}
	}
	return problems
}

// Notes are what a person should know of a configuration that is fine.
func (d *Draft) Notes() []v1alpha1.Problem {
	known := d.derive()
	if !known.noted {
		known.noted = true
		// Of what the file will say: defaults matter to the notes.
		config, _ := v1alpha1.Decode(d.FileName(), []byte(known.text))
		known.notes = config.Notes()
	}
	return known.notes
}

// FileName is where the configuration is, or would be saved by default.
func (d *Draft) FileName() string {
	switch {
	case d.Path != "":
		return d.Path
	case d.Name() != "":
		return d.Name() + ".yaml"
	}
	return "cluster.yaml"
}

// Text is what a save to path writes. Paths that are relative to the file
// which the configuration was opened from are made absolute where path is in
// another folder. secrets says that the text holds something that others must
// not read: the file's mode is 0600 then.
func (d *Draft) Text(path string) (text []byte, secrets bool, err error) {
	moved, err := d.movedTo(path)
	if err != nil {
		return nil, false, err
	}
	text, err = moved.YAML()
	if err != nil {
		return nil, false, err
	}
	return d.reveal(text), d.HoldsSecrets(), nil
}

// Saved takes note that Text was written to path, which is the
// configuration's file from now on.
func (d *Draft) Saved(path string) error {
	moved, err := d.movedTo(path)
	if err != nil {
		return err
	}
	d.Config, d.Path = moved, path
	d.Changed()
	d.saved = string(d.reveal([]byte(d.YAML())))
	return nil
}

// Unsaved reports whether Path does not hold the configuration.
func (d *Draft) Unsaved() bool {
	return d.Path == "" || d.saved != string(d.reveal([]byte(d.YAML())))
}

// HoldsSecrets reports whether the configuration has a licence token, or a
// proxy's address with a password.
func (d *Draft) HoldsSecrets() bool {
	spec := &d.Config.Cluster.Spec
	if !spec.LicenseToken.Empty() {
		return true
	}
	proxy := spec.ProxyConfiguration
	return proxy != nil && strings.Contains(proxy.HttpProxy+proxy.HttpsProxy, "@")
}

// Loader is v1alpha1.Load of what a save would write, for the checks and the
// create: the files that the configuration refers to are read. The returned
// function reads files, and may be called from any goroutine.
func (d *Draft) Loader() func() (*v1alpha1.Config, error) {
	name := d.FileName()
	text, _, err := d.Text(name)
	return func() (*v1alpha1.Config, error) {
		if err != nil {
			return nil, err
		}
		return v1alpha1.LoadData(name, text)
	}
}

// reveal puts the licence token, which YAML redacts, where it was. It stands
// in the spec of the first document, and nothing else there begins so with
// this indentation.
func (d *Draft) reveal(text []byte) []byte {
	token := d.Config.Cluster.Spec.LicenseToken
	if token.Empty() {
		return text
	}
	// A string of JSON is one of YAML too, whatever is in it.
	quoted, err := json.Marshal(token.Reveal())
	if err != nil {
		return text
	}
	const field = "\n  licenseToken: "
	return bytes.Replace(text, []byte(field+"'"+secret.Redacted+"'\n"), append([]byte(field), append(quoted, '\n')...), 1)
}

// movedTo is the configuration for a file at path.
func (d *Draft) movedTo(path string) (*v1alpha1.Config, error) {
	site := d.Config.SSHDatacenter
	if d.Path == "" || site == nil {
		return d.Config, nil
	}
	from, err := filepath.Abs(filepath.Dir(d.Path))
	if err != nil {
		return nil, err
	}
	to, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if from == to {
		return d.Config, nil
	}
	absolute := func(path *string) {
		if isRelative(*path) {
			*path = filepath.Join(from, *path)
		}
	}
	config, moved := *d.Config, *site
	moved.Spec.Hosts = append([]v1alpha1.SSHHost(nil), site.Spec.Hosts...)
	for _, path := range []*string{&moved.Spec.HardwareFile, &moved.Spec.KnownHostsFile, &moved.Spec.KeyFile, &moved.Spec.NodeFiles.Location} {
		absolute(path)
	}
	for i := range moved.Spec.Hosts {
		absolute(&moved.Spec.Hosts[i].KeyFile)
	}
	config.SSHDatacenter = &moved
	return &config, nil
}

// isRelative reports whether a path is relative to the configuration's
// folder: no URL, and not below a home folder.
func isRelative(path string) bool {
	return path != "" && !filepath.IsAbs(path) && !strings.HasPrefix(path, "~") && !strings.Contains(path, "://") &&
		!strings.Contains(path, "\n")
}
