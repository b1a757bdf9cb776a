# cluster_folders: what fills up when the cluster runs, inner folders first.
cluster_folders() {
	printf '%s\n' /etc/kubernetes /etc/cni/net.d /etc/cni /opt/cni/bin /opt/cni /opt/containerd \
		/opt/nri /etc/nri /etc/containerd/certs.d /etc/containerd /usr/libexec/kubernetes \
		/var/lib/kubelet /var/lib/etcd /var/lib/containerd /var/lib/cni /var/lib/cilium \
		/var/log/pods /var/log/containers /var/log/kubernetes \
		/run/containerd /run/nri /run/flannel /run/cilium /run/kubeadm /run/cluster-api
}
