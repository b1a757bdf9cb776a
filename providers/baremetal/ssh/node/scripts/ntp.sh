# set_ntp N_TIMESYNCD N_CHRONY: the servers as each of the two has them. The
# one that runs is taken. A host with neither keeps its own time: that is said
# and is no reason to stop.
set_ntp() {
	begin "setting time servers"
	for unit in chronyd chrony; do
		systemctl is-active "$unit.service" >/dev/null 2>&1 && use_chrony "$unit" "$2" && return 0
	done
	if systemctl cat systemd-timesyncd.service >/dev/null 2>&1; then
		put "$payload/$1" 0644 root:root /etc/systemd/timesyncd.conf.d/groundwork.conf &&
			restart_later systemd-timesyncd.service && enable systemd-timesyncd.service &&
			systemctl restart systemd-timesyncd.service && return 0
	fi
	for unit in chronyd chrony; do
		systemctl cat "$unit.service" >/dev/null 2>&1 && use_chrony "$unit" "$2" && return 0
	done
	warn "the time servers are not set: the host has neither a working chrony nor systemd-timesyncd"
}

# use_chrony UNIT N: Debian's chrony reads a folder of sources, Red Hat's only
# its file.
use_chrony() {
	if [ -d "$root/etc/chrony/sources.d" ]; then
		put "$payload/$2" 0644 root:root /etc/chrony/sources.d/groundwork.sources || return 1
	else
		conf=/etc/chrony.conf
		[ -f "$root$conf" ] || conf=/etc/chrony/chrony.conf
		[ -f "$root$conf" ] || return 1
		while IFS= read -r line; do
			grep -qxF -e "$line" "$root$conf" && continue
			own_line "$conf" "$line"
			printf '%s\n' "$line" >>"$root$conf"
		done <"$payload/$2"
	fi
	restart_later "$1.service"
	enable "$1.service"
	systemctl restart "$1.service"
}

# restart_later UNIT: its configuration changes again at a reset.
restart_later() { note "restart $1"; }

# enable UNIT: one that did not start at boot will not again.
enable() {
	systemctl is-enabled "$1" >/dev/null 2>&1 && return 0
	note "enabled $1"
	systemctl enable "$1"
}
