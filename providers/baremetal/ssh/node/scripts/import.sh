# import REFERENCE SHA256: the archive becomes an image of containerd's that
# the kubelet does not collect: no registry could give it back. The label says
# which archive it came from.
archive=$base/files/$2
out=$(ctr -n k8s.io images import \
	--label "groundwork.dev/archive=$2" --label io.cri-containerd.pinned=pinned \
	"$archive" 2>&1) ||
	stop_with "containerd does not take the archive of $1: $(printf '%s' "$out" | tail -n 1)"
ctr -n k8s.io images ls -q | grep -qxF -e "$1" ||
	stop_with "the archive of $1 holds no image of that name; make the bundle again"
rm -f "$archive"
