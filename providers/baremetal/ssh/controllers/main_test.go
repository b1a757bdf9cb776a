package controllers_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"groundwork.dev/bootstrap/internal/bootstrapcluster"
)

// TestMain lets the test program be the API server that the tests share.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == bootstrapcluster.Command {
		ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err := bootstrapcluster.Main(ctx, os.Args[2:])
		cancel()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	ctrl.SetLogger(log.Log.WithSink(log.NullLogSink{}))
	code := m.Run()
	if err := stopAPIServer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// apiServer is one API server for all tests; each has a namespace of its own.
var apiServer = sync.OnceValues(func() (*bootstrapcluster.Cluster, error) {
	dir, err := os.MkdirTemp("", "ssh-controllers-test-")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c, err := bootstrapcluster.Start(ctx, bootstrapcluster.Options{Dir: dir, Bare: true})
	if err != nil {
		return nil, err
	}
	started, startedDir = c, dir
	return c, withoutWebhooks(ctx, c.Client())
})

// withoutWebhooks takes away the webhooks, which are in the controllers' part
// that a bare API server lacks, and waits until none is called.
func withoutWebhooks(ctx context.Context, c client.Client) error {
	for _, kind := range []client.Object{
		&admissionv1.MutatingWebhookConfiguration{}, &admissionv1.ValidatingWebhookConfiguration{},
	} {
		if err := c.DeleteAllOf(ctx, kind); err != nil {
			return err
		}
	}
	return wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		probe := &clusterv1.Cluster{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "probe"}}
		probe.Spec.ControlPlaneEndpoint = clusterv1.APIEndpoint{Host: "192.0.2.1", Port: 6443}
		return c.Create(ctx, probe, client.DryRunAll) == nil, nil
	})
}

var (
	started    *bootstrapcluster.Cluster
	startedDir string
)

func stopAPIServer() error {
	if started == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := started.Stop(ctx); err != nil {
		return err
	}
	return os.RemoveAll(startedDir)
}
