# claim CLUSTER MACHINE UID, with the reset script on stdin. A hard link is
# made or not, whoever else tries at the same moment.
rm -rf "$base.gone"
mkdir -p "$base" || stop_with "cannot make $base"
chmod 0700 "$base"
mine=$base/owner.$$
trap 'rm -f "$mine"' EXIT
printf 'cluster=%s\nmachine=%s\nuid=%s\n' "$1" "$2" "$3" >"$mine" || stop_with "cannot write to $base"
sync "$mine" 2>/dev/null || :
if ! ln "$mine" "$base/owner" 2>/dev/null; then
	if [ -n "$(field "$base/owner" uid)" ] && ! owned_by "$base/owner" "$1" "$2" "$3"; then
		cat >/dev/null
		say hostname "$(uname -n)"
		say taken yes
		say_owner "$base/owner"
		exit 0
	fi
	mv -f "$mine" "$base/owner" || stop_with "cannot write $base/owner"
fi
cat >"$base/reset.sh.new" && mv -f "$base/reset.sh.new" "$base/reset.sh" || stop_with "cannot write $base/reset.sh"
