// Package debian gets Debian packages: whole root file systems by debootstrap,
// and single packages' files.
package debian

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

const (
	// Suite and Mirror are where packages come from. debootstrap verifies them
	// against the archive's keys.
	Suite  = "bookworm"
	Mirror = "http://deb.debian.org/debian"
)

// installed are the programs that this package runs, and the packages that
// have them; what a suite's signatures are verified with comes along.
var installed = []string{"debootstrap", "debian-archive-keyring"}

// Archive is where packages are got from.
type Archive struct {
	// packages is the folder that keeps those that were downloaded.
	packages string
	log      func(string)
}

// New is the archive, with downloads kept in the folder packages. It makes
// sure of debootstrap, which it installs with apt-get where it is missing;
// nothing else of the machine changes. Errors are a *failure.Error.
func New(ctx context.Context, packages string, log func(string)) (*Archive, error) {
	if err := RequireRoot(); err != nil {
		return nil, err
	}
	if err := install(ctx, log); err != nil {
		return nil, &failure.Error{Code: failure.Preflight, Summary: "debootstrap cannot be installed", Err: err,
			Remedy: "install the packages " + strings.Join(installed, " and ") + " by hand; the lab needs a Debian or Ubuntu machine"}
	}
	return &Archive{packages: packages, log: log}, nil
}

// RequireRoot is a *failure.Error unless the process is root's.
func RequireRoot() error {
	if os.Geteuid() == 0 {
		return nil
	}
	return &failure.Error{Code: failure.Preflight, Summary: "only root can make root file systems",
		Remedy: "run it as root, such as with sudo -E"}
}

func install(ctx context.Context, log func(string)) error {
	if _, err := exec.LookPath("debootstrap"); err == nil {
		return nil
	}
	log("installing debootstrap")
	steps := [][]string{
		{"apt-get", "update", "-qq"},
		append([]string{"apt-get", "install", "-y", "-qq", "--no-install-recommends"}, installed...),
	}
	for _, args := range steps {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(args[:2], " "), err, lastLines(out))
		}
	}
	return nil
}
