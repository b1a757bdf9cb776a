package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/failure"
)

// A lab of its own makes the store.
const (
	goldenName   = "golden"
	goldenSubnet = "172.31.255.0/28"
)

// archiveLabel is by what the tool knows again which archives a host's
// containerd has imported.
const archiveLabel = "groundwork.dev/archive"

// MakeGolden makes a containerd store in dir, which must not exist, with every
// image of a bundle of node files imported: hosts that begin with it
// (Options.Golden) need no image to be brought. A minute, on two processors.
func MakeGolden(ctx context.Context, dir, nodeFiles string, log *slog.Logger) (err error) {
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
	if err := l.importAll(ctx, made, nodeFiles, log); err != nil {
		return err
	}
	return os.Rename(store, dir)
}

// importAll has containerd on the only host import every image, as the tool
// does it.
func (l *Lab) importAll(ctx context.Context, made artifacts.Artifacts, nodeFiles string, log *slog.Logger) (err error) {
	b, err := bundle.Open(ctx, nodeFiles, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
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
	for _, image := range b.Index().Images {
		log.Info("importing", "image", image.Reference)
		content, err := b.File(ctx, image.Path)
		if err != nil {
			return err
		}
		command := fmt.Sprintf("/usr/local/bin/ctr --namespace k8s.io images import --local --label %s=%s --label io.cri-containerd.pinned=pinned -",
			archiveLabel, image.SHA256)
		_, err = l.Feed(ctx, host, command, io.NewSectionReader(content, 0, image.Size))
		if err := errors.Join(err, content.Close()); err != nil {
			return fmt.Errorf("%s: %w", image.Reference, err)
		}
	}
	_, err = l.Run(ctx, host, "systemctl stop containerd && sync")
	return err
}

// send runs a command on a host that reads a file.
func (l *Lab) send(ctx context.Context, host, file, command string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := l.Feed(ctx, host, command, f); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return nil
}
