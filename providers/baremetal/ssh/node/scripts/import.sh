# import SHA256 REFERENCE...: the archive becomes images of containerd's that
# the kubelet does not collect: no registry could give them back. The label
# says which archive they came from. With --local ctr itself reads the archive,
# which takes half as long as handing it to containerd's transfer service.
digest=$1
shift
out=$(ctr -n k8s.io images import --local \
	--label "groundwork.dev/archive=$digest" --label io.cri-containerd.pinned=pinned \
	"$base/files/$digest" 2>&1) ||
	stop_with "containerd does not take the archive of $1: $(printf '%s' "$out" | tail -n 1)"
have=$(ctr -n k8s.io images ls -q)
for reference in "$@"; do
	printf '%s\n' "$have" | grep -qxF -e "$reference" ||
		stop_with "the archive of $1 holds no image $reference; make the bundle again"
done
rm -f "$base/files/$digest"
