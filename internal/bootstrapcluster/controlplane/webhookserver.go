package controlplane

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// webhookServer serves the manager's webhooks on a listener that is open
// already, so that its address can be written into the CRDs before.
type webhookServer struct {
	listener net.Listener
	tls      *tls.Config
	mux      *http.ServeMux
	started  chan struct{}
	once     sync.Once
}

var _ webhook.Server = &webhookServer{}

func newWebhookServer(l net.Listener, config *tls.Config) *webhookServer {
	return &webhookServer{listener: l, tls: config, mux: http.NewServeMux(), started: make(chan struct{})}
}

func (w *webhookServer) url() string { return "https://" + w.listener.Addr().String() }

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (*webhookServer) NeedLeaderElection() bool { return false }

// Register implements webhook.Server.
func (w *webhookServer) Register(path string, hook http.Handler) { w.mux.Handle(path, hook) }

// WebhookMux implements webhook.Server.
func (w *webhookServer) WebhookMux() *http.ServeMux { return w.mux }

// StartedChecker implements webhook.Server.
func (w *webhookServer) StartedChecker() healthz.Checker {
	return func(*http.Request) error {
		select {
		case <-w.started:
			return nil
		default:
			return errors.New("the webhooks are not served yet")
		}
	}
}

// waitReady waits until the webhooks are served.
func (w *webhookServer) waitReady(ctx context.Context) error {
	select {
	case <-w.started:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Start implements manager.Runnable.
func (w *webhookServer) Start(ctx context.Context) error {
	server := &http.Server{
		Handler: w.mux, TLSConfig: w.tls, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	})
	defer stop()
	w.once.Do(func() { close(w.started) }) // what arrives before the next line waits in the listener
	if err := server.ServeTLS(w.listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve webhooks: %w", err)
	}
	return nil
}
