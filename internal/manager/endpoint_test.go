package manager

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

func demoCluster(host string) *clusterv1.Cluster {
	return &clusterv1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Namespace: "eksa-system", Name: "demo", UID: "1"},
		Spec:       clusterv1.ClusterSpec{ControlPlaneEndpoint: clusterv1.APIEndpoint{Host: host, Port: 6443}},
	}
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 5*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) { return f(), nil })
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestClusterIsHeldBackUntilItsEndpointAnswers(t *testing.T) {
	cluster := demoCluster("192.0.2.1")
	c := fake.NewClientBuilder().WithScheme(Scheme()).WithObjects(cluster).Build()
	var up atomic.Bool
	var probed atomic.Int32
	e := newEndpoints(t.Context(), c, func(_ context.Context, endpoint string) error {
		if endpoint != "192.0.2.1:6443" {
			t.Errorf("probed %s", endpoint)
		}
		probed.Add(1)
		if up.Load() {
			return nil
		}
		return errors.New("no route to host")
	})
	until(t, "wait for probes", func() bool { return !e.answers(cluster) && probed.Load() > 1 })
	stored := func() *clusterv1.Cluster {
		got := &clusterv1.Cluster{}
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(cluster), got); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if a := stored().Annotations[EndpointAnsweredAnnotation]; a != "" {
		t.Errorf("the Cluster says already that it answers: %s", a)
	}
	up.Store(true)
	until(t, "wait until the Cluster is touched", func() bool { return stored().Annotations[EndpointAnsweredAnnotation] != "" })
	if !e.answers(cluster) {
		t.Error("it is still held back")
	}
	up.Store(false)
	if !e.answers(cluster) {
		t.Error("an endpoint that fails later is held back: that is the cluster cache's own business")
	}
	moved := demoCluster("192.0.2.1")
	moved.UID = "2"
	if e.answers(moved) {
		t.Error("a new Cluster of the same name counts as answering")
	}
}

func TestClusterWithoutEndpointIsHeldBack(t *testing.T) {
	e := newEndpoints(t.Context(), fake.NewClientBuilder().WithScheme(Scheme()).Build(), func(context.Context, string) error {
		t.Error("probed")
		return nil
	})
	if e.answers(demoCluster("")) {
		t.Error("it is not")
	}
}

func TestProbesEndWithTheCluster(t *testing.T) {
	cluster := demoCluster("192.0.2.1")
	c := fake.NewClientBuilder().WithScheme(Scheme()).WithObjects(cluster).Build()
	e := newEndpoints(t.Context(), c, func(context.Context, string) error { return errors.New("no") })
	e.answers(cluster)
	if err := c.Delete(t.Context(), cluster); err != nil {
		t.Fatal(err)
	}
	until(t, "wait until it is forgotten", func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return len(e.states) == 0
	})
}

func TestAnyAnswerOfAnAPIServerIsASignOfLife(t *testing.T) {
	for status, alive := range map[int]bool{
		http.StatusOK: true, http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusNotFound: true,
		http.StatusBadGateway: false, http.StatusServiceUnavailable: false,
	} {
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		err := httpsProbe()(t.Context(), strings.TrimPrefix(server.URL, "https://"))
		if (err == nil) != alive {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
	closed := httptest.NewTLSServer(nil)
	closed.Close()
	if httpsProbe()(t.Context(), strings.TrimPrefix(closed.URL, "https://")) == nil {
		t.Error("a closed port counts as alive")
	}
}
