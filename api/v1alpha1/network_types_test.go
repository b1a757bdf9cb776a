package v1alpha1

import "testing"

func TestReplacesKubeProxy(t *testing.T) {
	for cni, want := range map[string]bool{
		"cilium: {}":               true,
		"cilium: {helmValues: {}}": true,
		"cilium: {helmValues: {kubeProxyReplacement: true}}":      true,
		"cilium: {helmValues: {kubeProxyReplacement: \"true\"}}":  true,
		"cilium: {helmValues: {kubeProxyReplacement: null}}":      true,
		"cilium: {helmValues: {kubeProxyReplacement: false}}":     false,
		"cilium: {helmValues: {kubeProxyReplacement: \"false\"}}": false,
		"cilium: {helmValues: [1]}":                               true, // a problem of its own
		"kindnetd: {}":                                            false,
	} {
		config, problems := Decode("file", []byte(edit(t, read(t, "testdata/ssh.yaml"), "cilium: {}", cni)))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := config.Cluster.ReplacesKubeProxy(); got != want {
			t.Errorf("%s: %v", cni, got)
		}
	}
	if (&Cluster{}).ReplacesKubeProxy() {
		t.Error("a cluster without a network plugin replaces kube-proxy")
	}
}
