# stock CLUSTER MACHINE UID, with "SHA256 PATH" lines on stdin: which of the
# files lie in their places already, and which images containerd has from
# which archive; or that there is a containerd that would have to run to say so.
owned_by "$base/owner" "$1" "$2" "$3" || {
	cat >/dev/null
	say hostname "$(uname -n)"
	say_owner "$base/owner"
	say taken yes
	exit 0
}
say hostname "$(uname -n)"
say machine "$(uname -m)"
while read -r digest path; do
	[ -f "$root$path" ] || continue
	sum=$(sha256sum "$root$path") && [ "${sum%% *}" = "$digest" ] && say placed "$path"
done
if [ -e "$root$socket" ] && has ctr; then
	# The label is set by import.sh.
	ctr --connect-timeout 5s -n k8s.io images ls 2>/dev/null |
		sed -n 's/^\([^ ]*\) .*groundwork\.dev\/archive=\([0-9a-f]*\).*/imported=\1 \2/p'
elif [ -e "$root/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db" ]; then
	say stopped yes
fi
exit 0
