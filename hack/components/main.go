// Command components takes the CustomResourceDefinitions and webhook
// configurations of Cluster API and its providers, and Cilium's chart, out of
// the modules that go.mod pins, as each provider's kustomization would install
// them, adds this project's own, and writes them to manifests/components,
// where the binary embeds them.
//
// The same modules give the same bytes every time. Documentation is left out:
// the schemas keep all their validation, at a third of the size.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// marker names the modules. The package that embeds the folder asks for it
// first, so that the compiler's complaint about a missing folder says what to
// do; the compiler looks in alphabetical order, hence the capitals.
const marker = "RUN-make-FIRST.txt"

func main() {
	out := flag.String("out", "manifests/components", "folder to write")
	flag.Parse()
	if err := run(context.Background(), *out); err != nil {
		fmt.Fprintln(os.Stderr, "components:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string) error {
	files := map[string][]byte{}
	var versions []string
	dirOf := func(module string) (string, error) {
		dir, version, err := moduleDir(ctx, module)
		if line := module + " " + version; !slices.Contains(versions, line) {
			versions = append(versions, line)
		}
		return dir, err
	}
	for _, p := range providers {
		dir, err := dirOf(p.module)
		if err != nil {
			return err
		}
		objects, err := p.objects(dir)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for name, object := range objects {
			if _, twice := files[name]; twice {
				return fmt.Errorf("%s comes from two providers", name)
			}
			if files[name], err = encode(object); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, c := range charts {
		dir, err := dirOf(c.module)
		if err != nil {
			return err
		}
		chartFiles, err := c.files(dir)
		if err != nil {
			return fmt.Errorf("chart %s: %w", c.name, err)
		}
		maps.Copy(files, chartFiles)
	}
	own, err := ownCRDs()
	if err != nil {
		return err
	}
	maps.Copy(files, own)
	files[marker] = []byte(strings.Join(versions, "\n") + "\n")
	return write(out, files)
}

// encode is an object as it is embedded.
func encode(o object) ([]byte, error) {
	data, err := json.Marshal(o)
	return append(data, '\n'), err
}

// moduleDir has the go command fetch a module of the build list, where the
// module cache lacks it, and say where it lies.
func moduleDir(ctx context.Context, module string) (dir, version string, err error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	var found struct{ Dir, Version, Error string }
	if decoded := json.Unmarshal(answer, &found); decoded == nil && found.Error != "" {
		return "", "", fmt.Errorf("go mod download %s: %s", module, found.Error)
	}
	if err != nil {
		return "", "", fmt.Errorf("go mod download %s: %w: %s", module, err, stderr.String())
	}
	if found.Dir == "" || found.Version == "" {
		return "", "", fmt.Errorf("go mod download %s names no folder", module)
	}
	return found.Dir, found.Version, nil
}

// write makes out hold exactly files. Unchanged files keep their time, so
// that nothing that depends on them is built again.
func write(out string, files map[string][]byte) error {
	stale := map[string]bool{}
	err := filepath.WalkDir(out, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(out, path)
		stale[filepath.ToSlash(name)] = true
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for name, data := range files {
		delete(stale, name)
		path := filepath.Join(out, filepath.FromSlash(name))
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	for name := range stale {
		if err := os.Remove(filepath.Join(out, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return nil
}
