# What is put on the host is written into the manifest before it is put there:
#   file PATH         made by us
#   saved PATH<TAB>N  replaced by us; the original lies in saved/N
#   dir PATH          a folder that was not there
#   had PATH          what lay already in a folder that fills up later
#   line PATH<TAB>L   a line that is appended to a file that is not ours
#   unended PATH      a file whose last line had no end
#   user NAME, group NAME, sysctl KEY VALUE, module NAME, hostname NAME,
#   unit NAME, enabled UNIT, restart UNIT, vip ADDRESS
# Paths are without the root that tests set.
newline='
'
tab='	'
noted=$newline$(cat "$manifest" 2>/dev/null)$newline

# is_noted ENTRY
is_noted() {
	case $noted in *"$newline$1$newline"*) return 0 ;; esac
	return 1
}

# is_saved PATH
is_saved() {
	case $noted in *"${newline}saved $1$tab"*) return 0 ;; esac
	return 1
}

# note ENTRY: adds it once.
note() {
	is_noted "$1" && return 0
	printf '%s\n' "$1" >>"$manifest" || return 1
	noted=$noted$1$newline
}

# own_folder PATH: makes a folder and its parents where they are missing.
own_folder() {
	[ -z "$1" ] || [ -d "$root$1" ] && return 0
	own_folder "${1%/*}" || return 1
	note "dir $1" || return 1
	mkdir -m 0755 "$root$1" 2>/dev/null || [ -d "$root$1" ]
}

# own PATH: the file may be written from now on; what is there is saved.
own() {
	own_folder "${1%/*}" || return 1
	is_noted "file $1" || is_saved "$1" && return 0
	if [ -e "$root$1" ] || [ -L "$root$1" ]; then
		mkdir -p "$base/saved"
		number=$(grep -c '^saved ' "$manifest" 2>/dev/null)
		number=${number:-0}
		cp -a "$root$1" "$base/saved/$number" || return 1
		note "saved $1$tab$number"
	else
		note "file $1"
	fi
}

# put SOURCE MODE OWNER PATH: writes the file with its final mode and owner at
# once. It is made beside its place, so that it gets the security label that
# belongs there. A symbolic link stays one; where the file is a mount, only
# its content can change.
put() {
	own "$4" || return 1
	target=$root$4
	[ -L "$target" ] && target=$(readlink -f "$target")
	rm -f "$target.groundwork"
	cat "$1" >"$target.groundwork" || return 1
	if [ "$3" != root:root ] || [ -z "$root" ]; then
		chown "$3" "$target.groundwork" || return 1
	fi
	chmod "$2" "$target.groundwork" || return 1
	mv -f "$target.groundwork" "$target" 2>/dev/null && return 0
	cat "$target.groundwork" >"$target" && rm -f "$target.groundwork"
}

# own_line PATH LINE: the line will be appended by somebody; where it is there
# already, it stays after a reset too.
own_line() {
	grep -qxF -e "$2" "$root$1" 2>/dev/null && return 0
	note "line $1$tab$2"
}
