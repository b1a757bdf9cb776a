package machine

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"path"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// Role is what kubeadm makes of a machine.
type Role string

// The roles.
const (
	Init         Role = "init"          // the first of the control plane
	ControlPlane Role = "control-plane" // joins it
	Worker       Role = "worker"
)

// Authority is a certificate authority whose key the machine has.
type Authority struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// Boot is what a machine does with its bootstrap data.
type Boot struct {
	Role     Role
	NodeName string
	Labels   map[string]string
	Taints   []corev1.Taint
	// Endpoint is the control plane's "host:port".
	Endpoint string
	// ProviderID is set where something tells the kubelet which virtual
	// machine it is on. Cluster API never finds a node without.
	ProviderID bool
	// Cluster and Etcd sign the certificates of a control-plane machine.
	Cluster, Etcd *Authority

	// Of an Init: kubeadm's ClusterConfiguration as YAML, and whether it
	// installs kube-proxy.
	Configuration string
	KubeProxy     bool

	// Of the others: how they find the cluster and are let in.
	Token    string // "id.secret"
	CAHashes []string
}

// IsControlPlane reports whether the machine belongs to the control plane.
func (b *Boot) IsControlPlane() bool { return b.Role != Worker }

// Site is what a machine finds around it.
type Site struct {
	// Endpoint is the host of the cluster's API, as the configuration file
	// has it.
	Endpoint string
	// KubeVIP is set where nothing but kube-vip answers at the endpoint.
	KubeVIP bool
}

// RoleOf tells a machine's role early, from its bootstrap data alone.
func RoleOf(config map[string]string) (Role, error) {
	m, err := ReadMetadata(config)
	if err != nil {
		return "", err
	}
	c, err := readCloudConfig(config, m, "")
	if err != nil {
		return "", err
	}
	files, err := c.files()
	if err != nil {
		return "", err
	}
	verb, file, err := kubeadmRun(c.commands())
	if err != nil || verb == "init" {
		return Init, err
	}
	var join joinConfiguration
	byKind, err := documents(file, files[file])
	if err != nil {
		return "", err
	}
	if err := document(byKind, "JoinConfiguration", file, &join); err != nil {
		return "", err
	}
	if join.ControlPlane != nil {
		return ControlPlane, nil
	}
	return Worker, nil
}

// Read reads the bootstrap data of a machine whose address is known. The
// error names everything that would keep a real machine from joining.
func Read(config map[string]string, address string, site Site) (*Boot, error) {
	m, err := ReadMetadata(config)
	if err != nil {
		return nil, err
	}
	c, err := readCloudConfig(config, m, address)
	if err != nil {
		return nil, err
	}
	files, err := c.files()
	if err != nil {
		return nil, err
	}
	verb, file, err := kubeadmRun(c.commands())
	if err != nil {
		return nil, err
	}
	byKind, err := documents(file, files[file])
	if err != nil {
		return nil, err
	}
	b := &Boot{}
	var problems []error
	note := func(err error) { problems = append(problems, err) }
	if verb == "init" {
		note(b.readInit(byKind, file))
	} else {
		note(b.readJoin(byKind, file))
	}
	if b.NodeName == "" {
		b.NodeName = m.Hostname
	}
	b.ProviderID = b.ProviderID || c.setsProviderID(files)
	if host, _, err := net.SplitHostPort(b.Endpoint); err != nil || host != site.Endpoint {
		note(fmt.Errorf("the control plane is said to be at %q, and not at %s", b.Endpoint, site.Endpoint))
	}
	if b.IsControlPlane() {
		note(b.readCertificates(files))
		if site.KubeVIP {
			note(checkKubeVIP(files, site.Endpoint))
		}
	}
	return b, errors.Join(problems...)
}

func (b *Boot) readInit(byKind map[string][]byte, file string) error {
	b.Role = Init
	var cluster clusterConfiguration
	var init initConfiguration
	if err := errors.Join(document(byKind, "ClusterConfiguration", file, &cluster), document(byKind, "InitConfiguration", file, &init)); err != nil {
		return err
	}
	b.register(init.NodeRegistration)
	b.Configuration, b.Endpoint, b.KubeProxy = string(byKind["ClusterConfiguration"]), cluster.ControlPlaneEndpoint, true
	for _, phase := range init.SkipPhases {
		if phase == "addon" || phase == "addon/kube-proxy" {
			b.KubeProxy = false
		}
	}
	var problems []error
	if cluster.KubernetesVersion == "" {
		problems = append(problems, fmt.Errorf("%s names no kubernetesVersion", file))
	}
	if cluster.Etcd.External != nil {
		problems = append(problems, errors.New("external etcd is not simulated"))
	}
	return errors.Join(problems...)
}

func (b *Boot) readJoin(byKind map[string][]byte, file string) error {
	b.Role = Worker
	var join joinConfiguration
	if err := document(byKind, "JoinConfiguration", file, &join); err != nil {
		return err
	}
	if join.ControlPlane != nil {
		b.Role = ControlPlane
	}
	b.register(join.NodeRegistration)
	token := join.Discovery.BootstrapToken
	switch {
	case token == nil && join.Discovery.File != nil:
		return errors.New("discovery by a file is not simulated")
	case token == nil || token.Token == "":
		return fmt.Errorf("%s has no bootstrap token: nothing lets the machine in", file)
	case len(token.CACertHashes) == 0 && !token.UnsafeSkipCAVerification:
		return fmt.Errorf("%s has no caCertHashes: the machine cannot tell its cluster from another", file)
	}
	b.Token, b.CAHashes, b.Endpoint = token.Token, token.CACertHashes, token.APIServerEndpoint
	return nil
}

// register reads how the kubelet registers its node.
func (b *Boot) register(n nodeRegistration) {
	b.NodeName = n.Name
	b.Labels = map[string]string{}
	for _, label := range strings.Split(n.KubeletExtraArgs["node-labels"], ",") {
		if key, value, ok := strings.Cut(label, "="); ok {
			b.Labels[key] = value
		}
	}
	b.ProviderID = strings.HasPrefix(n.KubeletExtraArgs["provider-id"], "vsphere://")
	b.Taints = n.Taints
	if n.Taints == nil && b.IsControlPlane() {
		b.Taints = []corev1.Taint{{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}}
	}
}

// pki is kubeadm's default certificate folder.
const pki = "/etc/kubernetes/pki"

// readCertificates finds the key pairs that the machines of a control plane
// share. kubeadm would make its own where the first machine has none, and
// nobody could then reach the cluster.
func (b *Boot) readCertificates(files map[string][]byte) error {
	var problems []error
	authority := func(name string) *Authority {
		a, err := readAuthority(files[path.Join(pki, name+".crt")], files[path.Join(pki, name+".key")])
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", path.Join(pki, name), err))
		}
		return a
	}
	b.Cluster, b.Etcd = authority("ca"), authority("etcd/ca")
	authority("front-proxy-ca")
	for _, name := range []string{"sa.pub", "sa.key"} {
		if block, _ := pem.Decode(files[path.Join(pki, name)]); block == nil {
			problems = append(problems, fmt.Errorf("%s is missing", path.Join(pki, name)))
		}
	}
	return errors.Join(problems...)
}

func readAuthority(certificate, key []byte) (*Authority, error) {
	if len(certificate) == 0 || len(key) == 0 {
		return nil, errors.New("the certificate or its key is missing")
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate and its key: %w", err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	switch now := time.Now(); {
	case !ok || !pair.Leaf.IsCA:
		return nil, errors.New("it is no certificate authority")
	case now.Before(pair.Leaf.NotBefore) || now.After(pair.Leaf.NotAfter):
		return nil, fmt.Errorf("it is valid from %v to %v only", pair.Leaf.NotBefore, pair.Leaf.NotAfter)
	}
	return &Authority{pair.Leaf, signer}, nil
}

// manifests is where the kubelet finds static pods.
const manifests = "/etc/kubernetes/manifests/"

// checkKubeVIP finds the static pod that holds the endpoint's address.
func checkKubeVIP(files map[string][]byte, endpoint string) error {
	for name, data := range files {
		if !strings.HasPrefix(name, manifests) {
			continue
		}
		var pod corev1.Pod
		if err := yaml.Unmarshal(data, &pod); err != nil {
			return fmt.Errorf("%s is not a pod: %w", name, err)
		}
		for _, container := range pod.Spec.Containers {
			for _, env := range container.Env {
				if container.Name == "kube-vip" && (env.Name == "address" || env.Name == "vip_address") && env.Value == endpoint {
					return nil
				}
			}
		}
	}
	return fmt.Errorf("no static pod kube-vip in %s holds the address %s", manifests, endpoint)
}
