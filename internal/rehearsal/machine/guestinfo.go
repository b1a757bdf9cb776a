// Package machine is what a simulated virtual machine knows: its guestinfo,
// as cloud-init and kubeadm read it on a real one, and nothing else. What a
// real machine could not start with, it cannot start with either.
package machine

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// The keys of the extra configuration that cloud-init's VMware data source
// reads.
const (
	metadataKey = "guestinfo.metadata"
	userdataKey = "guestinfo.userdata"
	encoding    = ".encoding"
)

// maxGuestinfo bounds what is unpacked: a compressed userdata could be a bomb.
const maxGuestinfo = 16 << 20

// Metadata is the machine's own name and network.
type Metadata struct {
	InstanceID string `json:"instance-id"`
	Hostname   string `json:"local-hostname"`
	Network    struct {
		Ethernets map[string]struct {
			Match struct {
				MAC string `json:"macaddress"`
			} `json:"match"`
			DHCP4     bool     `json:"dhcp4"`
			DHCP6     bool     `json:"dhcp6"`
			Addresses []string `json:"addresses"`
		} `json:"ethernets"`
	} `json:"network"`
}

// ReadMetadata reads guestinfo.metadata from a machine's extra configuration.
func ReadMetadata(config map[string]string) (*Metadata, error) {
	data, err := decode(config, metadataKey)
	if err != nil {
		return nil, err
	}
	m := &Metadata{}
	if err := yaml.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%s is not YAML: %w", metadataKey, err)
	}
	if m.Hostname == "" {
		return nil, fmt.Errorf("%s has no local-hostname", metadataKey)
	}
	return m, nil
}

// Static is the address that the metadata gives the card with a MAC; false
// where it asks for DHCP or does not know the card.
func (m *Metadata) Static(mac string) (netip.Prefix, bool) {
	for _, card := range m.Network.Ethernets {
		if !strings.EqualFold(card.Match.MAC, mac) {
			continue
		}
		for _, text := range card.Addresses {
			if address, err := netip.ParsePrefix(text); err == nil {
				return address, true
			}
		}
	}
	return netip.Prefix{}, false
}

// decode is the value of a guestinfo key without its encoding.
func decode(config map[string]string, key string) ([]byte, error) {
	value := config[key]
	if value == "" {
		return nil, fmt.Errorf("%s is empty: cloud-init finds nothing to do", key)
	}
	data, err := unpack([]byte(value), config[key+encoding])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return data, nil
}

// unpack undoes one of the encodings that cloud-init knows, in guestinfo and
// in write_files.
func unpack(data []byte, encoding string) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "text/plain":
		return data, nil
	case "base64", "b64":
		return fromBase64(data)
	case "gz", "gzip":
		return gunzip(data)
	case "gzip+base64", "gz+base64", "gzip+b64", "gz+b64":
		plain, err := fromBase64(data)
		if err != nil {
			return nil, err
		}
		return gunzip(plain)
	}
	return nil, fmt.Errorf("cloud-init does not know the encoding %q", encoding)
}

func fromBase64(data []byte) ([]byte, error) {
	plain, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(data), nil)))
	if err != nil {
		return nil, fmt.Errorf("it is not base64: %w", err)
	}
	return plain, nil
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is not gzip: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxGuestinfo))
	if err != nil {
		return nil, fmt.Errorf("it is not gzip: %w", err)
	}
	return plain, nil
}

var jinja = regexp.MustCompile(`\{\{-?\s*(.*?)\s*-?\}\}|\{%`)

// render fills in what a jinja template asks of the metadata. cloud-init puts
// a marker in the place of what it does not know; here that is an error.
func render(text string, m *Metadata, address string) (string, error) {
	known := map[string]string{
		"ds.meta_data.hostname": m.Hostname, "ds.meta_data.local_hostname": m.Hostname, "v1.local_hostname": m.Hostname,
		"ds.meta_data.instance_id": m.InstanceID, "v1.instance_id": m.InstanceID,
		"ds.meta_data.local_ipv4": address,
	}
	var unknown []string
	text = jinja.ReplaceAllStringFunc(text, func(match string) string {
		name := strings.Trim(match, "{}- \t")
		value, ok := known[name]
		if !ok && !slices.Contains(unknown, match) {
			unknown = append(unknown, match)
		}
		return value
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("cloud-init knows no value for %s", strings.Join(unknown, ", "))
	}
	return text, nil
}

// cloudConfig is a #cloud-config, as far as it matters to a cluster.
type cloudConfig struct {
	WriteFiles []struct {
		Path     string `json:"path"`
		Content  string `json:"content"`
		Encoding string `json:"encoding"`
		Append   bool   `json:"append"`
	} `json:"write_files"`
	RunCmd []any `json:"runcmd"`
	Users  []any `json:"users"`
}

// readCloudConfig reads guestinfo.userdata.
func readCloudConfig(config map[string]string, m *Metadata, address string) (*cloudConfig, error) {
	data, err := decode(config, userdataKey)
	if err != nil {
		return nil, err
	}
	text := string(data)
	if rest, ok := strings.CutPrefix(text, "## template: jinja\n"); ok {
		if text, err = render(rest, m, address); err != nil {
			return nil, fmt.Errorf("%s: %w", userdataKey, err)
		}
	}
	if !strings.HasPrefix(text, "#cloud-config") {
		return nil, errors.New(userdataKey + " is not a #cloud-config")
	}
	c := &cloudConfig{}
	if err := yaml.Unmarshal([]byte(text), c); err != nil {
		return nil, fmt.Errorf("%s is not YAML: %w", userdataKey, err)
	}
	return c, nil
}

// files are the files that the machine has after write_files.
func (c *cloudConfig) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, f := range c.WriteFiles {
		content, err := unpack([]byte(f.Content), f.Encoding)
		if err != nil {
			return nil, fmt.Errorf("write_files %s: %w", f.Path, err)
		}
		if f.Append {
			content = append(files[f.Path], content...)
		}
		files[f.Path] = content
	}
	return files, nil
}

// setsProviderID reports whether a command runs a script of the machine that
// writes a provider ID into the kubelet's configuration.
func (c *cloudConfig) setsProviderID(files map[string][]byte) bool {
	for name, content := range files {
		if !bytes.Contains(content, []byte("providerID: vsphere://")) {
			continue
		}
		for _, command := range c.commands() {
			if strings.Contains(command, name) {
				return true
			}
		}
	}
	return false
}

// commands are runcmd as lines of a shell.
func (c *cloudConfig) commands() []string {
	var lines []string
	for _, command := range c.RunCmd {
		switch v := command.(type) {
		case string:
			lines = append(lines, v)
		case []any:
			words := make([]string, len(v))
			for i, word := range v {
				words[i] = fmt.Sprint(word)
			}
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return lines
}
