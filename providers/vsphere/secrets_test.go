package vsphere

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/kubeadm"
	"groundwork.dev/bootstrap/providers/manifeststest"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

func TestManifestsHoldNoSecret(t *testing.T) {
	text := manifeststest.YAML(t, fullObjects(t))
	for _, planted := range []string{
		plantedVCenterPassword,
		plantedRegistryPassword,
		base64.StdEncoding.EncodeToString([]byte(plantedVCenterPassword)),
		base64.StdEncoding.EncodeToString([]byte("puller:" + plantedRegistryPassword)),
		base64.StdEncoding.EncodeToString([]byte(plantedRegistryPassword)),
	} {
		if bytes.Contains(text, []byte(planted)) {
			t.Errorf("the manifests contain %q", planted)
		}
	}
}

func TestCredentialsHoldWhatTheManifestsRefer(t *testing.T) {
	objects, err := newProvider(t, fullConfig(t, nil)).Credentials()
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]map[string][]byte{}
	for _, object := range objects {
		s := object.(*corev1.Secret)
		if s.Namespace != providers.Namespace {
			t.Errorf("Secret %s is in %q", s.Name, s.Namespace)
		}
		data[s.Name] = s.Data
	}
	identity := data["full-vsphere-credentials"]
	if string(identity["username"]) != "installer@vsphere.local" || string(identity["password"]) != plantedVCenterPassword {
		t.Errorf("the vCenter's credentials are %q", identity)
	}
	authorization := "Basic " + base64.StdEncoding.EncodeToString([]byte("puller:"+plantedRegistryPassword))
	manifests := string(manifeststest.YAML(t, fullObjects(t)))
	for _, key := range []string{"registry.example.com-5000.hosts.toml", "public.ecr.aws.hosts.toml", "registry.k8s.io.hosts.toml"} {
		if !strings.Contains(string(data["full-node-files"][key]), authorization) {
			t.Errorf("%s does not authenticate: %q", key, data["full-node-files"][key])
		}
		if !strings.Contains(manifests, "key: "+key) {
			t.Errorf("no manifest refers to %s", key)
		}
	}
}

func TestMissingCredentialsSayWhereToPutThem(t *testing.T) {
	p := newProvider(t, fullConfig(t, nil))
	for name, test := range map[string]struct {
		change func(*Options)
		remedy string
	}{
		"vCenter":  {func(o *Options) { o.Credentials = vcenter.Credentials{} }, "EKSA_VSPHERE_PASSWORD"},
		"registry": {func(o *Options) { o.Registry = kubeadm.Credentials{Username: "puller"} }, "REGISTRY_PASSWORD"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := p.options
			test.change(&changed)
			without, err := New(changed)
			if err != nil {
				t.Fatal(err)
			}
			_, err = without.Credentials()
			var failed *failure.Error
			if !errors.As(err, &failed) || !strings.Contains(failed.Remedy, test.remedy) {
				t.Errorf("got %v, remedy %q", err, failure.Remedy(err))
			}
		})
	}
}
