package v1alpha1

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"
)

func (v *validator) eksaVersion() {
	spec := &v.config.Cluster.Spec
	if spec.BundlesRef != nil && spec.EksaVersion != nil {
		v.cluster("spec.bundlesRef", "bundlesRef and eksaVersion exclude each other", "remove bundlesRef, the older one")
	}
	if spec.EksaVersion != nil {
		if _, err := version.ParseSemantic(string(*spec.EksaVersion)); err != nil {
			v.cluster("spec.eksaVersion", fmt.Sprintf("%s is not a version", quote(string(*spec.EksaVersion))), "write one such as v0.26.1, or remove the field")
		}
	}
}

func (v *validator) proxy() {
	proxy := v.config.Cluster.Spec.ProxyConfiguration
	if proxy == nil {
		return
	}
	v.proxyAddress("spec.proxyConfiguration.httpProxy", proxy.HttpProxy)
	v.proxyAddress("spec.proxyConfiguration.httpsProxy", proxy.HttpsProxy)
	for i, entry := range proxy.NoProxy {
		if entry == "" || strings.ContainsAny(entry, " ,\t\n\"'") {
			v.cluster(fmt.Sprintf("spec.proxyConfiguration.noProxy[%d]", i), fmt.Sprintf("%s is not one address, range or domain", quote(entry)), "write one entry a line")
		}
	}
}

// proxyAddress validates "host:port" or a URL of it. It never quotes the
// address: it may hold a password.
func (v *validator) proxyAddress(path, address string) {
	const remedy = "write a URL such as http://proxy.example.com:3128"
	if !v.required(v.config.Cluster, path, address, remedy) {
		return
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		v.cluster(path, "this is not the address of a proxy", remedy)
	case u.Scheme != "http" && u.Scheme != "https":
		v.cluster(path, fmt.Sprintf("a proxy is reached by http or https, not by %s", quote(u.Scheme)), remedy)
	case !isHost(u.Hostname()):
		v.cluster(path, fmt.Sprintf("%s is neither an IP address nor a host name", quote(u.Hostname())), "write the proxy's address or name")
	case u.Port() == "":
		v.cluster(path, "the proxy's port is missing", remedy)
	case !isPort(u.Port()):
		v.cluster(path, fmt.Sprintf("%s is not a port", quote(u.Port())), "write a number from 1 to 65535")
	}
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}

// curatedPackages are EKS Anywhere's registries of curated packages
// (pkg/constants, DefaultCuratedPackagesRegistryRegex).
var curatedPackages = regexp.MustCompile(`783794618700\.dkr\.ecr\..*\.amazonaws\.com`)

func (v *validator) mirror() {
	mirror := v.config.Cluster.Spec.RegistryMirrorConfiguration
	if mirror == nil {
		return
	}
	const path = "spec.registryMirrorConfiguration"
	if v.required(v.config.Cluster, path+".endpoint", mirror.Endpoint, "write the registry's address or host name") && !isHost(mirror.Endpoint) {
		remedy := "write only the address or the name, such as registry.example.com"
		if _, port, err := net.SplitHostPort(mirror.Endpoint); err == nil && isPort(port) {
			remedy = fmt.Sprintf("write the port in a field of its own, port: %q", port)
		}
		v.cluster(path+".endpoint", fmt.Sprintf("%s is neither an IP address nor a host name", quote(mirror.Endpoint)), remedy)
	}
	if !isPort(mirror.Port) {
		v.cluster(path+".port", fmt.Sprintf("%s is not a port", quote(mirror.Port)), "write a number from 1 to 65535")
	}
	if mirror.CACertContent != "" {
		if err := checkPEM(mirror.CACertContent); err != nil {
			v.cluster(path+".caCertContent", err.Error(), "paste the authority's certificate as PEM, from BEGIN CERTIFICATE to END CERTIFICATE")
		}
	}
	seen, packages := map[string]int{}, 0
	for i, namespace := range mirror.OCINamespaces {
		at := fmt.Sprintf("%s.ociNamespaces[%d].registry", path, i)
		if !v.required(v.config.Cluster, at, namespace.Registry, "write the upstream registry, such as public.ecr.aws") {
			continue
		}
		if first, twice := seen[namespace.Registry]; twice {
			v.cluster(at, fmt.Sprintf("ociNamespaces[%d] has the same registry %s", first, quote(namespace.Registry)), "keep one of them")
			continue
		}
		seen[namespace.Registry] = i
		if curatedPackages.MatchString(namespace.Registry) {
			if packages++; packages > 1 {
				v.cluster(at, "more than one registry of curated packages is mapped", "keep one of them")
			}
		}
	}
}

// checkPEM reports what is wrong with one or more certificates as PEM.
func checkPEM(content string) error {
	rest, count := []byte(content), 0
	for {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil && count == 0:
			return errors.New("there is no certificate in PEM here")
		case block == nil && len(strings.TrimSpace(string(rest))) > 0:
			return errors.New("there is text after the last certificate that is not PEM")
		case block == nil:
			return nil
		case block.Type != "CERTIFICATE":
			return fmt.Errorf("there is a %s where a certificate should be", strings.ToLower(block.Type))
		}
		count++
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Errorf("certificate %d cannot be read: %w", count, err)
		}
	}
}

func (v *validator) podIAM() {
	pod := v.config.Cluster.Spec.PodIAMConfig
	if pod == nil {
		return
	}
	const path = "spec.podIamConfig.serviceAccountIssuer"
	if v.required(v.config.Cluster, path, pod.ServiceAccountIssuer, "write the issuer's https URL") {
		v.httpsURL(v.config.Cluster, path, pod.ServiceAccountIssuer)
	}
}

// httpsURL validates the URL of a token issuer.
func (v *validator) httpsURL(object any, path, text string) {
	u, err := url.ParseRequestURI(text)
	switch {
	case err != nil || u.Host == "":
		v.add(object, path, "this is not a URL", "write one such as https://issuer.example.com")
	case u.Scheme != "https":
		v.add(object, path, fmt.Sprintf("the URL's scheme is %s, and it must be https", quote(u.Scheme)), "use the issuer's https URL")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		v.add(object, path, "the URL of an issuer has no user, query or fragment", "remove what is not scheme, host and path")
	}
}

func (v *validator) encryption() {
	all := v.config.Cluster.Spec.EtcdEncryption
	const path = "spec.etcdEncryption"
	if all != nil && len(all) != 1 {
		v.cluster(path, fmt.Sprintf("there are %d encryption configurations, and one is supported", len(all)), "write one, or remove the field")
	}
	for i, encryption := range all {
		at := fmt.Sprintf("%s[%d]", path, i)
		if len(encryption.Providers) != 1 {
			v.cluster(at+".providers", fmt.Sprintf("there are %d encryption providers, and one is supported", len(encryption.Providers)), "write one kms provider")
		}
		for j, provider := range encryption.Providers {
			v.kms(fmt.Sprintf("%s.providers[%d].kms", at, j), provider.KMS)
		}
		if len(encryption.Resources) == 0 {
			v.cluster(at+".resources", "the resources to encrypt are missing", "write a list, such as secrets")
		}
		for j, resource := range encryption.Resources {
			v.required(v.config.Cluster, fmt.Sprintf("%s.resources[%d]", at, j), resource, "write a resource, such as secrets")
		}
	}
}

func (v *validator) kms(path string, kms *KMS) {
	if kms == nil {
		v.cluster(path, "the kms provider is missing", "write name and socketListenAddress below kms")
		return
	}
	v.required(v.config.Cluster, path+".name", kms.Name, "write the plugin's name")
	if v.required(v.config.Cluster, path+".socketListenAddress", kms.SocketListenAddress, "write the plugin's socket, such as unix:///var/run/kms.sock") {
		if u, err := url.Parse(kms.SocketListenAddress); err != nil || u.Scheme != "unix" || u.Path == "" {
			v.cluster(path+".socketListenAddress", fmt.Sprintf("%s is not the URL of a socket", quote(kms.SocketListenAddress)), "write one such as unix:///var/run/kms.sock")
		}
	}
	if kms.Timeout != nil && kms.Timeout.Duration <= 0 {
		v.cluster(path+".timeout", "the timeout is not positive", "write one such as 3s")
	}
}

func (v *validator) packages() {
	packages := v.config.Cluster.Spec.Packages
	if packages == nil || v.config.Cluster.IsSelfManaged() {
		return
	}
	const message, remedy = "a workload cluster's packages are its management cluster's: the field would have no effect", "remove it"
	if packages.Controller != nil {
		v.cluster("spec.packages.controller", message, remedy)
	}
	if packages.CronJob != nil {
		v.cluster("spec.packages.cronjob", message, remedy)
	}
}
