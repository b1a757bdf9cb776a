# What the host says about itself, in one round trip. A tool or file that is
# missing leaves its fact out.
say started "$(date +%s.%N)"
say hostname "$(uname -n)"
say kernel "$(uname -r)"
say machine "$(uname -m)"
say machine-id "$(cat "$root/etc/machine-id" 2>/dev/null)"
for release in "$root/etc/os-release" "$root/usr/lib/os-release"; do
	[ -r "$release" ] || continue
	sed -n -e 's/^ID=/os=/p' -e 's/^VERSION_ID=/os-version=/p' -e 's/^PRETTY_NAME=/os-name=/p' "$release"
	break
done
say cpus "$(nproc 2>/dev/null || grep -c '^processor' "$root/proc/cpuinfo" 2>/dev/null)"
sed -n 's/^MemTotal: *\([0-9]*\) kB/memory-kib=\1/p' "$root/proc/meminfo" 2>/dev/null

# disk KEY PATH: KiB free where the path lies, or would lie.
disk() {
	where=$root$2
	while [ ! -e "$where" ] && [ -n "$where" ]; do where=${where%/*}; done
	df -Pk "${where:-/}" 2>/dev/null | {
		read -r _ || :
		read -r _ _ _ free _ && say "$1" "$free"
	}
}
disk disk-free-kib /var/lib
disk disk-free-root-kib /usr

# The first line of /proc/swaps names the columns.
if [ -r "$root/proc/swaps" ]; then
	while read -r device _ size _; do
		case $size in *[!0-9]* | '') ;; *) [ -n "$device" ] && say swap-kib "$size" ;; esac
	done <"$root/proc/swaps"
fi

if has timedatectl; then
	if has timeout; then
		say ntp "$(timeout 5 timedatectl show -p NTPSynchronized --value 2>/dev/null)"
	else
		say ntp "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
	fi
fi
[ -d "$root/run/systemd/system" ] && say systemd yes
if grep -q ' /sys/fs/cgroup cgroup2 ' "$root/proc/mounts" 2>/dev/null; then
	say cgroup-controllers "$(cat "$root/sys/fs/cgroup/cgroup.controllers" 2>/dev/null)"
fi

# 0A is LISTEN (include/net/tcp_states.h); ports are hexadecimal.
for table in "$root/proc/net/tcp" "$root/proc/net/tcp6"; do
	[ -r "$table" ] || continue
	while read -r _ local _ state _; do
		[ "$state" = 0A ] && say listen "${local##*:}"
	done <"$table"
done

for found in "$root"/etc/kubernetes/manifests/* "$root"/etc/kubernetes/*.conf "$root"/etc/kubernetes/pki/* \
	"$root"/var/lib/etcd/member "$root"/var/lib/kubelet/config.yaml \
	"$root"/etc/cni/net.d/*.conf "$root"/etc/cni/net.d/*.conflist "$root"/etc/cni/net.d/*.json \
	"$root"/sys/class/net/cilium_* "$root"/sys/class/net/flannel.* "$root"/sys/class/net/cni0; do
	[ -e "$found" ] && say leftover "${found#"$root"}"
done

# ours PATH: we have put it there.
ours() { grep -qxF -e "file $1" "$manifest" 2>/dev/null || grep -q -e "^saved $1	" "$manifest" 2>/dev/null; }
for name in kubelet containerd dockerd crio k3s rke2 k0s microk8s; do
	for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /opt/bin /snap/bin; do
		[ -x "$root$folder/$name" ] || continue
		ours "$folder/$name" || say runtime "$name installed as $folder/$name"
	done
done
for comm in "$root"/proc/[0-9]*/comm; do
	[ -r "$comm" ] || continue
	read -r name <"$comm" 2>/dev/null || continue
	case $name in
	kubelet | containerd | dockerd | crio | k3s-server | k3s-agent | rke2 | k0s) ;;
	*) continue ;;
	esac
	process=${comm%/comm}
	binary=$(readlink "$process/exe" 2>/dev/null)
	ours "${binary% (deleted)}" || say runtime "$name running as process ${process##*/}"
done

# What the scripts and kubeadm need (kubeadm's preflight: cp, losetup, mount);
# the kubelet mounts, Cilium and kube-vip bring their own.
for name in awk base64 cat chmod chown cp cut df find grep head ip ln losetup mkdir modprobe \
	mount mv nsenter readlink rm sed sha256sum sort systemctl systemd-run tail tar umount uname; do
	has "$name" || say missing-command "$name"
done

module_there() {
	grep -qw "$1" "$root/proc/filesystems" 2>/dev/null || [ -d "$root/sys/module/$1" ] && return 0
	grep -q "/$1\.ko" "$root/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null && return 0
	has modprobe && modprobe -n -q "$1" 2>/dev/null
}
module_there overlay || say missing-module overlay
[ -d "$root/proc/sys/net/bridge" ] || module_there br_netfilter || say missing-module br_netfilter

if has ip; then
	ip -o addr show scope global 2>/dev/null | while read -r _ _ _ address _; do
		say address "${address%%/*}"
	done
elif has hostname; then
	for address in $(hostname -I 2>/dev/null); do say address "$address"; done
fi
say_owner "$base/owner"
say ended "$(date +%s.%N)"
