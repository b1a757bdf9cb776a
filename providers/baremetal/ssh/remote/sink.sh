# The receiving end of scp for one file: what comes goes behind what is there
# already, under a name of its own, and gets its own name when its digest is
# right. Of the protocol, the client waits for an answer to the header and for
# one to the content.
digest=$1 size=$2 offset=$3 mode=$4 path=$5
part=$(part_of "$path" "$digest")
umask 077

[ "$offset" -gt 0 ] || rm -rf -- "$part" || exit 1
IFS= read -r header || exit 1
printf '\000'
dd of="$part" bs=64k oflag=seek_bytes seek="$offset" conv=notrunc iflag=fullblock,count_bytes count=$((size - offset)) status=none || exit 1
if [ "$(stat -c %s -- "$part")" != "$size" ]; then
	echo "the transfer ended early" >&2
	exit 1
fi
# The protocol's byte after the content: whoever ends before it has been read
# may leave the client writing to nobody.
dd of=/dev/null bs=1 count=1 status=none
found=$(digest_of "$part") || exit 1
if [ "$found" != "$digest" ]; then
	rm -f -- "$part"
	echo "other digest $found" >&2
	exit 1
fi
chmod "$mode" -- "$part" && mv -fT -- "$part" "$path" || exit 1
now_verified "$path" "$digest"
printf '\000'
