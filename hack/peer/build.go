package peer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Binaries are the paths of the managers' executables.
type Binaries map[Name]string

// Build builds the managers, or finds them built already, in a folder of
// cacheDir that is named for everything they depend on. An empty cacheDir is
// the user's cache folder. It needs the go command and must be called inside
// this module; a first build takes minutes and reads modules from the network.
func Build(ctx context.Context, cacheDir string) (Binaries, error) {
	if cacheDir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("find a folder for the peer's binaries: %w", err)
		}
		cacheDir = filepath.Join(user, "groundwork", "peer")
	}
	module, err := findModule(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cacheDir, module.key)
	if binaries, complete := found(dir); complete {
		return binaries, nil
	}
	if err := os.MkdirAll(cacheDir, 0o755); err != nil {
		return nil, fmt.Errorf("make a folder for the peer's binaries: %w", err)
	}
	work, err := os.MkdirTemp(cacheDir, "building-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the peer's binaries: %w", err)
	}
	defer os.RemoveAll(work)
	if err := module.build(ctx, work); err != nil {
		return nil, err
	}
	// Another process may have built the same in the meantime.
	if err := os.Rename(work, dir); err != nil {
		if binaries, complete := found(dir); complete {
			return binaries, nil
		}
		return nil, fmt.Errorf("keep the peer's binaries: %w", err)
	}
	binaries, complete := found(dir)
	if !complete {
		return nil, errors.New("the peer's binaries are incomplete in " + dir)
	}
	return binaries, nil
}

// found are the binaries in dir, and whether all are there.
func found(dir string) (Binaries, bool) {
	binaries := Binaries{}
	for _, m := range managers {
		path := filepath.Join(dir, string(m.name))
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return nil, false
		}
		binaries[m.name] = path
	}
	return binaries, true
}

// module is this module, whose requirements the managers are built with.
type module struct {
	root string
	// key names the providers' versions and all that the build depends on.
	key string
}

func findModule(ctx context.Context) (module, error) {
	environment, err := goCommand(ctx, "", "env", "GOMOD", "GOVERSION", "GOARCH")
	if err != nil {
		return module{}, err
	}
	file, toolchain, _ := strings.Cut(environment, "\n")
	if file == "" || file == os.DevNull {
		return module{}, errors.New("the peer can only be built inside this module: run from its checkout")
	}
	requirements, err := os.ReadFile(file)
	if err != nil {
		return module{}, fmt.Errorf("read the module's requirements: %w", err)
	}
	m := module{root: filepath.Dir(file)}
	versions, err := goCommand(ctx, m.root, "list", "-m", "-f", "{{.Version}}", managers[0].main, managers[len(managers)-1].main)
	if err != nil {
		return module{}, err
	}
	sum := sha256.Sum256(append(requirements, toolchain...))
	capi, capv, _ := strings.Cut(versions, "\n")
	m.key = fmt.Sprintf("capi-%s-capv-%s-%x", capi, capv, sum[:6])
	return m, nil
}

// build puts the executables into dir. It works on copies of go.mod and
// go.sum: this module imports the managers' packages but not all that their
// main packages import, so that checksums may have to be added.
func (m module) build(ctx context.Context, dir string) error {
	for from, to := range map[string]string{"go.mod": "build.mod", "go.sum": "build.sum"} {
		data, err := os.ReadFile(filepath.Join(m.root, from))
		if err != nil {
			return fmt.Errorf("read the module's requirements: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), data, 0o644); err != nil {
			return fmt.Errorf("copy the module's requirements: %w", err)
		}
	}
	for _, manager := range managers {
		_, err := goCommand(ctx, m.root, "build", "-modfile="+filepath.Join(dir, "build.mod"), "-mod=mod",
			"-ldflags=-s -w", "-o", filepath.Join(dir, string(manager.name)), manager.main)
		if err != nil {
			return fmt.Errorf("build the stock manager %s: %w", manager.name, err)
		}
	}
	return nil
}

// goCommand runs the go command with the settings of this module's own builds,
// so that it shares their compiled packages, and returns its trimmed output.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false", "GOWORK=off")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
