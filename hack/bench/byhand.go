package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/hack/lab/lab"
)

// byhandFiles are what somebody who makes the cluster by hand writes.
var (
	//go:embed byhand/prepare.sh
	prepareHost string
	//go:embed byhand/init.yaml
	initConfiguration string
	//go:embed byhand/join.yaml
	joinConfiguration string
	//go:embed byhand/values.yaml
	ciliumValues string
)

// byHand makes the cluster as an experienced admin does, without waiting
// where nothing has to be waited for: programs and, on empty hosts, images to
// both hosts at once, kubeadm init, helm install, kubeadm join.
func (l *labSuite) byHand(ctx context.Context, site *lab.Lab, empty bool) error {
	group, groupCtx := errgroup.WithContext(ctx)
	for _, h := range site.Hosts {
		group.Go(func() error { return l.equip(groupCtx, site, h.Name, empty) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	controlPlane, worker := site.Hosts[0], site.Hosts[1]
	if err := kubeadm(ctx, site, controlPlane.Name, "init --upload-certs --ignore-preflight-errors=SystemVerification", initConfiguration); err != nil {
		return err
	}
	admin, err := site.Run(ctx, controlPlane.Name, "cat /etc/kubernetes/admin.conf")
	if err != nil {
		return err
	}
	kubeconfig, values := filepath.Join(l.dir, "by-hand.conf"), filepath.Join(l.dir, "values.yaml")
	text, err := fill(ciliumValues, site)
	if err == nil {
		err = errors.Join(os.WriteFile(kubeconfig, []byte(admin), 0o600), os.WriteFile(values, text, 0o600))
	}
	if err != nil {
		return err
	}
	if err := l.admin(ctx, filepath.Join(l.built.Tools, "helm"), "install", "cilium", "manifests/components/charts/cilium",
		"--namespace", "kube-system", "--values", values, "--kubeconfig", kubeconfig); err != nil {
		return err
	}
	if err := kubeadm(ctx, site, worker.Name, "join", joinConfiguration); err != nil {
		return err
	}
	kubectl := filepath.Join(l.built.Binaries, "kubectl")
	for _, wait := range [][]string{
		{"wait", "--for=condition=Ready", "nodes", "--all"},
		// The kubelet's first look at them comes 10 to 20 s after their start.
		{"wait", "--for=condition=Ready", "pods", "-n", "kube-system", "-l", "tier=control-plane"},
		{"rollout", "status", "-n", "kube-system", "daemonset/cilium"},
		{"rollout", "status", "-n", "kube-system", "deployment/cilium-operator"},
	} {
		if err := l.admin(ctx, kubectl, append(wait, "--timeout=300s", "--kubeconfig", kubeconfig)...); err != nil {
			return err
		}
	}
	return nil
}

// equip brings programs and images to a host and starts containerd.
func (l *labSuite) equip(ctx context.Context, site *lab.Lab, host string, images bool) error {
	programs := exec.CommandContext(ctx, "tar", "-C", l.built.Binaries, "-cf", "-", ".")
	if err := send(ctx, site, host, programs, "mkdir -p /opt/cni/bin && tar -C /usr/local/bin -xf - && mv /usr/local/bin/cni/* /opt/cni/bin/"); err != nil {
		return err
	}
	if err := feed(ctx, site, host, "sh", prepareHost); err != nil || !images {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(l.nodeFiles, "images", "*.tar"))
	if err != nil {
		return err
	}
	for _, archive := range archives {
		if err := send(ctx, site, host, exec.CommandContext(ctx, "cat", archive), "ctr -n k8s.io images import --local -"); err != nil {
			return err
		}
	}
	return nil
}

func kubeadm(ctx context.Context, site *lab.Lab, host, command, configuration string) error {
	text, err := fill(configuration, site)
	if err != nil {
		return err
	}
	return feed(ctx, site, host, "cat > /root/kubeadm.yaml && kubeadm "+command+" --config /root/kubeadm.yaml", string(text))
}

// admin runs a program on this machine.
func (l *labSuite) admin(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "HOME="+l.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
	return nil
}

// fill puts the lab's addresses into a file.
func fill(text string, site *lab.Lab) ([]byte, error) {
	parsed, err := template.New("").Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = parsed.Execute(&b, struct{ ControlPlane, Worker any }{site.Hosts[0], site.Hosts[1]})
	return b.Bytes(), err
}

func feed(ctx context.Context, site *lab.Lab, host, command, input string) error {
	_, err := site.Feed(ctx, host, command, strings.NewReader(input))
	return err
}

// send runs a command on a host that reads what source writes.
func send(ctx context.Context, site *lab.Lab, host string, source *exec.Cmd, command string) error {
	pipe, err := source.StdoutPipe()
	if err != nil {
		return err
	}
	if err := source.Start(); err != nil {
		return err
	}
	_, err = site.Feed(ctx, host, command, pipe)
	return errors.Join(err, source.Wait())
}
