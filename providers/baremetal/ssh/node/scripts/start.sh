# start CLUSTER MACHINE UID, with a tar on stdin: job.sh, plan.sh and its
# contents. Starts the bootstrap, unless it runs or is done.
refuse() {
	cat >/dev/null
	say answer "$1"
	exit 0
}
if ! owned_by "$base/owner" "$@"; then
	say hostname "$(uname -n)"
	say_owner "$base/owner"
	refuse taken
fi
attempt=1
if [ -f "$job/status" ] && owned_by "$job/owner" "$@"; then
	under_way && refuse "$(field "$job/status" job)"
	case $(field "$job/status" job) in
	reset) refuse reset ;;
	bootstrap)
		[ "$(field "$job/status" phase)" = Done ] && refuse bootstrap
		attempt=$(($(field "$job/status" attempt) + 1))
		;;
	esac
fi
new=$base/job.new
rm -rf "$new"
mkdir -p "$new/payload" && tar -x -f - -C "$new/payload" || stop_with "cannot unpack the job: is the disk full?"
printf 'cluster=%s\nmachine=%s\nuid=%s\n' "$@" >"$new/owner"
mv "$new/payload/job.sh" "$new/job.sh" || stop_with "the job has no script"
# What the attempts before did and said.
[ -f "$job/log" ] && mv -f "$job/log" "$new/log.before"
[ -f "$job/joined" ] && : >"$new/joined"
rm -rf "$job"
mv "$new" "$job" || stop_with "cannot write $job"
job_name=bootstrap
: >"$job/log"
set_status Running starting || stop_with "cannot write $job"
sync "$job/status" 2>/dev/null || :
launch bootstrap "$job/job.sh" || stop_with "$(field "$job/status" step)"
say answer started
