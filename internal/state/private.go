package state

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"groundwork.dev/bootstrap/internal/failure"
)

// private reports whether only this user can get at the directory: others
// must not be able to read it, nor to put another in its place.
func (d *Dir) private() error {
	for _, path := range []string{d.root, d.Path()} {
		if err := trustedLink(path); err != nil {
			return err
		}
	}
	root, err := os.Stat(d.root)
	if err != nil {
		return fmt.Errorf("look at the state directory: %w", err)
	}
	if root.Mode().Perm()&0o022 != 0 && root.Mode()&fs.ModeSticky == 0 {
		return refuse(d.root, "others can write to it", "chmod go-w "+d.root)
	}
	dir, err := os.Stat(d.Path())
	switch {
	case err != nil:
		return fmt.Errorf("look at the state directory: %w", err)
	case !dir.IsDir():
		return refuse(d.Path(), "it is not a directory", "move it away, or give another --state-dir")
	case owner(dir) != os.Geteuid():
		return refuse(d.Path(), fmt.Sprintf("it belongs to user %d", owner(dir)),
			"run as that user, or give another --state-dir")
	case dir.Mode().Perm()&0o077 != 0:
		return refuse(d.Path(), fmt.Sprintf("others can get into it: its mode is %#o", dir.Mode().Perm()),
			"make sure that nobody has read or changed what is in it, then chmod 700 "+d.Path())
	}
	return nil
}

// trustedLink refuses path where it is a symbolic link that somebody other
// than this user or root made.
func trustedLink(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("look at the state directory: %w", err)
	}
	if uid := owner(info); info.Mode()&fs.ModeSymlink != 0 && uid != os.Geteuid() && uid != 0 {
		return refuse(path, fmt.Sprintf("it is a symbolic link of user %d", uid),
			"remove the link, or give another --state-dir")
	}
	return nil
}

func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func refuse(path, why, remedy string) error {
	return &failure.Error{
		Code: failure.Usage, Summary: "the state directory is not safe to use: " + why,
		Object: path, Remedy: remedy,
	}
}
