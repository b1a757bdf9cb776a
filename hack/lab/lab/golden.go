package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
	"groundwork.dev/bootstrap/internal/failure"
)

// A lab of its own makes the store.
const (
	goldenName   = "golden"
	goldenSubnet = "172.31.255.0/28"
)

// MakeGolden makes a containerd store in dir, which must not exist, with every
// image archive imported: hosts that begin with it (Options.Golden) need no
// image to be brought. A minute, on two processors.
func MakeGolden(ctx context.Context, dir string, log *slog.Logger) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return &failure.Error{Code: failure.Usage, Object: dir, Summary: "the store's folder exists", Err: err,
			Remedy: "use it with --golden, or remove it first"}
	}
	made, err := artifacts.Build(ctx, artifacts.Options{Log: func(line string) { log.Info(line) }})
	if err != nil {
		return err
	}
	// The folder appears under its name once it is whole.
	store := dir + ".incomplete"
	if err := os.RemoveAll(store); err != nil {
		return err
	}
	if err := os.Mkdir(store, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(store)
	l, err := Up(ctx, Options{
		Name: goldenName, Hosts: 1, Subnet: netip.MustParsePrefix(goldenSubnet), NoRoute: true,
		RootFS: made.RootFS, Log: log, store: store,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Down(context.WithoutCancel(ctx))) }()
	if err := l.importAll(ctx, made, log); err != nil {
		return err
	}
	return os.Rename(store, dir)
}

// importAll has containerd on the only host import every archive.
func (l *Lab) importAll(ctx context.Context, made artifacts.Artifacts, log *slog.Logger) error {
	host := l.Hosts[0].Name
	for _, name := range []string{"containerd", "ctr"} {
		to := "/usr/local/bin/" + name
		if err := l.send(ctx, host, filepath.Join(made.Binaries, name), "cat > "+to+" && chmod 755 "+to); err != nil {
			return err
		}
	}
	// Types notify: it runs once it answers.
	if _, err := l.Run(ctx, host, "systemd-run --quiet --unit=containerd --service-type=notify /usr/local/bin/containerd"); err != nil {
		return err
	}
	archives, err := os.ReadDir(made.Archives)
	if err != nil {
		return err
	}
	slices.SortFunc(archives, func(a, b fs.DirEntry) int { return size(b) - size(a) })
	for _, a := range archives {
		log.Info("importing", "archive", a.Name())
		if err := l.send(ctx, host, filepath.Join(made.Archives, a.Name()), "/usr/local/bin/ctr --namespace k8s.io images import -"); err != nil {
			return err
		}
	}
	_, err = l.Run(ctx, host, "systemctl stop containerd && sync")
	return err
}

func size(e fs.DirEntry) int {
	info, err := e.Info()
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// send runs a command on a host that reads a file.
func (l *Lab) send(ctx context.Context, host, file, command string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := l.run(ctx, host, command, f); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return nil
}
