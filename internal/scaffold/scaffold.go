// Package scaffold writes configuration files to start from.
package scaffold

import (
	_ "embed"
	"fmt"
	"strings"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/internal/failure"
)

//go:embed vsphere.yaml
var vsphere string

//go:embed ssh.yaml
var ssh string

//go:embed tinkerbell.yaml
var tinkerbell string

// placeholder stands for the cluster's name in the files.
const placeholder = "__NAME__"

// Config returns a commented configuration file for a cluster of that name:
// 3 control-plane machines and 2 workers. It is valid as it is, with example
// addresses. The provider is "vsphere", "ssh" or
// "tinkerbell".
//
// Errors are *failure.Error for an unknown provider, and v1alpha1.Problems
// for a name that no cluster can have.
func Config(provider, name string) ([]byte, error) {
	var text string
	switch provider {
	case "vsphere":
		text = vsphere
	case "ssh":
		text = ssh
	case "tinkerbell":
		text = tinkerbell
	default:
		return nil, &failure.Error{
			Code:    failure.Usage,
			Summary: fmt.Sprintf("write a configuration file: there is no provider %q", provider),
			Remedy:  "use vsphere, ssh or tinkerbell",
		}
	}
	data := []byte(strings.ReplaceAll(text, placeholder, name))
	config, problems := v1alpha1.Decode("cluster "+name, data)
	if len(problems) == 0 {
		problems = config.Validate()
	}
	if len(problems) > 0 {
		return nil, problems
	}
	// YAML may read less into the line than was written: "prod # one".
	if config.Cluster.Name != name {
		return nil, &failure.Error{
			Code:    failure.Usage,
			Summary: fmt.Sprintf("write a configuration file: %q is not a valid cluster name", name),
			Remedy:  "use lower-case letters, digits and dashes",
		}
	}
	return data, nil
}
