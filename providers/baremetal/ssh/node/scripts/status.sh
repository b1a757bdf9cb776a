# set_status PHASE STEP writes how far the job is. A line break in a step would
# be a line of its own.
set_status() {
	{
		printf 'job=%s\nphase=%s\nstep=%s\nattempt=%s\nboot=%s\n' "$job_name" "$1" \
			"$(printf '%s' "$2" | tr '\n' ' ')" "${attempt:-1}" "$(boot_id)"
		sed -n -e '/^cluster=/p' -e '/^machine=/p' -e '/^uid=/p' "$job/owner"
	} >"$job/status.new" && mv -f "$job/status.new" "$job/status"
}

# active NAME: the job's unit runs.
active() {
	case $(systemctl is-active "groundwork-$1.service" 2>/dev/null) in
	active | activating | reloading | deactivating) return 0 ;;
	esac
	return 1
}

# under_way: the last job, as its file has it, runs on this boot.
under_way() {
	[ "$(field "$job/status" phase)" = Running ] && [ "$(field "$job/status" boot)" = "$(boot_id)" ] &&
		active "$(field "$job/status" job)"
}

# launch NAME SCRIPT: starts the script as a transient unit, which is there
# until it ends, whatever becomes of the connection.
launch() {
	systemctl reset-failed "groundwork-$1.service" 2>/dev/null || :
	out=$(systemd-run --quiet --collect --unit="groundwork-$1" \
		--description="Groundwork: $1 of this host" --property=WorkingDirectory=/ /bin/sh "$2" 2>&1) && return 0
	set_status Failed "the host's systemd does not start the job: $(printf '%s' "$out" | tail -n 1)"
	return 1
}
