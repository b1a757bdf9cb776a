package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groundwork.dev/bootstrap/manifests/releases"
)

// repository is a git repository whose commits hold the given files, one
// commit for each set.
func repository(t *testing.T, commits ...map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	c := clone{dir: dir}
	git := func(args ...string) {
		t.Helper()
		identity := []string{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"}
		if _, err := c.git(context.Background(), append(identity, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	for _, files := range commits {
		for name, text := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		git("add", ".")
		git("commit", "-q", "-m", "files")
	}
	return dir
}

// page is EKS Distro's page of a release.
func page(minor, number int) string {
	suffix := fmt.Sprintf("eks-1-%d-%d", minor, number)
	name := fmt.Sprintf("kubernetes-1-%d-eks-%d.yaml", minor, number)
	link := fmt.Sprintf("Download the release manifest here: [%s](https://distro.eks.amazonaws.com/kubernetes-1-%d/%[1]s)", name, minor)
	rows := []string{"# EKS-D", "", link, "", "| Name | Version | URI |", "|------|---------|-----|"}
	for name, folder := range map[string]string{
		"aws-iam-authenticator": "kubernetes-sigs", "coredns": "coredns", "etcd": "etcd-io", "go-runner": "kubernetes",
		"kube-apiserver": "kubernetes", "kube-controller-manager": "kubernetes", "kube-proxy": "kubernetes",
		"kube-proxy-base": "kubernetes", "kube-scheduler": "kubernetes", "pause": "kubernetes",
	} {
		version := fmt.Sprintf("v1.%d.3", minor)
		rows = append(rows, fmt.Sprintf("| %s | %s | public.ecr.aws/eks-distro/%s/%s:%s-%s |", name, version, folder, name, version, suffix))
	}
	return strings.Join(rows, "\n") + "\n"
}

func bundleFile(kubeVIP string) string {
	text := "spec:\n  versionsBundles:\n"
	const digest = "sha256:73f9ddef28133cf9ee381d7ccda559f1a55d45e1ab99d2f9a0b2ffb22b5f22a0"
	for minor := oldestMinor; minor <= newestMinor; minor++ {
		text += fmt.Sprintf(`  - kubeVersion: "1.%d"
    cilium:
      cilium: {uri: "public.ecr.aws/eks/cilium/cilium:v1", imageDigest: "%s"}
      operator: {uri: "public.ecr.aws/eks/cilium/operator-generic:v1", imageDigest: "%[2]s"}
    vSphere:
      kubeVip: {uri: "%[3]skube-vip/kube-vip:%[4]s%[5]s1", imageDigest: "sha256:made-up"}
`, minor, digest, dryRunRegistry, kubeVIP, dryRunSuffix)
	}
	return text
}

func TestRunReadsTheNewestReleases(t *testing.T) {
	files := map[string]string{}
	for minor := oldestMinor; minor <= newestMinor; minor++ {
		files[fmt.Sprintf("%s/1-%d/PAUSE_TAG", pausePath, minor)] = "3.10\n"
		for _, number := range []int{2, 9, 10} {
			files[fmt.Sprintf("%s/1-%d/%d/index.md", releasesPath, minor, number)] = page(minor, number)
		}
	}
	distro := repository(t, files)
	anywhere := repository(t,
		map[string]string{bundlePath: bundleFile("v1.0.0"), bundleNumberPath: "122\n"},
		map[string]string{bundlePath: bundleFile("v2.0.0")}) // not released
	output := filepath.Join(t.TempDir(), "catalogue.yaml")
	if err := run(context.Background(), distro, anywhere, output); err != nil {
		t.Fatal(err)
	}
	c, err := releases.Load(output)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Find("1.35")
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		r.EKSD:                   "kubernetes-1-35-eks-10",
		r.KubeAPIServer.String(): "public.ecr.aws/eks-distro/kubernetes/kube-apiserver:v1.35.3-eks-1-35-10",
		r.KubeadmPause.String():  "public.ecr.aws/eks-distro/kubernetes/pause:3.10",
		r.KubeVIP.String():       "public.ecr.aws/eks-anywhere/kube-vip/kube-vip:v1.0.0-eks-a-122",
		r.KubeVIP.Digest:         "",
		r.Manifests.EKSDistro:    "https://distro.eks.amazonaws.com/kubernetes-1-35/kubernetes-1-35-eks-10.yaml",
		r.Manifests.EKSAnywhere:  "https://anywhere-assets.eks.amazonaws.com/releases/bundles/122/manifest.yaml",
		r.Cilium.Digest:          "sha256:73f9ddef28133cf9ee381d7ccda559f1a55d45e1ab99d2f9a0b2ffb22b5f22a0",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRunFailsWhereTheSourcesAreNotAsExpected(t *testing.T) {
	ctx := context.Background()
	empty := repository(t, map[string]string{"README": "nothing"})
	if err := run(ctx, "", empty, "x"); err == nil {
		t.Error("no error without --eks-distro")
	}
	if err := run(ctx, empty, empty, "x"); err == nil || !strings.Contains(err.Error(), bundleNumberPath) {
		t.Errorf("got %v, want one that names %s", err, bundleNumberPath)
	}
	b := &bundle{number: "1"}
	if got, err := b.published("ghcr.io/kube-vip/kube-vip:v1"); err == nil {
		t.Errorf("a reference that is not the dry run's became %s", got)
	}
	if got, err := manifestLink(page(35, 9), "kubernetes-1-35-eks-10"); err == nil {
		t.Errorf("the link to another release's manifest was taken: %s", got)
	}
}
