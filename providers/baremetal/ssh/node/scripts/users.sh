# make_user NAME GECOS PRIMARY GROUPS HOME SHELL INACTIVE: as cloud-init does,
# a user who is there stays as they are, and gets the keys and rules.
make_user() {
	begin "making user $1"
	getent passwd "$1" >/dev/null 2>&1 && return 0
	[ -z "$5" ] || own_folder "${5%/*}" || fail "making ${5%/*} failed"
	note "user $1"
	name=$1 gecos=$2 primary=$3 groups=$4 home=$5 shell=$6 inactive=$7
	for group in $(printf '%s' "$groups" | tr , ' ') $primary; do
		getent group "$group" >/dev/null 2>&1 || {
			note "group $group"
			groupadd "$group" || fail "making group $group failed"
		}
	done
	[ -z "$primary" ] && getent group "$name" >/dev/null 2>&1 && primary=$name
	[ -n "$shell" ] || shell=$([ -x /bin/bash ] && echo /bin/bash || echo /bin/sh)
	# No password fits "*"; "!" would lock the account for keys too.
	set -- -m -p '*' -s "$shell"
	[ -n "$gecos" ] && set -- "$@" -c "$gecos"
	[ -n "$primary" ] && set -- "$@" -g "$primary"
	[ -n "$groups" ] && set -- "$@" -G "$groups"
	[ -n "$home" ] && set -- "$@" -d "$home"
	[ -n "$inactive" ] && set -- "$@" -f "$inactive"
	useradd "$@" "$name" || fail "making user $name failed"
}

# set_password N: NAME:HASH on stdin, out of sight of the process list.
set_password() { chpasswd -e <"$payload/$1" || fail "setting a password failed"; }

# allow_sudo NAME N: the rules. sudo passes over files with a dot in the name.
allow_sudo() {
	if [ ! -d "$root/etc/sudoers.d" ]; then
		warn "user $1 cannot become root: the host has no sudo"
		return 0
	fi
	if has visudo && ! visudo -cqf "$payload/$2" >/dev/null 2>&1; then
		fail "the rules for sudo of user $1 are wrong"
	fi
	put "$payload/$2" 0440 root:root "/etc/sudoers.d/90-groundwork-$(printf '%s' "$1" | tr . _)" ||
		fail "writing the rules for sudo of user $1 failed"
}

# authorize NAME N: the keys, one a line.
authorize() {
	home=$(getent passwd "$1" | cut -d : -f 6)
	[ -n "$home" ] || fail "user $1 has no home folder"
	keys=$home/.ssh/authorized_keys
	if [ ! -d "$root$home/.ssh" ]; then
		note "dir $home/.ssh"
		mkdir -p -m 0700 "$root$home/.ssh" && chown "$1:" "$root$home/.ssh"
	fi
	if [ ! -f "$root$keys" ]; then
		note "file $keys"
		: >"$root$keys" && chmod 0600 "$root$keys" && chown "$1:" "$root$keys"
	fi
	# A last line without an end would take the first key with it.
	if [ -n "$(tail -c 1 "$root$keys")" ]; then
		note "unended $keys"
		echo >>"$root$keys"
	fi
	while IFS= read -r key; do
		grep -qxF -e "$key" "$root$keys" && continue
		own_line "$keys" "$key"
		printf '%s\n' "$key" >>"$root$keys" || fail "writing $keys failed"
	done <"$payload/$2"
}
