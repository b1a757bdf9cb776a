# Takes away what was put on this host, the cluster first and our own folder at
# last. It runs as a unit of its own, or by hand:
#   sh /var/lib/groundwork/reset.sh
# It can be repeated; what cannot be removed is said and kept in the manifest.
problems=
job_name=reset
attempt=$(field "$job/status" attempt)

begin() {
	echo "$1"
	[ -d "$job" ] && set_status Running "$1"
}

# trouble TEXT
trouble() {
	echo "$1"
	problems=${problems:+$problems; }$1
}

# stop_all: no unit of the cluster's runs afterwards.
stop_all() {
	begin "stopping the node"
	systemctl stop groundwork-bootstrap.service 2>/dev/null
	rm -rf "$job/payload"
	leave_etcd || echo "the member of etcd is not removed: etcd does not answer"
	stop_pods
	bounded 20 systemctl stop containerd.service 2>/dev/null
	systemctl kill --signal=KILL containerd.service 2>/dev/null
	end_processes shim_processes || trouble "processes of containerd do not end"
	for unit in $(sed -n 's/^unit //p' "$manifest"); do
		systemctl disable "$unit" 2>/dev/null
	done
	# Network namespaces of pods.
	for namespace in "$root"/run/netns/cni-* "$root"/run/netns/cilium-*; do
		[ -e "$namespace" ] || continue
		umount -l "$namespace" 2>/dev/null
		rm -f "$namespace"
	done
}

# clean_cluster: kubeadm knows what its version has written; the pods are gone
# already, so that it need not wait for anything.
clean_cluster() {
	begin "removing the cluster"
	# With it kubeadm would ask the cluster, which may be gone, for its settings.
	is_noted "had /etc/kubernetes/admin.conf" || rm -f "$root/etc/kubernetes/admin.conf"
	if [ -x "$root/usr/local/bin/kubeadm" ] && [ -d "$root/etc/kubernetes" ]; then
		bounded 20 "$root/usr/local/bin/kubeadm" reset --force --cleanup-tmp-dir \
			--skip-phases=preflight,remove-etcd-member --cri-socket "unix://$socket" || echo "kubeadm reset did not end well"
	fi
	for path in $(cluster_folders); do
		if is_noted "dir $path"; then
			remove_folder "$path" || trouble "$path is not removed"
		else
			empty_folder "$path" || trouble "$path is not emptied"
		fi
	done
	is_noted "dir /run/netns" && rmdir "$root/run/netns" 2>/dev/null
	rm -f "$root/run/xtables.lock" "$root"/etc/sysctl.d/*-zzz-override_cilium.conf
	return 0
}

# remove_folder PATH: one that is a mount point by now is only emptied.
remove_folder() {
	[ -e "$root$1" ] || return 0
	empty_folder "$1" || return 1
	rmdir "$root$1" 2>/dev/null && return 0
	mounts_below "${1%/*}" | grep -qxF -e "$1"
}

# undo_entries goes back through the manifest.
undo_entries() {
	begin "removing node files"
	sed '1!G;h;$!d' "$manifest" >"$base/undo"
	while IFS= read -r entry; do
		kind=${entry%% *}
		rest=${entry#* }
		case $kind in
		file) rm -f "$root$rest" || trouble "$rest is not removed" ;;
		saved) restore "${rest#*	}" "${rest%%	*}" ;;
		line) remove_line "${rest%%	*}" "${rest#*	}" ;;
		unended) [ -f "$root$rest" ] && printf '%s' "$(cat "$root$rest")" >"$base/lines" && cat "$base/lines" >"$root$rest" ;;
		enabled) systemctl disable "$rest" 2>/dev/null ;;
		dir) rmdir "$root$rest" 2>/dev/null ;;
		user)
			userdel -f -r "$rest" 2>/dev/null || userdel "$rest" 2>/dev/null
			getent passwd "$rest" >/dev/null 2>&1 && trouble "user $rest is not removed"
			;;
		group) groupdel "$rest" 2>/dev/null ;;
		sysctl) set_back "${rest%% *}" "${rest#* }" ;;
		module) modprobe -r "$rest" 2>/dev/null ;;
		hostname) name_back "$rest" ;;
		esac
	done <"$base/undo"
	rm -f "$base/undo"
	systemctl daemon-reload
	systemctl reset-failed kubelet.service containerd.service 2>/dev/null
	sed -n 's/^restart //p' "$manifest" | while read -r unit; do systemctl restart "$unit" 2>/dev/null; done
	refresh_trust
}

# restore N PATH
restore() {
	[ -e "$base/saved/$1" ] || [ -L "$base/saved/$1" ] || return 0
	cp -a "$base/saved/$1" "$root$2.groundwork" && mv -f "$root$2.groundwork" "$root$2" ||
		cat "$base/saved/$1" >"$root$2" || trouble "$2 is not restored; its original is $base/saved/$1"
}

# remove_line PATH LINE: the file keeps its owner, mode and place.
remove_line() {
	[ -f "$root$1" ] && grep -qxF -e "$2" "$root$1" || return 0
	grep -vxF -e "$2" "$root$1" >"$base/lines"
	cat "$base/lines" >"$root$1" || trouble "a line of ours stays in $1"
	rm -f "$base/lines"
}

# set_back KEY VALUE
set_back() {
	setting=$root/proc/sys/$(printf '%s' "$1" | tr . /)
	[ "$(cat "$setting" 2>/dev/null)" = "$2" ] && return 0
	{ printf '%s\n' "$2" >"$setting"; } 2>/dev/null || echo "$1 does not go back to $2"
}

# name_back NAME: /etc/hostname goes back as a file.
name_back() {
	[ "$(uname -n)" = "$1" ] && return 0
	hostname "$1" 2>/dev/null || { printf '%s\n' "$1" >"$root/proc/sys/kernel/hostname"; } 2>/dev/null || trouble "the host's name does not go back to $1"
	systemctl try-restart systemd-hostnamed.service 2>/dev/null
	return 0
}

# refresh_trust: authorities whose files are gone are trusted no more. What it
# writes is for everybody.
refresh_trust() {
	grep -q '^file /usr/local/share/ca-certificates/' "$manifest" && has update-ca-certificates && (umask 022 && update-ca-certificates --fresh)
	grep -q '^file /etc/pki/ca-trust/source/anchors/' "$manifest" && has update-ca-trust && (umask 022 && update-ca-trust extract)
	return 0
}

if [ -d "$job" ] && [ "${GROUNDWORK_UNIT:-}" = yes ]; then exec >>"$job/log" 2>&1 </dev/null; fi
if is_noted recorded; then
	remember_vip
	stop_all
	begin "cleaning the network"
	clean_network
	clean_cluster
fi
[ -f "$manifest" ] && undo_entries
if [ -n "$problems" ]; then
	[ -d "$job" ] && set_status Failed "$problems"
	echo "not finished: $problems"
	exit 1
fi
# Gone at once: a host with half of our folder would look like another's.
rm -rf "$base.gone"
mv "$base" "$base.gone" && rm -rf "$base.gone"
echo "this host is as it was"
