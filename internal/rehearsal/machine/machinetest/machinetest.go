// Package machinetest makes bootstrap data for tests: keys and cloud-init of
// the form that Cluster API's kubeadm bootstrap provider makes them in.
package machinetest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"groundwork.dev/bootstrap/internal/rehearsal/machine"
)

// Authority is a certificate authority as Cluster API makes them: RSA.
type Authority struct {
	Certificate *x509.Certificate
	key         *rsa.PrivateKey
	certPEM     string
	keyPEM      string
}

func newAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-5 * time.Minute), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &Authority{certificate, key,
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))}
}

// Client is a client certificate of the authority.
func (a *Authority) Client(t testing.TB) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

// Keys are what the bootstrap provider puts on control-plane machines.
type Keys struct{ Cluster, Etcd, frontProxy, serviceAccount *Authority }

// NewKeys makes the keys of a cluster.
func NewKeys(t testing.TB) *Keys {
	t.Helper()
	return &Keys{newAuthority(t, "kubernetes"), newAuthority(t, "etcd"), newAuthority(t, "front-proxy"), newAuthority(t, "sa")}
}

// The bootstrap token of machines that join.
const (
	TokenID     = "abcdef"
	TokenSecret = "0123456789abcdef"
)

// Endpoint is the control plane's.
const Endpoint = "10.20.30.10"

// indent writes a block as the bootstrap provider does.
func indent(text string) string { return "      " + strings.ReplaceAll(text, "\n", "\n      ") }

func file(path, content string) string {
	return fmt.Sprintf("-   path: %s\n    owner: root:root\n    permissions: '0640'\n    content: |\n%s\n", path, indent(content))
}

// Userdata is the cloud-init data of a machine with one of the three roles.
func (k *Keys) Userdata(role machine.Role) string {
	files := ""
	if role != machine.Worker {
		files = file("/etc/kubernetes/pki/ca.crt", k.Cluster.certPEM) + file("/etc/kubernetes/pki/ca.key", k.Cluster.keyPEM) +
			file("/etc/kubernetes/pki/etcd/ca.crt", k.Etcd.certPEM) + file("/etc/kubernetes/pki/etcd/ca.key", k.Etcd.keyPEM) +
			file("/etc/kubernetes/pki/front-proxy-ca.crt", k.frontProxy.certPEM) + file("/etc/kubernetes/pki/front-proxy-ca.key", k.frontProxy.keyPEM) +
			file("/etc/kubernetes/pki/sa.pub", k.serviceAccount.certPEM) + file("/etc/kubernetes/pki/sa.key", k.serviceAccount.keyPEM) +
			file("/etc/kubernetes/manifests/kube-vip.yaml", kubeVIP)
	}
	command := "kubeadm join --config /run/kubeadm/kubeadm-join-config.yaml"
	switch role {
	case machine.Init:
		files += file("/run/kubeadm/kubeadm.yaml", initConfig)
		command = "kubeadm init --config /run/kubeadm/kubeadm.yaml"
	case machine.ControlPlane:
		files += file("/run/kubeadm/kubeadm-join-config.yaml", joinConfig+"controlPlane:\n  localAPIEndpoint: {}\n")
	case machine.Worker:
		files += file("/run/kubeadm/kubeadm-join-config.yaml", "---\n"+joinConfig)
	}
	files += file("/usr/local/bin/provider-id", "#!/bin/sh\nprintf 'providerID: vsphere://%s\\n' \"$uuid\" >\"$1\"\n")
	return "## template: jinja\n#cloud-config\n\nwrite_files:\n" + files + `runcmd:
  - "hostname \"{{ ds.meta_data.hostname }}\""
  - "/usr/local/bin/provider-id"
  - '` + command + `  && echo success > /run/cluster-api/bootstrap-success.complete'
users:
  - name: capv
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKZJR6wWbTditxCEpj9Ao
`
}

const kubeVIP = `apiVersion: v1
kind: Pod
metadata: {name: kube-vip, namespace: kube-system}
spec:
  containers:
  - name: kube-vip
    image: kube-vip
    env:
    - {name: address, value: ` + Endpoint + `}
`

const initConfig = `---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: lab
controlPlaneEndpoint: ` + Endpoint + `:6443
kubernetesVersion: v1.35.1-eks-1-35-1
imageRepository: public.ecr.aws/eks-distro/kubernetes
apiServer:
  certSANs: [api.example.com]
dns: {imageRepository: public.ecr.aws/eks-distro/coredns, imageTag: v1.13.1}
etcd: {local: {imageRepository: public.ecr.aws/eks-distro/etcd-io, imageTag: v3.6.6}}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: '{{ ds.meta_data.hostname }}'
  kubeletExtraArgs:
  - {name: node-labels, value: "tier=front,rack=a"}
skipPhases: [addon/kube-proxy]
`

const joinConfig = `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: ` + Endpoint + `:6443
    token: ` + TokenID + "." + TokenSecret + `
    unsafeSkipCAVerification: true
nodeRegistration:
  name: '{{ ds.meta_data.hostname }}'
  taints:
  - {key: node.cluster.x-k8s.io/uninitialized, effect: NoSchedule}
  kubeletExtraArgs:
  - {name: node-labels, value: "group=md-0"}
`

// Metadata is what CAPV says of a machine; no address asks for DHCP.
func Metadata(name, mac, address string) string {
	m := fmt.Sprintf("instance-id: %q\nlocal-hostname: %q\nnetwork:\n  version: 2\n  ethernets:\n    id0:\n      match:\n        macaddress: %q\n", name, name, mac)
	if address == "" {
		return m + "      dhcp4: true\n"
	}
	return m + "      dhcp4: false\n      addresses:\n      - " + address + "\n"
}
