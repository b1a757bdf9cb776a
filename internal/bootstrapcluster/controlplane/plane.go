package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"groundwork.dev/bootstrap/internal/manager"
)

// plane is a control plane and its parts, as far as they exist.
type plane struct {
	options   Options
	log       *slog.Logger
	logWriter io.Writer
	reports   *reporter

	identity    *identity
	apiListener net.Listener
	webhooks    *webhookServer
	parts       *components
	client      *rest.Config
	http        *http.Client

	apiServer *apiServer
	manager   *manager.Manager
}

// prepare makes what needs nothing but the folder.
func (p *plane) prepare() error {
	var err error
	if p.identity, err = loadIdentity(p.options.Dir); err != nil {
		return fmt.Errorf("load the control plane's identity: %w", err)
	}
	apiServer, webhooks, err := p.identity.listeners()
	if err != nil {
		return fmt.Errorf("open the control plane's ports: %w", err)
	}
	p.apiListener = apiServer
	serving, err := p.identity.tlsConfig("webhooks")
	if err != nil {
		return fmt.Errorf("make the webhooks' certificate: %w", err)
	}
	p.webhooks = newWebhookServer(webhooks, serving)
	if p.parts, err = loadComponents(p.webhooks.url(), p.identity.caPEM); err != nil {
		return err
	}
	token, err := Token(p.options.Dir)
	if err != nil {
		return fmt.Errorf("read the control plane's token: %w", err)
	}
	p.client = &rest.Config{
		Host: "https://" + apiServer.Addr().String(), BearerToken: token.Reveal(),
		TLSClientConfig: rest.TLSClientConfig{CAData: p.identity.caPEM, ServerName: serverName},
		Proxy:           noProxy,
	}
	p.http, err = rest.HTTPClientFor(p.client)
	return err
}

// noProxy: what is on loopback is nobody else's business.
func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// setUp sets the parts up side by side. The API server needs etcd for the
// second half of it; the manager, which takes the longest, needs neither.
func (p *plane) setUp(ctx context.Context, running *tasks) error {
	group, ctx := errgroup.WithContext(ctx)
	etcdReady := make(chan struct{})
	group.Go(func() error {
		etcd, err := startEtcd(ctx, p.logWriter)
		if err != nil {
			return err
		}
		running.start("etcd", func(ctx context.Context) error { return runEtcd(ctx, etcd) })
		p.reports.stage(StageEtcd)
		if err := p.parts.install(ctx, etcdClient(etcd)); err != nil {
			return err
		}
		close(etcdReady)
		return nil
	})
	group.Go(func() error {
		var err error
		if p.apiServer, err = configureAPIServer(running.ctx, p.identity, p.apiListener); err != nil {
			return err
		}
		select {
		case <-etcdReady:
			return p.apiServer.build(p.parts.crds)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	group.Go(func() error {
		if p.options.Bare {
			return nil
		}
		mapper, err := newMapper(p.parts.crds, p.client, p.http)
		if err != nil {
			return err
		}
		p.manager, err = manager.New(running.ctx, manager.Options{
			Config: p.client, Mapper: mapper, Webhooks: p.webhooks,
			MachineSetPreflightChecks: p.options.MachineSetPreflightChecks,
		})
		return err
	})
	return group.Wait()
}

// runEtcd closes etcd's files when ctx ends.
func runEtcd(ctx context.Context, etcd *embed.Etcd) error {
	defer etcd.Close()
	select {
	case err := <-etcd.Err():
		return err
	case <-ctx.Done():
		return nil
	}
}

// waitAPIServer waits until the API server says that it is ready. What it
// answered last is logged where that takes long.
func (p *plane) waitAPIServer(ctx context.Context) error {
	const patience = 10 * time.Second
	began, told := time.Now(), false
	return wait.PollUntilContextCancel(ctx, 5*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		answer, err := p.readyz(ctx)
		if err == nil {
			return true, nil
		}
		if !told && time.Since(began) > patience {
			told = true
			p.log.Warn("the API server is not ready yet", "error", err, "answer", answer)
		}
		return false, ctx.Err()
	})
}

func (p *plane) readyz(ctx context.Context) (answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.client.Host+"/readyz", http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := p.http.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("readyz: %s", response.Status)
	}
	return string(body), errors.Join(err, response.Body.Close())
}

// waitCRDs waits until the API server says that it serves every version of
// every CRD.
func (p *plane) waitCRDs(ctx context.Context) error {
	client, err := discovery.NewDiscoveryClientForConfigAndClient(p.client, p.http)
	if err != nil {
		return err
	}
	return wait.PollUntilContextCancel(ctx, 10*time.Millisecond, true, func(context.Context) (bool, error) {
		_, lists, err := client.ServerGroupsAndResources()
		if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
			return false, nil // asked again
		}
		served := map[schema.GroupVersionResource]bool{}
		for _, list := range lists {
			gv, err := schema.ParseGroupVersion(list.GroupVersion)
			if err != nil {
				return false, err
			}
			for i := range list.APIResources {
				served[gv.WithResource(list.APIResources[i].Name)] = true
			}
		}
		for _, crd := range p.parts.crds {
			for i := range crd.Spec.Versions {
				if !served[schema.GroupVersionResource{Group: crd.Spec.Group, Version: crd.Spec.Versions[i].Name, Resource: crd.Spec.Names.Plural}] {
					return false, nil
				}
			}
		}
		return true, nil
	})
}
