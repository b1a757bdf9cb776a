package controllers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/cluster-api/util/conditions"

	infrav1 "groundwork.dev/bootstrap/providers/baremetal/ssh/api/v1alpha1"
)

// joinData is bootstrap data that joins at the endpoint.
func joinData(endpoint string) string {
	return fmt.Sprintf(`## template: jinja
#cloud-config
write_files:
-   path: /run/kubeadm/kubeadm-join-config.yaml
    content: |
      apiVersion: kubeadm.k8s.io/v1beta4
      discovery:
        bootstrapToken:
          apiServerEndpoint: %s
          token: abc123.0123456789abcdef
      kind: JoinConfiguration
runcmd:
  - kubeadm join
`, endpoint)
}

func (s *site) addJoiningMachine(name, endpoint string) {
	s.Helper()
	s.create(&corev1.Secret{ObjectMeta: s.meta(name + "-data"), Data: map[string][]byte{"value": []byte(joinData(endpoint)), "format": []byte("cloud-config")}})
	s.addMachineWithout(name, ptr.To(name+"-data"))
}

func TestMachineJoinsOnceItsTokenIsSigned(t *testing.T) {
	var signed atomic.Bool
	var asked atomic.Int32
	api := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/namespaces/kube-public/configmaps/cluster-info" {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		key := "jws-kubeconfig-zzzzzz" // another machine's
		if signed.Load() {
			key = "jws-kubeconfig-abc123"
		}
		fmt.Fprintf(w, `{"data":{"kubeconfig":"…",%q:"a..b"}}`, key)
	}))
	t.Cleanup(api.Close)
	s := newSite(t, 1, never)
	s.addJoiningMachine("a", strings.TrimPrefix(api.URL, "https://"))
	s.until("it says what it waits for", func() bool {
		return conditions.GetMessage(s.machine("a"), infrav1.MachineReadyCondition) == "waiting until the control plane knows the token to join with"
	})
	if asked.Load() == 0 || s.fake(0).bootstraps != 0 {
		t.Errorf("asked %d times, and it joins already: %d", asked.Load(), s.fake(0).bootstraps)
	}
	signed.Store(true)
	s.untilReady("a")
}

// Where the endpoint cannot be asked, kubeadm waits itself.
func TestMachineJoinsWithoutAnAnswerAboutItsToken(t *testing.T) {
	api := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(api.Close)
	s := newSite(t, 1, 100*time.Millisecond)
	s.addJoiningMachine("a", strings.TrimPrefix(api.URL, "https://"))
	s.untilReady("a")
}
