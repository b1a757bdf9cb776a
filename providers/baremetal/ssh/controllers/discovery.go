package controllers

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	bootstrapapi "k8s.io/cluster-bootstrap/token/api"
)

// discovery is what a machine joins with: a control plane endpoint and the ID,
// which is no secret, of a bootstrap token.
type discovery struct{ endpoint, tokenID string }

var (
	joinEndpoint = regexp.MustCompile(`\bapiServerEndpoint: "?([^"\s]+)`)
	joinToken    = regexp.MustCompile(`\btoken: "?([a-z0-9]{6})\.[a-z0-9]{16}\b`)
)

// discoveryOf finds it in bootstrap data; the zero value is that of a machine
// that does not join by token.
func discoveryOf(bootstrapData []byte) discovery {
	endpoint, token := joinEndpoint.FindSubmatch(bootstrapData), joinToken.FindSubmatch(bootstrapData)
	if endpoint == nil || token == nil {
		return discovery{}
	}
	return discovery{string(endpoint[1]), string(token[1])}
}

// awaitSignature waits until what kubeadm join reads first is signed for the
// machine's token. kubeadm that comes a moment too early looks again only
// after 5 s (constants.DiscoveryRetryInterval), and twice. Nothing depends on
// it: it ends without an error after a while, also where the endpoint cannot
// be reached from here.
func (r *machineReconciler) awaitSignature(ctx context.Context, d discovery, tell func(message string)) {
	if d == (discovery{}) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.timing.signature)
	defer cancel()
	for !r.signed(ctx, d) {
		tell("waiting until the control plane knows the token to join with")
		if sleep(ctx, r.timing.signaturePoll) != nil {
			return
		}
	}
}

// clusterInfoSigned asks the API server as anybody may. kubeadm verifies what
// it reads; here it only counts that it is there.
func clusterInfoSigned() func(context.Context, discovery) bool {
	client := &http.Client{
		Timeout: 2 * time.Second,
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
			IdleConnTimeout: 10 * time.Second,
		},
	}
	return func(ctx context.Context, d discovery) bool {
		url := fmt.Sprintf("https://%s/api/v1/namespaces/kube-public/configmaps/%s", d.endpoint, bootstrapapi.ConfigMapClusterInfo)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false
		}
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		var info struct {
			Data map[string]string `json:"data"`
		}
		if json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&info) != nil {
			return false
		}
		return info.Data[bootstrapapi.JWSSignatureKeyPrefix+d.tokenID] != ""
	}
}
