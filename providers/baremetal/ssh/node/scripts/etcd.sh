# leave_etcd takes this host's member out of the cluster's etcd: one that is
# wiped and comes back under its old identifier panics (raft has lost what it
# had acknowledged), and until then it counts for the quorum. kubeadm does it
# only where it can read the cluster's configuration, for which the node has to
# be registered. It fails, within seconds, where etcd does not answer; where
# there is no member, or no other one, there is nothing to do.
#
# etcdctl comes from the image of etcd that runs here.
leave_etcd() {
	spec=$root/etc/kubernetes/manifests/etcd.yaml
	[ -f "$spec" ] || return 0
	image=$(sed -n 's/^ *image: *//p' "$spec" | head -n 1)
	own_peer=$(sed -n 's/^ *- --initial-advertise-peer-urls=//p' "$spec" | head -n 1)
	[ -n "$image" ] && [ -n "$own_peer" ] || return 0
	# Others are asked where they are known: a member that is still learning
	# does not answer. The first one knows only itself.
	endpoints=$(sed -n 's/^ *- --initial-cluster=//p' "$spec" | tr , '\n' |
		sed -e 's/^[^=]*=//' -e 's/:2380$/:2379/' | grep -vxF -e "${own_peer%:2380}:2379" | tr '\n' ,)
	endpoints=${endpoints%,}
	endpoints=${endpoints:-https://127.0.0.1:2379}
	members=$(etcdctl_here "$endpoints" member list) || return 1
	[ "$(printf '%s\n' "$members" | grep -c '://')" -gt 1 ] || return 0
	member=$(printf '%s\n' "$members" | grep -F -e ", $own_peer," | cut -d , -f 1)
	[ -n "$member" ] || return 0
	etcdctl_here "$endpoints" member remove "$member"
}

# etcdctl_here ENDPOINTS COMMAND...
etcdctl_here() {
	hosts=$1
	shift
	bounded 10 ctr -n k8s.io run --rm --net-host \
		--mount "type=bind,src=$root/etc/kubernetes/pki/etcd,dst=/pki,options=rbind:ro" \
		"$image" "groundwork-etcdctl-$$-$1-$2" etcdctl --endpoints "$hosts" --dial-timeout 2s --command-timeout 5s \
		--cacert /pki/ca.crt --cert /pki/peer.crt --key /pki/peer.key "$@"
}

# leave_etcd_soon waits for a member that starts with the host: etcd may need
# it to agree to its removal.
leave_etcd_soon() {
	for pause in 5 5 5 0; do
		leave_etcd && return 0
		sleep "$pause"
	done
	return 1
}
