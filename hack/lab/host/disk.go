package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// NewImage makes an ext4 file system of size bytes in a sparse file, with the
// tree's /var in it. A host's disk is a file system of its own size, so that
// it can run full without the machine's doing so, and a real one, since
// containerd cannot put overlays on an overlay.
func NewImage(ctx context.Context, file, rootFS string, size int64) error {
	command := exec.CommandContext(ctx, "mkfs.ext4", "-q", "-F", "-m", "0",
		// Nothing is written that was not asked for: the file stays sparse.
		"-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1",
		"-d", filepath.Join(rootFS, "var"), file, strconv.FormatInt(size>>10, 10)+"k")
	command.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if path, err := exec.LookPath("/sbin/mkfs.ext4"); err == nil {
		command.Path, command.Err = path, nil
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("make a disk with mkfs.ext4: %w: %s", err, out)
	}
	return nil
}

// CopyImage copies what a sparse file holds.
func CopyImage(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Truncate(info.Size()); err != nil {
		return err
	}
	for at := int64(0); at < info.Size(); {
		data, err := unix.Seek(int(in.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // nothing but holes from here
			break
		}
		if err != nil {
			return err
		}
		hole, err := unix.Seek(int(in.Fd()), data, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if _, err := in.Seek(data, io.SeekStart); err != nil {
			return err
		}
		if _, err := out.Seek(data, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.CopyN(out, in, hole-data); err != nil {
			return err
		}
		at = hole
	}
	return out.Close()
}

// MountDisk mounts the host's disk in the namespace of the calling process.
func (s Spec) MountDisk() error {
	at := filepath.Join(s.Dir, DiskDir)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return err
	}
	device, release, err := attachLoop(filepath.Join(s.Dir, ImageFile))
	if err != nil {
		return fmt.Errorf("attach the disk of %s: %w", s.Name, err)
	}
	// The mount keeps the device; without one the kernel would let it go.
	defer release()
	// Initialising inode tables would fill the sparse file in the background;
	// discarding gives what the host deletes back to the machine's disk.
	if err := unix.Mount(device, at, "ext4", 0, "noinit_itable,discard"); err != nil {
		return fmt.Errorf("mount the disk of %s: %w", s.Name, err)
	}
	return s.arrangeDisk()
}

// arrangeDisk moves the tree of a new disk, which is /var's, to VarDir.
func (s Spec) arrangeDisk() error {
	if _, err := os.Stat(s.disk(UpperDir)); err == nil {
		return nil
	}
	entries, err := os.ReadDir(s.disk("."))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.disk(VarDir), 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == VarDir || e.Name() == "lost+found" {
			continue
		}
		if err := os.Rename(s.disk(e.Name()), filepath.Join(s.disk(VarDir), e.Name())); err != nil {
			return err
		}
	}
	if err := os.Mkdir(s.disk(workDir), 0o755); err != nil {
		return err
	}
	return os.Mkdir(s.disk(UpperDir), 0o755)
}

// DiskUsage is how full a file system is, in bytes.
type DiskUsage struct {
	Size int64 `json:"sizeBytes"`
	Free int64 `json:"freeBytes"`
}

// Usage measures the file system that a folder is on.
func Usage(dir string) (DiskUsage, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return DiskUsage{}, err
	}
	return DiskUsage{Size: int64(st.Blocks) * st.Bsize, Free: int64(st.Bavail) * st.Bsize}, nil
}

// fillFile lies beside what the host sees of its disk.
const fillFile = "full"

// Fill takes every block of the disk that is free, without writing any: the
// machine's own disk does not fill.
func (s Spec) Fill() error {
	f, err := os.OpenFile(s.disk(fillFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	for step := int64(1) << 30; step >= 4<<10; {
		switch err := unix.Fallocate(int(f.Fd()), 0, size, step); {
		case err == nil:
			size += step
		case errors.Is(err, unix.ENOSPC):
			step /= 2
			// Part of a failed step may have been taken.
			if info, err := f.Stat(); err == nil {
				size = info.Size()
			}
		case !errors.Is(err, unix.EINTR):
			return fmt.Errorf("fill the disk of %s: %w", s.Name, err)
		}
	}
	return f.Close()
}

// Free gives back what Fill took.
func (s Spec) Free() error {
	err := os.Remove(s.disk(fillFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
