package peer

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"groundwork.dev/bootstrap/manifests"
)

func testWebhooks() *Webhooks {
	return &Webhooks{CA: []byte("authority"), Ports: map[Name]int{Core: 1, KubeadmBootstrap: 2, KubeadmControlPlane: 3, VSphere: 4}}
}

// definition is a manifest as manifests.CRDs returns it.
func definition(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	for _, data := range manifests.CRDs() {
		object, err := testWebhooks().aimed(data)
		if err != nil {
			t.Fatal(err)
		}
		if object.GetName() == name {
			return object
		}
	}
	t.Fatalf("there is no definition %s", name)
	return nil
}

func TestConversionLeadsToTheDefinitionsManager(t *testing.T) {
	for name, port := range map[string]int{
		"machines.cluster.x-k8s.io":                          1,
		"ipaddresses.ipam.cluster.x-k8s.io":                  1,
		"kubeadmconfigs.bootstrap.cluster.x-k8s.io":          2,
		"kubeadmcontrolplanes.controlplane.cluster.x-k8s.io": 3,
		"vspherevms.infrastructure.cluster.x-k8s.io":         4,
	} {
		got, _, err := unstructured.NestedMap(definition(t, name).Object, "spec", "conversion", "webhook", "clientConfig")
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{
			"url":      fmt.Sprintf("https://127.0.0.1:%d/convert", port),
			"caBundle": base64.StdEncoding.EncodeToString([]byte("authority")),
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s converts at %v, want %v", name, got, want)
		}
	}
}

func TestEveryWebhookLeadsToItsManager(t *testing.T) {
	ports := map[string]int{"capi": 1, "capi-kubeadm-bootstrap": 2, "capi-kubeadm-control-plane": 3, "capv": 4}
	count := 0
	for _, data := range manifests.WebhookConfigurations() {
		object, err := testWebhooks().aimed(data)
		if err != nil {
			t.Fatal(err)
		}
		prefix := strings.NewReplacer("-mutating-webhook-configuration", "", "-validating-webhook-configuration", "").Replace(object.GetName())
		webhooks, _, err := unstructured.NestedSlice(object.Object, "webhooks")
		if err != nil {
			t.Fatal(err)
		}
		for _, webhook := range webhooks {
			count++
			url, _, _ := unstructured.NestedString(webhook.(map[string]any), "clientConfig", "url")
			if want := fmt.Sprintf("https://127.0.0.1:%d/", ports[prefix]); ports[prefix] == 0 || !strings.HasPrefix(url, want) || url == want {
				t.Errorf("a webhook of %s is at %s, want %s…", object.GetName(), url, want)
			}
			if _, found, _ := unstructured.NestedMap(webhook.(map[string]any), "clientConfig", "service"); found {
				t.Errorf("a webhook of %s still names a service", object.GetName())
			}
		}
	}
	if count == 0 {
		t.Error("there are no webhooks")
	}
}

func TestAimedRefusesAStrangersWebhooks(t *testing.T) {
	data, err := json.Marshal(map[string]any{
		"kind": "CustomResourceDefinition", "metadata": map[string]any{"name": "strange"},
		"spec": map[string]any{"conversion": map[string]any{"webhook": map[string]any{"clientConfig": map[string]any{}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testWebhooks().aimed(data); err == nil || !strings.Contains(err.Error(), "strange") {
		t.Errorf("got %v, want an error that names the definition", err)
	}
}

func TestCertificateServesLoopback(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certs")
	w, err := NewWebhooks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Ports) != len(managers) {
		t.Errorf("there are ports for %v, want all %d managers", w.Ports, len(managers))
	}
	certificate, err := tls.LoadX509KeyPair(filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(w.CA) {
		t.Fatal("the authority is not a certificate")
	}
	server, peer := net.Pipe()
	go func() { _ = tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake() }()
	if err := tls.Client(peer, &tls.Config{RootCAs: roots, ServerName: loopback}).Handshake(); err != nil {
		t.Error(err)
	}
}
