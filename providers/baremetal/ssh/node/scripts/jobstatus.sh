# How far the last job is, in one cheap round trip.
say boot-id "$(boot_id)"
say_owner "$base/owner"
[ -f "$job/status" ] || exit 0
if [ "$(field "$job/status" phase)" = Running ] && ! under_way; then
	# It may have ended while we looked.
	[ "$(field "$job/status" phase)" = Running ] && say interrupted yes
fi
sed -n -e 's/^job=/job=/p' -e 's/^phase=/phase=/p' -e 's/^step=/step=/p' \
	-e 's/^attempt=/attempt=/p' -e 's/^boot=/job-boot=/p' "$job/status"
if [ "$(field "$job/status" phase)" = Done ]; then exit 0; fi
# kubeadm's phases: "[certs] Generating ...".
say line "$(sed -n '/^\[[a-z-]*\] /p' "$job/log" 2>/dev/null | tail -n 1)"
echo log:
tail -n 40 "$job/log" 2>/dev/null
exit 0
