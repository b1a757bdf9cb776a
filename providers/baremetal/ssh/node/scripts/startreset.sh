# startreset CLUSTER MACHINE UID, with the reset script on stdin. Starts it as a
# unit, unless it runs or there is nothing to take away.
refuse() {
	cat >/dev/null
	say answer "$1"
	exit 0
}
rm -rf "$base.gone"
[ -d "$base" ] || refuse clean
if [ -n "$(field "$base/owner" uid)" ] && ! owned_by "$base/owner" "$@"; then
	say hostname "$(uname -n)"
	say_owner "$base/owner"
	refuse taken
fi
[ "$(field "$job/status" job)" = reset ] && under_way && refuse running
cat >"$base/reset.sh.new" && mv -f "$base/reset.sh.new" "$base/reset.sh" || stop_with "cannot write $base/reset.sh: is the disk full?"
# A bootstrap under way ends here: its status would overwrite the reset's.
systemctl stop groundwork-bootstrap.service 2>/dev/null
mkdir -p "$job"
printf 'cluster=%s\nmachine=%s\nuid=%s\n' "$@" >"$job/owner"
: >"$job/log"
job_name=reset
attempt=1
set_status Running starting || stop_with "cannot write $job"
printf 'GROUNDWORK_UNIT=yes\nexport GROUNDWORK_UNIT\n. %s\n' "$base/reset.sh" >"$job/unit.sh"
launch reset "$job/unit.sh" || stop_with "$(field "$job/status" step)"
say answer started
