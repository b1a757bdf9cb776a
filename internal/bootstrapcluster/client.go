package bootstrapcluster

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/internal/bootstrapcluster/controlplane"
	"groundwork.dev/bootstrap/internal/manager"
)

// connect makes the client of a cluster that is ready.
func (c *Cluster) connect() error {
	ca, err := os.ReadFile(filepath.Join(c.options.Dir, controlplane.CAFile))
	if err != nil {
		return fmt.Errorf("read the bootstrap cluster's certificate: %w", err)
	}
	token, err := controlplane.Token(c.options.Dir)
	if err != nil {
		return fmt.Errorf("read the bootstrap cluster's token: %w", err)
	}
	c.config = &rest.Config{
		Host:            "https://" + c.address,
		BearerToken:     token.Reveal(),
		TLSClientConfig: rest.TLSClientConfig{CAData: ca, ServerName: controlplane.ServerName},
		QPS:             -1,
		UserAgent:       "groundwork",
		WarningHandler:  rest.NoWarnings{},
		Proxy:           func(*http.Request) (*url.URL, error) { return nil, nil },
		Dial:            c.dial,
	}
	c.client, err = client.New(c.config, client.Options{Scheme: manager.Scheme()})
	if err != nil {
		return fmt.Errorf("make the bootstrap cluster's client: %w", err)
	}
	return nil
}

// dial goes where the API server is now, whatever address it had when the
// client was made.
func (c *Cluster) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	address, err := c.currentAddress(ctx)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}
