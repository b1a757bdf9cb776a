# setup CLUSTER MACHINE UID, with a tar on stdin: plan.sh and the files that it
# puts. Afterwards containerd runs and answers.
owned_by "$base/owner" "$1" "$2" "$3" || stop_with "the host has been given to somebody else in the meantime"
setup=$base/setup
trap 'rm -rf "$setup"' EXIT
rm -rf "$setup"
mkdir -p "$setup" && tar -x -f - -C "$setup" || stop_with "cannot unpack the settings: is the disk full?"
changed=

# binary SHA256 PATH: from the copied files into its place. One content may
# have two places; copied is called when all are filled.
binary() {
	own "$2" || stop_with "cannot write $2"
	new=$root$2.groundwork
	rm -f "$new"
	ln "$base/files/$1" "$new" 2>/dev/null || cp "$base/files/$1" "$new" || stop_with "cannot write $2"
	chmod 0755 "$new" && mv -f "$new" "$root$2" || stop_with "cannot write $2"
	# A link has the label of where it came from; only SELinux systems have this.
	has restorecon && restorecon -F "$root$2" 2>/dev/null
	changed=yes
}

# copied SHA256
copied() { rm -f "$base/files/$1"; }

# config N MODE PATH
config() {
	[ -f "$root$3" ] && cmp -s "$setup/$1" "$root$3" && return 0
	put "$setup/$1" "$2" root:root "$3" || stop_with "cannot write $3"
	changed=yes
}

# record: how the host was before, once. It is whole before anything changes.
record() {
	is_noted recorded && return 0
	for path in $(cluster_folders) /run/netns; do folder "$path"; done
	# What the kubelet, Cilium and the settings below change.
	for key in net.ipv4.ip_forward net.ipv6.conf.all.forwarding \
		net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables \
		net.ipv4.conf.all.rp_filter net.ipv4.fib_multipath_use_neigh \
		net.core.bpf_jit_enable net.core.fb_tunnels_only_for_init_net kernel.timer_migration \
		vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops \
		kernel.keys.root_maxkeys kernel.keys.root_maxbytes; do
		former "$key"
	done
	note recorded || stop_with "cannot write $manifest"
}

# folder PATH: what is in it already stays. Not so for containerd: its folder
# is one whole.
folder() {
	if [ ! -d "$root$1" ]; then
		note "dir $1"
		return 0
	fi
	[ "$1" = /var/lib/containerd ] && return 0
	for entry in "$root$1"/* "$root$1"/.[!.]*; do
		[ -e "$entry" ] || [ -L "$entry" ] || continue
		note "had ${entry#"$root"}"
	done
}

# former KEY: the value to go back to, of a setting that a node changes.
former() {
	setting=$root/proc/sys/$(printf '%s' "$1" | tr . /)
	[ -r "$setting" ] || return 0
	value=$(cat "$setting") && note "sysctl $1 $value"
}

# module_there NAME: loaded, or built in.
module_there() {
	[ -d "$root/sys/module/$1" ] || grep -qw "$1" "$root/proc/filesystems" 2>/dev/null && return 0
	[ "$1" = br_netfilter ] && [ -d "$root/proc/sys/net/bridge" ]
}

# module NAME
module() {
	module_there "$1" && return 0
	note "module $1"
	modprobe "$1" 2>/dev/null || echo "module $1 cannot be loaded" >&2
}

# setting KEY VALUE [needed]: a key that has the value already need not be
# writable.
setting() {
	setting=$root/proc/sys/$(printf '%s' "$1" | tr . /)
	[ "$(cat "$setting" 2>/dev/null)" = "$2" ] && return 0
	{ echo "$2" >"$setting"; } 2>/dev/null && return 0
	[ "${3:-}" = needed ] && stop_with "$1 cannot be set to $2"
	echo "$1 cannot be set to $2" >&2
}

# unit NAME: starts at boot.
unit() {
	note "unit $1"
	link=/etc/systemd/system/multi-user.target.wants/$1
	own "$link" || stop_with "cannot write $link"
}

fresh=
[ -s "$manifest" ] || fresh=yes
. "$setup/plan.sh"

systemctl daemon-reload || stop_with "systemd does not take the units"
systemctl -q enable containerd.service kubelet.service 2>/dev/null ||
	systemctl enable containerd.service kubelet.service || stop_with "systemd does not enable the units"
verb=start
[ -n "$changed" ] && verb=restart
systemctl "$verb" containerd.service ||
	stop_with "containerd does not start: $(journalctl -u containerd -n 3 -o cat --no-pager 2>/dev/null | tail -n 1)"
tries=0
until ctr version >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ "$tries" -lt 150 ] || stop_with "containerd has been started and does not answer for 30 s; see journalctl -u containerd"
	sleep 0.2
done
sync "$manifest" 2>/dev/null || :
