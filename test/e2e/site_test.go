//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/internal/state"
	"groundwork.dev/bootstrap/test/cli"
)

// site is a lab, and a cluster's configuration for it.
type site struct {
	*lab.Lab
	tool    *cli.Tool
	cluster string
	// config is the configuration file, beside everything that it refers to.
	config string
}

// newSite brings a lab with hosts up, for one cluster.
func newSite(t *testing.T, cluster string, o lab.Options) *site {
	t.Helper()
	o.RootFS = built.RootFS
	l, err := lab.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			tellConsoles(t, l)
		}
		if err := l.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	for name, target := range map[string]string{
		"known_hosts": l.KnownHostsFile, "id_ed25519": l.KeyFile, "node-files": nodeFiles,
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(cluster + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "cluster.yaml")
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	exportNodeFiles(t, config) // a second time it finds all done
	return &site{Lab: l, tool: cli.New(t, binary), cluster: cluster, config: config}
}

// tellConsoles logs the last that each host has to say.
func tellConsoles(t *testing.T, l *lab.Lab) {
	const journal = "journalctl --no-pager -n 15 -u kubelet -u containerd -u 'groundwork*'"
	for _, h := range l.Hosts {
		text, err := l.Run(context.Background(), h.Name, journal)
		t.Logf("%s: %v\n%s", h.Name, err, text)
	}
}

func (s *site) createArguments() []string {
	return []string{"create", "cluster", "-f", s.config, "--releases", built.Catalogue, "-o", "json"}
}

func (s *site) create(t *testing.T) cli.Result {
	t.Helper()
	return s.tool.Run(t, s.createArguments()...)
}

func (s *site) delete(t *testing.T) {
	t.Helper()
	s.tool.Run(t, "delete", "cluster", s.cluster, "--releases", built.Catalogue, "-o", "json").MustSucceed(t)
}

// kubeconfig is the file that create saves.
func (s *site) kubeconfig() string {
	return filepath.Join(s.tool.State, s.cluster, state.KubeconfigFile)
}

// client speaks to the cluster.
func (s *site) client(t *testing.T) *kubernetes.Clientset {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", s.kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	config.Timeout = 5 * time.Second
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// readyNodes are the names of the nodes that are Ready.
func readyNodes(ctx context.Context, client *kubernetes.Clientset) ([]string, error) {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var ready []string
	for i := range nodes.Items {
		for _, c := range nodes.Items[i].Status.Conditions {
			if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue {
				ready = append(ready, nodes.Items[i].Name)
			}
		}
	}
	return ready, nil
}

// until waits for a condition that is looked at every half second.
func until(t *testing.T, what string, timeout time.Duration, condition func(context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 500*time.Millisecond, timeout, true, condition); err != nil {
		t.Fatalf("wait until %s: %v", what, err)
	}
}
