# What is under a name that has been verified is not read again as long as it
# is the same: the folder's .verified holds the boot, the digest, the inode,
# the size, the time of change and the name. It is believed only in a folder
# that nobody but us can write to, and only until the next boot, since a
# machine that loses its power may lose what its disk had not got yet.
boot=$(cat /proc/sys/kernel/random/boot_id)
me=$(id -u)

trusted() { # FOLDER
	case $(stat -c %u:%a -- "$1") in
	"$me":*[0145][0145]) return 0 ;;
	esac
	return 1
}

record() { # PATH DIGEST
	printf '%s %s %s %s\n' "$boot" "$2" "$(stat -c '%i %s %y' -- "$1")" "${1##*/}"
}

is_verified() { # PATH DIGEST
	trusted "${1%/*}/" && grep -qxF -- "$(record "$1" "$2")" "${1%/*}/.verified" 2>/dev/null
}

# An old file of records is dropped: what is in it is then read once more.
now_verified() { # PATH DIGEST
	trusted "${1%/*}/" || return 0
	records=${1%/*}/.verified
	[ "$(wc -c 2>/dev/null <"$records" || echo 0)" -lt 262144 ] || rm -f -- "$records"
	(umask 077 && record "$1" "$2" >>"$records") || :
}

# openssl uses the processor's own instructions; coreutils' sha256sum does only
# where it was built with openssl, and takes four times as long elsewhere.
digest_of() { # PATH
	if command -v openssl >/dev/null 2>&1 && sum=$(openssl dgst -sha256 -r <"$1" 2>/dev/null); then
		:
	else
		sum=$(sha256sum <"$1") || return 1
	fi
	printf '%s\n' "${sum%% *}"
}

part_of() { # PATH DIGEST
	rest=${2#????????????????}
	printf '%s/.%s.%s.part\n' "${1%/*}" "${1##*/}" "${2%"$rest"}"
}
