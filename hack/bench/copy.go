package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/hack/lab/lab"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/internal/secret"
	"groundwork.dev/bootstrap/providers/baremetal/ssh/remote"
)

// copies measures how long a bundle takes to 1, 4 and 8 empty hosts, beside
// the same bytes poured through one SSH session a host and thrown away there.
func (l *labSuite) copies(ctx context.Context) error {
	b, err := bundle.Open(ctx, l.nodeFiles, "")
	if err != nil {
		return err
	}
	defer b.Close()
	index := b.Index()
	size := index.Size()
	var rows [][]string
	for _, hosts := range []int{1, 4, 8} {
		var poured, copied time.Duration
		err := l.onHosts(ctx, hosts, "", func(site *lab.Lab) error {
			var err error
			if poured, err = each(ctx, site, func(ctx context.Context, host string) error { return pour(ctx, site, host, b) }); err != nil {
				return err
			}
			copied, err = each(ctx, site, func(ctx context.Context, host string) error { return copyBundle(ctx, site, host, b) })
			return err
		})
		if err != nil {
			return fmt.Errorf("copy to %d hosts: %w", hosts, err)
		}
		rows = append(rows, []string{fmt.Sprint(hosts), mebibytes(size), fmt.Sprintf("%.1f", poured.Seconds()),
			fmt.Sprintf("%.1f", copied.Seconds()), fmt.Sprintf("%.2f", copied.Seconds()/poured.Seconds()),
			fmt.Sprintf("%.0f", float64(hosts)*float64(size)/(1<<20)/copied.Seconds())})
	}
	table("Copying node files", []string{"hosts", "MiB each", "poured s", "copied and verified s", "ratio", "MiB/s together"}, rows)
	return nil
}

// each does the work on every host at once and says how long that takes.
func each(ctx context.Context, site *lab.Lab, work func(context.Context, string) error) (time.Duration, error) {
	group, ctx := errgroup.WithContext(ctx)
	begun := time.Now()
	for _, h := range site.Hosts {
		group.Go(func() error { return work(ctx, h.Name) })
	}
	err := group.Wait()
	return time.Since(begun), err
}

// paths are the bundle's files with their sizes.
func paths(b *bundle.Bundle) map[string]int64 {
	sizes := map[string]int64{}
	for _, f := range b.Index().Files {
		sizes[f.Path] = f.Size
	}
	for _, i := range b.Index().Images {
		sizes[i.Path] = i.Size
	}
	return sizes
}

func copyBundle(ctx context.Context, site *lab.Lab, name string, b *bundle.Bundle) (err error) {
	host, err := site.Host(name)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(site.KeyFile)
	if err != nil {
		return err
	}
	client, err := remote.Dial(ctx, remote.Target{
		Name: host.Name, Address: host.Address.String(), Port: host.SSHPort, User: "root",
		Key: secret.New(string(key)), HostKeyFingerprint: host.HostKeyFingerprint,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	var files []remote.File
	add := func(path, digest string, size int64) {
		files = append(files, remote.File{
			Path: "/var/lib/bench/" + digest, Mode: 0o600, SHA256: digest, Size: size,
			Open: func(ctx context.Context) (remote.Content, error) { return b.File(ctx, path) },
		})
	}
	for _, f := range b.Index().Files {
		add(f.Path, f.SHA256, f.Size)
	}
	for _, i := range b.Index().Images {
		add(i.Path, i.SHA256, i.Size)
	}
	_, err = client.Copy(ctx, files, nil)
	return err
}

// pour sends every file of the bundle to a host that keeps nothing of it.
func pour(ctx context.Context, site *lab.Lab, host string, b *bundle.Bundle) error {
	var all []io.Reader
	for path, size := range paths(b) {
		content, err := b.File(ctx, path)
		if err != nil {
			return err
		}
		defer content.Close()
		all = append(all, io.NewSectionReader(content, 0, size))
	}
	_, err := site.Feed(ctx, host, "cat > /dev/null", io.MultiReader(all...))
	return err
}
