// Package gobuild builds commands from pinned Go modules into a cache.
package gobuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/hack/lab/artifacts/cache"
	"groundwork.dev/bootstrap/internal/failure"
)

const (
	mainModule = "groundwork.dev/bootstrap"
	// modules holds the modules that only pin versions.
	modules = "hack/lab/artifacts/modules"
)

// Builder builds groups, one at a time.
type Builder struct {
	cache *cache.Cache
	log   func(string)
	// root is the main module's folder; toolchain is the go command's version
	// and the platform that it builds for.
	root, toolchain string
}

// New finds the go command and the main module, in which the process must run.
func New(ctx context.Context, c *cache.Cache, log func(string)) (*Builder, error) {
	toolchain, err := output(ctx, "", "env", "GOVERSION", "GOOS", "GOARCH", "GOAMD64")
	if err != nil {
		return nil, &failure.Error{Code: failure.Preflight, Summary: "the go command does not run", Err: err,
			Remedy: "install the Go version that go.mod names, and have it in PATH"}
	}
	root, err := output(ctx, "", "list", "-m", "-f", "{{.Dir}}", mainModule)
	if err != nil || root == "" {
		return nil, &failure.Error{Code: failure.Usage, Summary: "the lab is built from the project's sources, which are not here", Err: err,
			Remedy: "run it in a clone of the repository"}
	}
	return &Builder{cache: c, log: log, root: root, toolchain: toolchain}, nil
}

// ModuleDir is the folder of a module that the group's go.mod pins, with its
// sources; the go command fetches it where the module cache lacks it. The
// second result is its version.
func (b *Builder) ModuleDir(ctx context.Context, g Group, module string) (dir, version string, err error) {
	if _, err := output(ctx, b.dir(g), "mod", "download", module); err != nil {
		return "", "", fmt.Errorf("fetch %s: %w", module, err)
	}
	answer, err := output(ctx, b.dir(g), "list", "-mod=readonly", "-m", "-f", "{{.Dir}} {{.Version}}", module)
	if err != nil {
		return "", "", fmt.Errorf("find %s: %w", module, err)
	}
	dir, version, ok := strings.Cut(answer, " ")
	if !ok || dir == "" {
		return "", "", fmt.Errorf("find %s: the go command names no folder", module)
	}
	return dir, version, nil
}

// dir is where the go command runs for the group.
func (b *Builder) dir(g Group) string {
	if g.Module {
		return filepath.Join(b.root, filepath.FromSlash(modules), g.Name)
	}
	return b.root
}

// SourceKey stands for the files in folders of the main module, those that
// are embedded too, but not for tests. Folders are named with slashes, and
// their own folders are taken along.
func (b *Builder) SourceKey(folders ...string) (cache.Key, error) {
	var files []string
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(b.root, filepath.FromSlash(folder)), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && !strings.HasSuffix(path, "_test.go") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return cache.Key{}, err
		}
	}
	return cache.OfFiles(files...)
}

// Build is the folder with the group's programs. It builds them unless they
// are in the cache.
func (b *Builder) Build(ctx context.Context, g Group) (string, error) {
	key, err := b.Key(g)
	if err != nil {
		return "", fmt.Errorf("programs of %s: %w", g.Name, err)
	}
	return b.cache.Entry(ctx, "programs-"+g.Name, key, func(ctx context.Context, dir string) error {
		if err := run(ctx, b.dir(g), b.log, g, dir); err != nil {
			return err
		}
		return rename(g, dir)
	})
}

// Key stands for what the programs follow from: the pinned versions or the
// sources, the go command and its arguments.
func (b *Builder) Key(g Group) (cache.Key, error) {
	sources, err := b.sources(g)
	if err != nil {
		return cache.Key{}, err
	}
	content, err := cache.OfFiles(sources...)
	if err != nil {
		return cache.Key{}, err
	}
	parts := append([]string{content.String(), b.toolchain}, g.arguments("")...)
	for _, c := range g.Commands {
		parts = append(parts, c.ProgramName())
	}
	return cache.NewKey(parts...), nil
}

func (b *Builder) sources(g Group) ([]string, error) {
	if g.Module {
		return []string{filepath.Join(b.dir(g), "go.mod"), filepath.Join(b.dir(g), "go.sum")}, nil
	}
	var files []string
	for _, c := range g.Commands {
		relative, own := strings.CutPrefix(c.Package, mainModule+"/")
		if !own {
			return nil, fmt.Errorf("%s is not a package of the main module", c.Package)
		}
		found, err := filepath.Glob(filepath.Join(b.root, filepath.FromSlash(relative), "*.go"))
		if err != nil {
			return nil, err
		}
		files = append(files, slices.DeleteFunc(found, func(f string) bool { return strings.HasSuffix(f, "_test.go") })...)
	}
	if len(files) == 0 {
		return nil, errors.New("there are no sources")
	}
	return files, nil
}

// rename gives the programs in dir their names.
func rename(g Group, dir string) error {
	for _, c := range g.Commands {
		if c.ProgramName() == c.builtName() {
			continue
		}
		if err := os.Rename(filepath.Join(dir, c.builtName()), filepath.Join(dir, c.ProgramName())); err != nil {
			return err
		}
	}
	return nil
}
