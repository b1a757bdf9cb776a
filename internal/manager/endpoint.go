package manager

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// EndpointAnsweredAnnotation is set on a Cluster, to the time, when its
// control plane endpoint first answers after the manager's start.
const EndpointAnsweredAnnotation = "groundwork.dev/endpoint-answered"

const (
	firstProbeInterval = 100 * time.Millisecond
	maxProbeInterval   = time.Second
	probeTimeout       = 5 * time.Second
)

// Probe reports by nil that an API server answers at host:port.
type Probe func(ctx context.Context, endpoint string) error

// endpoints keeps the cluster cache from trying a control plane endpoint that
// does not answer yet: after one failure it would wait 30 s, however soon the
// API server comes up.
type endpoints struct {
	ctx    context.Context
	client client.Client
	probe  Probe

	mu sync.Mutex
	// states has an entry for each Cluster that was asked for.
	states map[types.UID]*endpoint
}

type endpoint struct {
	address  string
	answered bool
	cancel   context.CancelFunc
}

func newEndpoints(ctx context.Context, c client.Client, probe Probe) *endpoints {
	if probe == nil {
		probe = httpsProbe()
	}
	return &endpoints{ctx: ctx, client: c, probe: probe, states: map[types.UID]*endpoint{}}
}

// answers is the cluster cache's filter. Once an endpoint has answered it
// stays in: from then on the cluster cache's own health probe decides. Until
// then each is probed in the background, and its Cluster touched when it
// answers, which is what makes the cluster cache ask again.
func (e *endpoints) answers(cluster *clusterv1.Cluster) bool {
	if !cluster.Spec.ControlPlaneEndpoint.IsValid() {
		return false
	}
	address := cluster.Spec.ControlPlaneEndpoint.String()
	e.mu.Lock()
	defer e.mu.Unlock()
	state := e.states[cluster.UID]
	if state != nil && state.address == address {
		return state.answered
	}
	if state != nil {
		state.cancel()
	}
	ctx, cancel := context.WithCancel(e.ctx)
	state = &endpoint{address: address, cancel: cancel}
	e.states[cluster.UID] = state
	go e.watch(ctx, client.ObjectKeyFromObject(cluster), cluster.UID, state)
	return false
}

// watch probes until the endpoint answers and the Cluster says so, or the
// Cluster is gone.
func (e *endpoints) watch(ctx context.Context, key client.ObjectKey, uid types.UID, state *endpoint) {
	defer state.cancel()
	log := ctrl.Log.WithName("endpoints").WithValues("cluster", key, "endpoint", state.address)
	last := ""
	for interval := firstProbeInterval; ; interval = min(interval*3/2, maxProbeInterval) {
		cluster := &clusterv1.Cluster{}
		err := e.client.Get(ctx, key, cluster)
		if apierrors.IsNotFound(err) || err == nil && cluster.UID != uid {
			e.forget(uid, state)
			return
		}
		if err == nil {
			err = e.probe(ctx, state.address)
		}
		if err == nil {
			e.mu.Lock()
			state.answered = true
			e.mu.Unlock()
			err = e.touch(ctx, cluster)
		}
		if err == nil {
			log.Info("the control plane endpoint answers")
			return
		}
		if text := err.Error(); text != last {
			log.Info("the control plane endpoint does not answer yet", "error", text)
			last = text
		}
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return
		}
	}
}

func (e *endpoints) touch(ctx context.Context, cluster *clusterv1.Cluster) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`,
		EndpointAnsweredAnnotation, time.Now().UTC().Format(time.RFC3339Nano))
	err := e.client.Patch(ctx, cluster, client.RawPatch(types.MergePatchType, []byte(patch)))
	return client.IgnoreNotFound(err)
}

func (e *endpoints) forget(uid types.UID, state *endpoint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.states[uid] == state {
		delete(e.states, uid)
	}
}

// httpsProbe takes any answer below 500 for a sign of life: an API server
// refuses a stranger with 401 or 403, a load balancer without a server behind
// it says 502 or 503. Neither is told anything, nor is the answer believed:
// the certificate is checked where the real connection is made.
func httpsProbe() Probe {
	transport := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		DisableKeepAlives: true,
	}
	http := &http.Client{Transport: transport, Timeout: probeTimeout}
	return func(ctx context.Context, endpoint string) error {
		request, err := newProbeRequest(ctx, endpoint)
		if err != nil {
			return err
		}
		response, err := http.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4096))
		if response.StatusCode >= 500 {
			return fmt.Errorf("%s answers %s", endpoint, response.Status)
		}
		return nil
	}
}

func newProbeRequest(ctx context.Context, endpoint string) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, "https://"+endpoint+"/livez", http.NoBody)
}
