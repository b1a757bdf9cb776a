package host

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// makeDevices fills /dev. The kernel's log is the machine's: the kubelet will
// not start without one to read.
func makeDevices(s Spec) error {
	if err := s.mount("tmpfs", "dev", unix.MS_NOSUID, "mode=755,size=1m"); err != nil {
		return err
	}
	for _, dir := range []string{"pts", "shm", "mqueue", "net"} {
		if err := os.Mkdir(s.root("dev/"+dir), 0o755); err != nil {
			return err
		}
	}
	// Numbers as in the kernel's Documentation/admin-guide/devices.txt.
	for _, d := range []struct {
		name         string
		major, minor uint32
	}{
		{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9},
		{"kmsg", 1, 11}, {"tty", 5, 0}, {"net/tun", 10, 200},
	} {
		at := s.root("dev/" + d.name)
		if err := unix.Mknod(at, unix.S_IFCHR|0o666, int(unix.Mkdev(d.major, d.minor))); err != nil {
			return fmt.Errorf("make /dev/%s: %w", d.name, err)
		}
		// Whatever the umask.
		if err := os.Chmod(at, 0o666); err != nil {
			return err
		}
	}
	for _, m := range []struct{ kind, at, data string }{
		{"devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5"}, // Debian's group tty
		{"tmpfs", "dev/shm", "mode=1777"},
		{"mqueue", "dev/mqueue", ""},
	} {
		if err := s.mount(m.kind, m.at, unix.MS_NOSUID|unix.MS_NOEXEC, m.data); err != nil {
			return err
		}
	}
	for name, target := range map[string]string{
		"ptmx": "pts/ptmx", "fd": "/proc/self/fd",
		"stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
	} {
		if err := os.Symlink(target, s.root("dev/"+name)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(s.root("dev/console"), nil, 0o600); err != nil {
		return err
	}
	return s.bind(s.Console, "dev/console")
}
