package artifacts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/hack/lab/artifacts/archive"
	"groundwork.dev/bootstrap/hack/lab/artifacts/gobuild"
)

// architecture is the only one that the lab is built for: its lists of Debian
// packages name files of this architecture's folders.
const architecture = "amd64"

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// image is an image that consists of programs of one group alone.
type image struct {
	component string
	group     gobuild.Group
	// programs are put into the folder at.
	programs []string
	at       string
	config   archive.Image
}

// images are named and started as kubeadm's manifests, kube-vip's and the
// Cilium chart's expect.
var images = []image{
	{component: "kube-apiserver", group: kubernetes, programs: []string{"kube-apiserver"}, at: "usr/local/bin",
		config: archive.Image{Entrypoint: []string{"/usr/local/bin/kube-apiserver"}}},
	{component: "kube-controller-manager", group: kubernetes, programs: []string{"kube-controller-manager"}, at: "usr/local/bin",
		config: archive.Image{Entrypoint: []string{"/usr/local/bin/kube-controller-manager"}}},
	{component: "kube-scheduler", group: kubernetes, programs: []string{"kube-scheduler"}, at: "usr/local/bin",
		config: archive.Image{Entrypoint: []string{"/usr/local/bin/kube-scheduler"}}},
	{component: "etcd", group: etcd, programs: []string{"etcd", "etcdctl"}, at: "usr/local/bin",
		config: archive.Image{Entrypoint: []string{"/usr/local/bin/etcd"}}},
	{component: "coredns", group: coredns, programs: []string{"coredns"},
		config: archive.Image{Entrypoint: []string{"/coredns"}}},
	{component: "pause", group: pause, programs: []string{"pause"},
		config: archive.Image{Entrypoint: []string{"/pause"}, User: "65535:65535"}},
	{component: "kube-vip", group: kubeVIP, programs: []string{"kube-vip"},
		config: archive.Image{Entrypoint: []string{"/kube-vip"}}},
	{component: "cilium-operator", group: cilium, programs: []string{"cilium-operator-generic"}, at: "usr/bin",
		config: archive.Image{Command: []string{"/usr/bin/cilium-operator-generic"}, Env: []string{"GOPS_CONFIG_DIR=/tmp"}}},
}

// build writes the image's archive to dir.
func (i image) build(ctx context.Context, programs, dir string) error {
	root, err := os.MkdirTemp(dir, ".root-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := skeleton(root); err != nil {
		return err
	}
	for _, name := range i.programs {
		if err := link(filepath.Join(programs, name), filepath.Join(root, i.at, name)); err != nil {
			return err
		}
	}
	config := i.config
	config.Reference, config.Root = reference(i.component), root
	config.Env, config.WorkingDir = append([]string{defaultPath}, config.Env...), "/"
	return archive.Write(ctx, dir, architecture, config)
}

// skeleton is what programs find in any image.
func skeleton(root string) error {
	tmp := filepath.Join(root, "tmp")
	if err := os.Mkdir(tmp, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
		return err
	}
	return write(filepath.Join(root, "etc/passwd"), "root:x:0:0:root:/root:/sbin/nologin\n")
}

// write writes a file and the folders that it lies in.
func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// link makes to another name of the file from, which lies in the cache too.
func link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.Link(from, to)
}

// gather makes dir of links to the files, by the names that they get there.
func gather(dir string, files map[string]string) error {
	for name, from := range files {
		if err := link(from, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
