package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/hack/peer"
	"groundwork.dev/bootstrap/internal/apply"
	"groundwork.dev/bootstrap/internal/bootstrapcluster"
	"groundwork.dev/bootstrap/internal/plan"
	"groundwork.dev/bootstrap/internal/progress"
	"groundwork.dev/bootstrap/internal/rehearsal"
	"groundwork.dev/bootstrap/providers"
	"groundwork.dev/bootstrap/providers/vsphere/vcenter"
)

// driven is how long one set of controllers took to make the example's 3+2
// machines, from the first object to a cluster that is available, and the
// memory of the controllers at the end.
type driven struct{ start, create, memory float64 }

// benchPeer has the same objects driven by our controllers and by the stock
// managers, over the same API server and the same simulated site.
func benchPeer(ctx context.Context, s *suite) error {
	binaries, err := peer.Build(ctx, "")
	if err != nil {
		return err
	}
	var ours, stock []driven
	for i := range s.runs {
		if err := s.drive(ctx, fmt.Sprintf("ours-%d", i), nil, &ours); err != nil {
			return err
		}
		if err := s.drive(ctx, fmt.Sprintf("stock-%d", i), binaries, &stock); err != nil {
			return err
		}
	}
	of := func(runs []driven, value func(driven) float64) float64 {
		var values []float64
		for _, r := range runs {
			values = append(values, value(r))
		}
		return median(values)
	}
	var rows [][]string
	for _, figure := range []struct {
		name  string
		value func(driven) float64
	}{
		{"s until API server and controllers are ready", func(d driven) float64 { return d.start }},
		{"s from the first object to an available cluster", func(d driven) float64 { return d.create }},
		{"MiB of API server and controllers at the end", func(d driven) float64 { return d.memory }},
	} {
		a, b := of(ours, figure.value), of(stock, figure.value)
		rows = append(rows, []string{figure.name, fmt.Sprintf("%.1f", a), fmt.Sprintf("%.1f", b), fmt.Sprintf("%.2f", a/b)})
	}
	table("The same 3+2 machines by the stock managers", []string{"median", "Groundwork", "stock managers", "ratio"}, rows)
	return nil
}

// drive makes the example once: with the stock managers where there are
// binaries, else with our controllers.
func (s *suite) drive(ctx context.Context, name string, binaries peer.Binaries, results *[]driven) (err error) {
	dir := filepath.Join(s.dir, name)
	site, p, err := simulate(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Close()) }()

	begun := time.Now()
	cluster, err := bootstrapcluster.Start(ctx, bootstrapcluster.Options{
		Dir: filepath.Join(dir, "cluster"), Executable: s.binary, Env: site.Env(), Bare: binaries != nil,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Stop(context.WithoutCancel(ctx))) }()
	var managers *peer.Managers
	if binaries != nil {
		if managers, err = startManagers(ctx, dir, cluster, binaries, site.Env()); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, managers.Stop(context.WithoutCancel(ctx))) }()
	}
	result := driven{start: time.Since(begun).Seconds()}

	begun = time.Now()
	if err := makeCluster(ctx, cluster.Client(), p); err != nil {
		return err
	}
	result.create = time.Since(begun).Seconds()
	for _, pid := range children(os.Getpid()) {
		result.memory += highWater(pid)
	}
	*results = append(*results, result)
	return nil
}

// simulate starts the simulated site of the example, and plans for it.
func simulate(ctx context.Context, dir string) (*rehearsal.Site, *plan.Plan, error) {
	cfg, err := v1alpha1.Load(exampleFile)
	if err != nil {
		return nil, nil, err
	}
	site, err := rehearsal.Start(ctx, rehearsal.Options{
		Config: cfg, Dir: filepath.Join(dir, "site"), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, nil, err
	}
	login := site.Credentials()
	p, err := plan.New(cfg, "", plan.Access{
		Credentials: vcenter.Credentials{Username: login.Username, Password: login.Password},
		Thumbprint:  site.Thumbprint(), Proxy: http.ProxyURL(site.ProxyURL()),
	})
	if err != nil {
		return nil, nil, errors.Join(err, site.Close())
	}
	return site, p, nil
}

func startManagers(ctx context.Context, dir string, cluster *bootstrapcluster.Cluster, binaries peer.Binaries, env []string) (*peer.Managers, error) {
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := writeKubeconfig(kubeconfig, cluster.RESTConfig()); err != nil {
		return nil, err
	}
	webhooks, err := peer.NewWebhooks(filepath.Join(dir, "webhooks"))
	if err != nil {
		return nil, err
	}
	if err := webhooks.Install(ctx, cluster.Client()); err != nil {
		return nil, err
	}
	return peer.Start(ctx, peer.Options{
		Binaries: binaries, Kubeconfig: kubeconfig, Webhooks: webhooks, LogDir: filepath.Join(dir, "logs"), Env: env,
	})
}

func writeKubeconfig(path string, c *rest.Config) error {
	const name = "bootstrap"
	k := clientcmdapi.NewConfig()
	k.Clusters[name] = &clientcmdapi.Cluster{
		Server: c.Host, CertificateAuthorityData: c.CAData, TLSServerName: c.ServerName,
	}
	k.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: c.BearerToken}
	k.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	k.CurrentContext = name
	return clientcmd.WriteToFile(*k, path)
}

func makeCluster(ctx context.Context, c client.Client, p *plan.Plan) error {
	manifests, err := p.Provider.Manifests()
	if err != nil {
		return err
	}
	credentials, err := p.Provider.Credentials()
	if err != nil {
		return err
	}
	if _, err := apply.Objects(ctx, c, append(manifests.Cluster, credentials...)); err != nil {
		return err
	}
	tracker := progress.New(progress.Options{
		Client: c, Provider: p.Provider,
		Cluster: client.ObjectKey{Namespace: providers.Namespace, Name: p.Config.Cluster.Name},
	})
	for _, condition := range []progress.Condition{progress.ControlPlaneReady, progress.WorkersReady, progress.ClusterAvailable} {
		if err := tracker.Wait(ctx, condition); err != nil {
			return err
		}
	}
	return nil
}
