# Shared by every script: where things lie, and an environment that does not
# depend on how the host's shell is set up. GROUNDWORK_ROOT is for tests.
set -u
LC_ALL=C
export LC_ALL
umask 077
root=${GROUNDWORK_ROOT:-}
PATH=$root/usr/local/sbin:$root/usr/local/bin:$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
base=$root/var/lib/groundwork
manifest=$base/installed
job=$base/job
socket=/run/containerd/containerd.sock

# has COMMAND: the host has it.
has() { command -v "$1" >/dev/null 2>&1; }

# say KEY VALUE: a line of the report that the caller reads.
say() { printf '%s=%s\n' "$1" "$2"; }

# stop_with TEXT: ends a script whose caller reads the report.
stop_with() {
	say problem "$1"
	exit 1
}

# field FILE KEY: the value of KEY=... in a file.
field() { sed -n "s/^$2=//p" "$1" 2>/dev/null | head -n 1; }

# owned_by FILE CLUSTER MACHINE UID: the file names this machine as owner. Its
# UID changes when Cluster API moves it to another management cluster, its
# name, which has a random part, does not.
owned_by() {
	[ "$(field "$1" uid)" = "$4" ] ||
		{ [ "$(field "$1" cluster)" = "$2" ] && [ "$(field "$1" machine)" = "$3" ]; }
}

# say_owner FILE
say_owner() {
	[ -f "$1" ] || return 0
	sed -n -e 's/^cluster=/owner.cluster=/p' -e 's/^machine=/owner.machine=/p' -e 's/^uid=/owner.uid=/p' "$1"
}

# boot_id changes with every start of the host. A host that is a container has
# the kernel's identifier, but a first process of its own: when that began is
# the 22nd field of its stat (proc_pid_stat(5)), the 20th behind its name.
boot_id() {
	kernel=$(cat "$root/proc/sys/kernel/random/boot_id" 2>/dev/null)
	first=$(sed 's/.*) //' "$root/proc/1/stat" 2>/dev/null | cut -d ' ' -f 20)
	printf '%s\n' "$kernel${first:+/$first}"
}
