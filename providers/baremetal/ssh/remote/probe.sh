# For each line "digest size mode path" of stdin, a line on stdout: "present",
# "part size digest" for what an interrupted copy has left, or "absent"; the
# latter two are followed by the free space in KiB and the mount point.
room() { # FOLDER
	df -Pk -- "$1/" | awk 'NR == 2 { printf "%s ", $4; for (i = 6; i <= NF; i++) printf "%s%s", $i, (i < NF ? " " : "\n") }'
}

while read -r digest size mode path; do
	folder=${path%/*}
	mkdir -p -- "$folder/" || exit 1
	if [ -f "$path" ] && [ ! -L "$path" ] && [ "$(stat -c %s -- "$path")" = "$size" ]; then
		found=$digest
		if ! is_verified "$path" "$digest"; then
			found=$(digest_of "$path") || exit 1
			[ "$found" != "$digest" ] || now_verified "$path" "$digest"
		fi
		if [ "$found" = "$digest" ]; then
			chmod "$mode" -- "$path" || exit 1
			echo present
			continue
		fi
	fi
	part=$(part_of "$path" "$digest")
	if [ -f "$part" ] && [ ! -L "$part" ] && [ "$(stat -c %s -- "$part")" -le "$size" ]; then
		found=$(digest_of "$part") || exit 1
		echo "part $(stat -c %s -- "$part") $found $(room "$folder")"
	else
		rm -rf -- "$part" || exit 1
		echo "absent 0 - $(room "$folder")"
	fi
done
