package debian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"groundwork.dev/bootstrap/internal/failure"
)

// errorLines is how much of a failed program's output its error holds.
const errorLines = 15

// Bootstrap makes a minimal root file system with the packages and what they
// depend on in the folder target.
func (a *Archive) Bootstrap(ctx context.Context, target string, packages []string) error {
	return a.debootstrap(ctx, target, "--include="+strings.Join(packages, ","))
}

// Download is the package files of exactly the named packages, by name; the
// ones that they depend on have to be named too. work is an empty folder on
// the cache's file system.
func (a *Archive) Download(ctx context.Context, work string, packages []string) (map[string]string, error) {
	err := a.debootstrap(ctx, work, "--download-only", "--no-resolve-deps", "--include="+strings.Join(packages, ","))
	if err != nil {
		return nil, err
	}
	return downloaded(work, packages)
}

// downloaded is what debootstrap left in work.
func downloaded(work string, packages []string) (map[string]string, error) {
	found, err := filepath.Glob(filepath.Join(work, "var/cache/apt/archives", "*.deb"))
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, path := range found {
		name, _, _ := strings.Cut(filepath.Base(path), "_")
		files[name] = path
	}
	var missing []string
	for _, p := range packages {
		if files[p] == "" {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s has no package %s", Suite, strings.Join(missing, ", "))
	}
	return files, nil
}

func (a *Archive) debootstrap(ctx context.Context, target string, options ...string) error {
	out, err := a.command(ctx, target, options...).CombinedOutput()
	if ctxErr := context.Cause(ctx); ctxErr != nil && err != nil {
		return ctxErr
	}
	if err != nil {
		return &failure.Error{Code: failure.Infrastructure, Summary: "debootstrap of " + Suite + " failed",
			Err:    errors.Join(err, errors.New(lastLines(out))),
			Remedy: "make sure that " + Mirror + " can be reached, and run it again: what was downloaded is kept"}
	}
	return nil
}

func (a *Archive) command(ctx context.Context, target string, options ...string) *exec.Cmd {
	args := append([]string{"--variant=minbase", "--components=main", "--cache-dir=" + a.packages}, options...)
	cmd := exec.CommandContext(ctx, "debootstrap", append(args, Suite, target, Mirror)...)
	// A tree that is thrown away unless it is finished needs no fsync for each
	// file.
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "DPKG_FORCE=unsafe-io", "LC_ALL=C",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	// It mounts proc and sys in target and starts many processes. In
	// namespaces of its own these mounts never show on the machine, and with
	// its first process everything ends.
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS,
		Pdeathsig:    syscall.SIGKILL,
	}
	return cmd
}

// Extract unpacks package files over the tree at root, without running their
// scripts. Symbolic links of the tree that stand for folders, such as /bin,
// are kept.
func (a *Archive) Extract(ctx context.Context, root string, files ...string) error {
	for _, file := range files {
		data := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", file)
		unpack := exec.CommandContext(ctx, "tar", "--extract", "--preserve-permissions", "--numeric-owner", "--keep-directory-symlink", "--directory", root)
		pipe, err := data.StdoutPipe()
		if err != nil {
			return err
		}
		unpack.Stdin = pipe
		var dataErrors, unpackErrors bytes.Buffer
		data.Stderr, unpack.Stderr = &dataErrors, &unpackErrors
		if err := data.Start(); err != nil {
			return err
		}
		unpackErr := unpack.Run()
		// Where nobody reads any more dpkg-deb must not wait for a reader.
		pipe.Close()
		if err := errors.Join(unpackErr, data.Wait()); err != nil {
			return fmt.Errorf("unpack %s: %w: %s", filepath.Base(file), err, lastLines(append(dataErrors.Bytes(), unpackErrors.Bytes()...)))
		}
	}
	return nil
}

// Chroot runs a command with root as its file system, in namespaces of its
// own, and returns what it prints.
func Chroot(ctx context.Context, root string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	path, err := inRoot(root, args[0])
	if err != nil {
		return "", err
	}
	cmd.Path, cmd.Err, cmd.Dir = path, nil, "/"
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s in %s: %w: %s", strings.Join(args, " "), root, err, lastLines(out))
	}
	return strings.TrimSpace(string(out)), nil
}

// inRoot is where in the tree a command lies, as the tree itself sees it.
func inRoot(root, command string) (string, error) {
	if strings.HasPrefix(command, "/") {
		return command, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/bin"} {
		if _, err := os.Lstat(filepath.Join(root, dir, command)); err == nil {
			return dir + "/" + command, nil
		}
	}
	return "", fmt.Errorf("there is no %s in %s", command, root)
}

func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-errorLines):], "\n")
}
