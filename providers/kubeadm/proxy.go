package kubeadm

import (
	"fmt"
	"slices"
	"strings"

	bootstrapv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
)

const proxyPath = "/etc/systemd/system/containerd.service.d/http-proxy.conf"

// proxyFiles make containerd fetch images through the proxy. Its address has
// no credentials in it: validation rejects them.
func (n Node) proxyFiles() []bootstrapv1.File {
	if n.cluster().ProxyConfiguration == nil {
		return nil
	}
	return []bootstrapv1.File{File(proxyPath, n.proxyContent())}
}

func (n Node) proxyContent() string {
	proxy := n.cluster().ProxyConfiguration
	var b strings.Builder
	b.WriteString("[Service]\n")
	for _, variable := range [][2]string{
		{"HTTP_PROXY", proxy.HttpProxy},
		{"HTTPS_PROXY", proxy.HttpsProxy},
		{"NO_PROXY", strings.Join(n.noProxy(), ",")},
	} {
		// systemd expands %x in its files.
		value := strings.ReplaceAll(variable[1], "%", "%%")
		fmt.Fprintf(&b, "Environment=\"%s=%s\"\n", variable[0], value)
	}
	return b.String()
}

// noProxy is everything that nodes reach directly: the cluster's own
// networks and endpoint, what the user names, and the provider's addresses.
func (n Node) noProxy() []string {
	c := n.cluster()
	list := slices.Concat(
		c.ClusterNetwork.Pods.CidrBlocks,
		c.ClusterNetwork.Services.CidrBlocks,
		c.ProxyConfiguration.NoProxy,
		[]string{"localhost", "127.0.0.1", ".svc"},
		n.NoProxy)
	if c.ControlPlaneConfiguration.Endpoint != nil {
		list = append(list, c.ControlPlaneConfiguration.Endpoint.Host)
	}
	return list
}
