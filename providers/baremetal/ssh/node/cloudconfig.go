package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"groundwork.dev/bootstrap/internal/failure"
)

const (
	cloudConfigHeader = "#cloud-config"
	// jinjaHeader is cloud-init's mark of a template.
	jinjaHeader = "## template: jinja"
	// sentinel is what Cluster API's kubeadm bootstrap provider writes when
	// kubeadm is through (its contract for bootstrap providers).
	sentinel = "/run/cluster-api/bootstrap-success.complete"
)

// cloudConfig is the part of cloud-init's format that Cluster API's kubeadm
// bootstrap provider emits and that an SSH host can do.
type cloudConfig struct {
	WriteFiles []writeFile `json:"write_files,omitempty"`
	RunCmd     []runCmd    `json:"runcmd,omitempty"`
	Users      []user      `json:"users,omitempty"`
	NTP        *ntp        `json:"ntp,omitempty"`
}

// understood are the keys of a cloudConfig.
var understood = []string{"write_files", "runcmd", "users", "ntp"}

type ntp struct {
	Enabled *bool    `json:"enabled,omitempty"`
	Servers []string `json:"servers,omitempty"`
	Pools   []string `json:"pools,omitempty"`
}

// runCmd is a command for the shell; a list becomes its words.
type runCmd string

// UnmarshalJSON implements json.Unmarshaler.
func (c *runCmd) UnmarshalJSON(data []byte) error {
	var line string
	if json.Unmarshal(data, &line) == nil {
		*c = runCmd(line)
		return nil
	}
	var words []any
	if err := json.Unmarshal(data, &words); err != nil {
		return errors.New("a command of runcmd is neither a text nor a list of words")
	}
	quoted := make([]string, len(words))
	for i, word := range words {
		text, err := scalar(word)
		if err != nil {
			return fmt.Errorf("a word of a command of runcmd: %w", err)
		}
		quoted[i] = quote(text)
	}
	*c = runCmd(strings.Join(quoted, " "))
	return nil
}

// scalar is a YAML scalar as text; what looks like a number may stand without
// quotes where a text is meant.
func scalar(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case nil:
		return "", nil
	case bool:
		return fmt.Sprint(v), nil
	case float64:
		return fmt.Sprint(json.Number(strings.TrimSuffix(fmt.Sprintf("%f", v), ".000000"))), nil
	}
	return "", fmt.Errorf("a text is wanted, not %T", value)
}

// parseCloudConfig reads bootstrap data. What cannot be done on a host is an
// error that names it: a file or user left out in silence would show up much
// later.
func parseCloudConfig(data []byte, meta metadata) (*cloudConfig, error) {
	text := string(data)
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimSpace(first) == jinjaHeader {
		rendered, err := render(rest, meta)
		if err != nil {
			return nil, bootstrapDataError(err)
		}
		text = rendered
	}
	if head, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n"); strings.TrimSpace(head) != cloudConfigHeader {
		return nil, bootstrapDataError(fmt.Errorf("it does not begin with %s", cloudConfigHeader))
	}
	var keys map[string]any
	if err := yaml.Unmarshal([]byte(text), &keys); err != nil {
		return nil, bootstrapDataError(withoutContent(err))
	}
	var unknown []string
	for key := range maps.Keys(keys) {
		if !slices.Contains(understood, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return nil, bootstrapDataError(fmt.Errorf("it has %s; hosts over SSH understand %s",
			strings.Join(unknown, ", "), strings.Join(understood, ", ")))
	}
	var config cloudConfig
	if err := yaml.UnmarshalStrict([]byte(text), &config); err != nil {
		return nil, bootstrapDataError(withoutContent(err))
	}
	return &config, nil
}

func bootstrapDataError(err error) error {
	return &failure.Error{
		Code:    failure.Bootstrap,
		Summary: "the machine's bootstrap data cannot be used on a host over SSH",
		Remedy:  "change the machine's KubeadmConfig, which it is made from",
		Err:     err,
	}
}

// quotedValue is how the YAML decoder quotes what it could not read.
var quotedValue = regexp.MustCompile("`[^`]*`")

// withoutContent keeps a decoder's message and drops what it quotes: values
// are secrets.
func withoutContent(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("%s is no %s", kind.Field, kind.Type)
	}
	return errors.New(redact(quotedValue.ReplaceAllString(strings.Join(strings.Fields(err.Error()), " "), "a value")))
}
