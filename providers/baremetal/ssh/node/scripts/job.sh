# The bootstrap, as a unit of its own: what the plan says, one after the other.
# Everything that it prints goes to the job's log.
job_name=bootstrap
attempt=$(field "$job/status" attempt)
payload=$job/payload
step=starting
warnings=
exec >>"$job/log" 2>&1 </dev/null
HOME=$(getent passwd root 2>/dev/null | cut -d : -f 6)
HOME=${HOME:-/root}
export HOME

begin() {
	step=$1
	set_status Running "$step"
}

# forget takes the secrets away: the data, and what kubeadm has printed of it.
forget() {
	rm -rf "$payload"
	sed -i -e 's/\([^a-z0-9]\)[a-z0-9]\{6\}\.[a-z0-9]\{16\}/\1[redacted]/g' \
		-e 's/\(certificate-key \)[0-9a-f]*/\1[redacted]/' "$job/log"
}

# fail TEXT
fail() {
	echo "$1"
	forget
	set_status Failed "$1${warnings:+ (before it: $warnings)}"
	exit 1
}

warn() {
	echo "$1"
	warnings=${warnings:+$warnings; }$1
}

# write_file N MODE OWNER PATH
write_file() {
	[ "$step" = "writing files" ] || begin "writing files"
	put "$payload/$1" "$2" "$3" "$4" || fail "writing $4 failed"
}

# append_file N MODE OWNER PATH: mode and owner stay where none is given.
append_file() {
	begin "writing files"
	cat "$root$4" "$payload/$1" >"$payload/joined" 2>/dev/null || cat "$payload/$1" >"$payload/joined"
	mode=$2
	keeper=$3
	[ -n "$mode" ] || mode=$(stat -c %a "$root$4" 2>/dev/null || echo 0644)
	[ -n "$keeper" ] || keeper=$(stat -c %U:%G "$root$4" 2>/dev/null || echo root:root)
	# Once, however often the job is started.
	tail -c "$(wc -c <"$payload/$1")" "$root$4" 2>/dev/null | cmp -s - "$payload/$1" && return 0
	put "$payload/joined" "$mode" "$keeper" "$4" || fail "writing $4 failed"
}

# hostname_of_node NAME: Cluster API's data sets the host's name and a line of
# /etc/hosts; both go back.
hostname_of_node() {
	case $noted in *"${newline}hostname "*) ;; *) note "hostname $(uname -n)" ;; esac
	own /etc/hostname
	own_line /etc/hosts "127.0.0.1 $1"
}

# run_command N TITLE KIND: kubeadm's is "critical" and ends the job when it
# fails, as does a "strict" one. Others are noted, as with cloud-init: those
# "before" it and those "after" it.
run_command() {
	[ -n "$through" ] && [ "$3" != after ] && return 0
	begin "$2"
	number=0
	while :; do
		said=$(wc -l <"$job/log")
		(umask 022 && exec sh "$payload/$1")
		code=$?
		[ "$code" = 0 ] && break
		# A node of an attempt before is Ready until its lease runs out.
		number=$((number + 1))
		if [ "$3" = critical ] && [ "$attempt" -gt 1 ] && [ "$number" -lt 10 ] &&
			tail -n +"$((said + 1))" "$job/log" | grep -q 'already exists in the cluster'; then
			begin "$2: waiting until the cluster gives the node up"
			sleep 10
			continue
		fi
		break
	done
	case $3 in
	critical | strict) [ "$code" = 0 ] || fail "$2: exit code $code" ;;
	*) [ "$code" = 0 ] || warn "$2: exit code $code" ;;
	esac
	if [ "$3" = critical ]; then
		: >"$job/joined"
		sync "$job/joined" 2>/dev/null || :
	fi
	return 0
}

# prepare KIND takes away what an attempt before has left. A control plane that
# was joining (KIND etcd) may have a member in the cluster's etcd.
prepare() {
	[ "$attempt" = 1 ] && return 0
	begin "cleaning up after the attempt before"
	if [ "$1" = etcd ]; then
		leave_etcd_soon || fail "the member of etcd that the attempt before has left cannot be removed: etcd does not answer"
	fi
	stop_pods
	bounded 60 kubeadm reset --force --skip-phases=preflight,remove-etcd-member \
		--cri-socket "unix://$socket" || warn "kubeadm reset failed"
	empty_folder /var/lib/etcd
	empty_folder /etc/cni/net.d
}

echo "attempt $attempt of $(field "$job/owner" machine) of $(field "$job/owner" cluster), $(date)"
through=
if [ -f "$job/joined" ]; then
	echo "kubeadm was through in the attempt before"
	through=yes
	for name in prepare write_file append_file make_user set_password allow_sudo authorize set_ntp; do
		eval "$name() { :; }"
	done
fi
. "$payload/plan.sh"
[ -e "$root/run/cluster-api/bootstrap-success.complete" ] || {
	own /run/cluster-api/bootstrap-success.complete &&
		echo success >"$root/run/cluster-api/bootstrap-success.complete"
} || fail "writing /run/cluster-api/bootstrap-success.complete failed"
forget
set_status Done "${warnings:+done, though $warnings}"
sync "$job/status" 2>/dev/null || :
