package remotetest

import (
	"os"
	"path/filepath"
	"testing"
)

// Sudo is how sudo behaves on the server. It grants no rights: a command goes
// on as the user who runs the test.
type Sudo string

// The ways of sudo.
const (
	SudoFree      Sudo = "free"      // asks nothing
	SudoAsks      Sudo = "asks"      // asks for the password every time
	SudoRemembers Sudo = "remembers" // asks for it once, then no more
	SudoRefuses   Sudo = "refuses"   // the user is not in the sudoers file
	SudoWantsTTY  Sudo = "tty"       // requiretty
)

// fakeSudo understands the options that sudo is called with here, and says
// what sudo 1.9 says.
const fakeSudo = `#!/bin/sh
here=$(dirname "$0")
asks=yes stdin=
while :; do
	case $1 in
	-n) asks=; shift ;;
	-S) stdin=yes; shift ;;
	-p) shift 2 ;;
	--) shift; break ;;
	*) break ;;
	esac
done
echo x >> "$here/calls"
case $(cat "$here/mode") in
free) exec "$@" ;;
refuses) echo "admin is not in the sudoers file." >&2; exit 1 ;;
tty) echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1 ;;
remembers) [ -e "$here/known" ] && exec "$@" ;;
esac
[ -n "$asks" ] || { echo "sudo: a password is required" >&2; exit 1; }
[ -n "$stdin" ] || { echo "sudo: a terminal is required to read the password" >&2; exit 1; }
for try in 1 2 3; do
	IFS= read -r password || { echo "sudo: no password was provided" >&2; exit 1; }
	echo x >> "$here/attempts"
	[ "$password" = "$(cat "$here/password")" ] && { : > "$here/known"; exec "$@"; }
	echo "Sorry, try again." >&2
done
echo "sudo: 3 incorrect password attempts" >&2
exit 1
`

// environment is the environment of commands, with the server's own sudo
// before the machine's.
func environment(t testing.TB, o Options) []string {
	t.Helper()
	dir := t.TempDir()
	path := os.Getenv("PATH")
	if o.Sudo != "" {
		path = dir + ":" + path
		for name, content := range map[string]string{"sudo": fakeSudo, "mode": string(o.Sudo), "password": o.SudoPassword} {
			WriteScript(t, filepath.Join(dir, name), content)
		}
	}
	return append([]string{"PATH=" + path, "HOME=" + dir, "USER=" + o.User, "REMOTETEST_DIR=" + dir}, o.Env...)
}
