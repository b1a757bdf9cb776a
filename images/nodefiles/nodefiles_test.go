package nodefiles

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/images/download"
	"groundwork.dev/bootstrap/images/imagestest"
	"groundwork.dev/bootstrap/internal/failure"
	"groundwork.dev/bootstrap/manifests/releases"
)

func names(list []Source) string {
	var all []string
	for _, s := range list {
		all = append(all, s.Name)
	}
	return strings.Join(all, " ")
}

func TestInFolder(t *testing.T) {
	dir := t.TempDir()
	imagestest.Programs(t, dir, "amd64", append([]string{"cni/bandwidth", "other"}, Required...)...)
	if err := os.WriteFile(filepath.Join(dir, "cni", "LICENSE"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	list, err := InFolder(dir, "amd64")
	if want := strings.Join(Required, " ") + " cni/bandwidth"; err != nil || names(list) != want {
		t.Errorf("got %s, want %s: %v", names(list), want, err)
	}
}

func TestInFolderNamesEverything(t *testing.T) {
	dir := t.TempDir()
	imagestest.Programs(t, dir, "amd64", Required...)
	imagestest.Programs(t, dir, "arm64", "kubelet", "cni/bridge", "cni/extra")
	for name, text := range map[string]string{"kubectl": "MZ\x00\x00 for another system", "ctr": "", "crictl": "\x7fELF cut off", "runc": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"containerd", "cni/loopback"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "containerd"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := InFolder(dir, "amd64")
	if failure.ExitCode(err) != failure.Configuration || failure.Remedy(err) == "" {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"cni/loopback is missing", "containerd: it is not a file", "kubelet: it is for another processor: EM_AARCH64",
		"cni/bridge: it is for another", "cni/extra: it is for another", "kubectl: it is no program for Linux", "ctr: it is no program", "crictl: it is no program that can be read",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing says %q:\n%v", want, err)
		}
	}
	for _, good := range []string{"runc", "kubeadm"} {
		if strings.Contains(err.Error(), good) {
			t.Errorf("%s is complained of:\n%v", good, err)
		}
	}
}

// distro and anywhere are manifests in their publishers' form; URI stands for
// the server.
const distro = `apiVersion: distro.eks.amazonaws.com/v1alpha1
kind: Release
metadata: {name: kubernetes-1-35-eks-13}
status:
  components:
  - name: cni-plugins
    assets:
    - {arch: [arm64], os: linux, type: Archive, name: cni-plugins-linux-arm64-v1.9.1.tar.gz, archive: {uri: URI/cni-arm64.tar.gz, sha256: SHA, sha512: x}}
    - {arch: [amd64], os: linux, type: Archive, name: cni-plugins-linux-amd64-v1.9.1.tar.gz, archive: {uri: URI/cni.tar.gz, sha256: SHA}}
  - name: etcd
    assets:
    - {arch: [amd64], os: linux, type: Archive, name: etcd, archive: {uri: URI/etcd.tar.gz, sha256: SHA}}
  - name: kubernetes
    assets:
    - {arch: [amd64], os: linux, type: Archive, name: kubernetes-node-linux-amd64.tar.gz, archive: {uri: URI/node.tar.gz, sha256: SHA}}
    - {arch: [amd64, arm64], os: linux, type: Image, name: pause-image, image: {uri: public.ecr.aws/pause}}
    - {arch: [amd64], os: linux, type: Archive, name: bin/linux/amd64/kube-apiserver, archive: {uri: URI/kube-apiserver, sha256: SHA}}
    - {arch: [amd64], os: linux, type: Archive, name: bin/linux/amd64/kubelet, archive: {uri: URI/kubelet, sha256: SHA}}
    - {arch: [arm64], os: linux, type: Archive, name: bin/linux/arm64/kubelet, archive: {uri: URI/kubelet-arm64, sha256: SHA}}
    - {arch: [amd64], os: linux, type: Archive, name: bin/linux/amd64/kubeadm, archive: {uri: URI/kubeadm, sha256: SHA}}
    - {arch: [amd64], os: linux, type: Archive, name: bin/linux/amd64/kubectl, archive: {uri: URI/kubectl, sha256: SHA}}
    - {arch: [amd64], os: windows, type: Archive, name: bin/windows/amd64/kubelet.exe, archive: {uri: URI/kubelet.exe, sha256: SHA}}
`

const anywhere = `apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Bundles
spec:
  versionsBundles:
  - {kubeVersion: "1.34", eksD: {containerd: {arch: [amd64], uri: URI/old.tar.gz, sha256: SHA}}}
  - kubeVersion: "1.35"
    eksD:
      containerd: {arch: [amd64], os: linux, name: containerd, uri: URI/containerd.tar.gz, sha256: SHA}
      crictl: {arch: [amd64], os: linux, name: cri-tools, uri: URI/crictl.tar.gz, sha256: SHA}
`

// publish serves the manifests, each with a change.
func publish(t *testing.T, change map[string]string) (*download.Client, releases.Release) {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := map[string]string{"/distro.yaml": distro, "/anywhere.yaml": anywhere}[r.URL.Path]
		for old, new := range change {
			text = strings.ReplaceAll(text, old, new)
		}
		text = strings.NewReplacer("URI", server.URL, "SHA", strings.Repeat("0a", 32)).Replace(text)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	return &download.Client{Transport: server.Client().Transport}, releases.Release{
		Kubernetes: "1.35", EKSD: "kubernetes-1-35-eks-13",
		Manifests: releases.Manifests{EKSDistro: server.URL + "/distro.yaml", EKSAnywhere: server.URL + "/anywhere.yaml"},
	}
}

func TestPublished(t *testing.T) {
	client, release := publish(t, nil)
	list, err := Published(context.Background(), client, release, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	server := strings.TrimSuffix(release.Manifests.EKSDistro, "/distro.yaml")
	want := map[string]string{
		"kubelet": "/kubelet ", "kubeadm": "/kubeadm ", "kubectl": "/kubectl ",
		"containerd": "/containerd.tar.gz containerd", "containerd-shim-runc-v2": "/containerd.tar.gz containerd-shim-runc-v2",
		"ctr": "/containerd.tar.gz ctr", "runc": "/containerd.tar.gz runc", "crictl": "/crictl.tar.gz crictl",
		"cni/loopback": "/cni.tar.gz loopback", "cni/bridge": "/cni.tar.gz bridge", "cni/host-local": "/cni.tar.gz host-local", "cni/portmap": "/cni.tar.gz portmap",
	}
	if names(list) != strings.Join(Required, " ") {
		t.Errorf("got %s", names(list))
	}
	for _, s := range list {
		if got := strings.TrimPrefix(s.Fetched.URL, server) + " " + s.Member; got != want[s.Name] || s.Fetched.SHA256 != strings.Repeat("0a", 32) {
			t.Errorf("%s: got %q %s, want %q", s.Name, got, s.Fetched.SHA256, want[s.Name])
		}
	}
}

func TestPublishedTellsWhy(t *testing.T) {
	for name, c := range map[string]struct {
		arch   string
		change map[string]string
		want   []string
	}{
		"nobody publishes it":  {"arm64", nil, []string{"kubeadm, kubectl, containerd, containerd-shim-runc-v2, ctr, runc, crictl", "linux/arm64"}},
		"another release":      {"amd64", map[string]string{"eks-13": "eks-12"}, []string{"kubernetes-1-35-eks-12, not"}},
		"another minor":        {"amd64", map[string]string{`"1.35"`: `"1.33"`}, []string{"no Kubernetes 1.35"}},
		"no digest":            {"amd64", map[string]string{"kubelet, sha256: SHA": "kubelet"}, []string{"kubelet has no digest"}},
		"not over https":       {"amd64", map[string]string{"URI/crictl": "http://example.com/crictl"}, []string{"crictl: only https"}},
		"not what is expected": {"amd64", map[string]string{"kind: Bundles": "kind: List"}, []string{"not Bundles"}},
		"not a manifest":       {"amd64", map[string]string{distro: "<html>a: b: c"}, []string{"cannot be used"}},
	} {
		t.Run(name, func(t *testing.T) {
			client, release := publish(t, c.change)
			_, err := Published(context.Background(), client, release, c.arch)
			if err == nil || !strings.Contains(failure.Remedy(err), "--files") {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("nothing says %q: %v", want, err)
				}
			}
		})
	}
}

func TestPublishedWithoutManifests(t *testing.T) {
	_, err := Published(context.Background(), &download.Client{}, releases.Release{EKSD: "own"}, "amd64")
	if failure.ExitCode(err) != failure.Configuration || !strings.Contains(err.Error(), "kubelet") {
		t.Errorf("got %v", err)
	}
}

func TestExtract(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range []tar.Header{
		{Name: "./", Typeflag: tar.TypeDir},
		{Name: "./usr/local/bin/ctr", Typeflag: tar.TypeReg, Size: 3},
		{Name: "./usr/local/sbin/runc", Typeflag: tar.TypeReg, Size: 4},
		{Name: "./runc.txt", Typeflag: tar.TypeReg, Size: 1},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		w.Write(bytes.Repeat([]byte("x"), int(h.Size)))
	}
	w.Close()
	z.Close()
	dir := t.TempDir()
	archive := filepath.Join(dir, "a.tar.gz")
	if err := os.WriteFile(archive, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	runc, ctr := filepath.Join(dir, "runc"), filepath.Join(dir, "ctr")
	if err := Extract(context.Background(), archive, map[string]string{"runc": runc, "ctr": ctr}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{runc: "xxxx", ctr: "xxx"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
	if err := Extract(context.Background(), archive, map[string]string{"crictl": ctr}); err == nil || !strings.Contains(err.Error(), "has no crictl") {
		t.Errorf("got %v", err)
	}
}
