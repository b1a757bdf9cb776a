# bounded SECONDS COMMAND...
bounded() {
	seconds=$1
	shift
	if has timeout; then timeout "$seconds" "$@"; else "$@"; fi
}

# pod_processes: process ids that run in a pod's cgroup.
pod_processes() {
	grep -l kubepods "$root"/proc/[0-9]*/cgroup 2>/dev/null | sed 's|/cgroup$||; s|.*/||'
}

# shim_processes: containerd's shims of pods; another runtime's stay.
shim_processes() {
	grep -lx containerd-shim "$root"/proc/[0-9]*/comm 2>/dev/null | while IFS= read -r comm; do
		process=${comm%/comm}
		grep -q 'k8s\.io' "$process/cmdline" 2>/dev/null && echo "${process##*/}"
	done
}

# end_processes LISTER: kills what it lists until there is nothing, 10 s long.
end_processes() {
	round=0
	while [ "$round" -lt 100 ]; do
		list=$($1)
		[ -n "$list" ] || return 0
		# shellcheck disable=SC2086 # one word a process
		kill -9 $list 2>/dev/null
		round=$((round + 1))
		sleep 0.1
	done
	return 1
}

# stop_pods ends the kubelet and every pod at once. Nothing is asked: a node
# that goes has been drained, or nobody can wait for it.
stop_pods() {
	bounded 20 systemctl stop kubelet.service 2>/dev/null ||
		systemctl kill --signal=KILL kubelet.service 2>/dev/null
	end_processes pod_processes || echo "processes of pods do not end: $(pod_processes | tr '\n' ' ')"
	# Deleting a pod's network would wait for an agent that is gone.
	cilium_cni=$root/opt/cni/bin/cilium-cni
	if [ -e "$cilium_cni" ]; then
		printf '#!/bin/sh\nexit 0\n' >"$cilium_cni.new" && chmod 0755 "$cilium_cni.new" && mv -f "$cilium_cni.new" "$cilium_cni"
	fi
	return 0
}

# mounts_below PATH: mount points below it, the innermost first.
mounts_below() {
	while read -r _ _ _ _ point _; do
		case $point in
		"$1"/*) printf '%b\n' "$point" ;;
		esac
	done <"$root/proc/self/mountinfo" | sort -r
}

# unmount_below PATH: what a pod has mounted goes before a folder is emptied:
# a volume's data is not ours.
unmount_below() {
	mounts_below "$1" | while IFS= read -r point; do
		umount "$point" 2>/dev/null || umount -f -l "$point" 2>/dev/null || umount -l "$point"
	done
	[ -z "$(mounts_below "$1")" ]
}

# empty_folder PATH: removes all that is in it but what was there before it
# filled up. Nothing is removed where something is still mounted.
empty_folder() {
	[ -d "$root$1" ] && [ ! -L "$root$1" ] || return 0
	unmount_below "$1" || {
		echo "$1 is not emptied: $(mounts_below "$1" | head -n 1) cannot be unmounted"
		return 1
	}
	emptied=0
	for entry in "$root$1"/* "$root$1"/.[!.]* "$root$1"/..?*; do
		[ -e "$entry" ] || [ -L "$entry" ] || continue
		[ "${entry##*/}" = lost+found ] && continue
		is_noted "had ${entry#"$root"}" && continue
		# cgroup2 and bpffs folders of pods may need a second try.
		rm -rf "$entry" 2>/dev/null || rm -rf "$entry" || emptied=1
	done
	return "$emptied"
}
