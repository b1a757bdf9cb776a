package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/hack/lab/artifacts"
	"groundwork.dev/bootstrap/hack/lab/host"
	"groundwork.dev/bootstrap/hack/lab/registry"
	"groundwork.dev/bootstrap/internal/failure"
)

// bootTimeout bounds how long hosts may take until sshd answers: about a
// second each on two idle processors, more when those are busy.
const bootTimeout = 3 * time.Minute

// marker tells a lab's folder from any other.
const marker = ".groundwork-lab"

// Up makes a lab and returns when every host's sshd lets its key in. Where the
// very same lab is up already, that one is returned; where it is another one,
// or half of one, Up refuses. What a failed or cancelled Up has made, it
// removes.
func Up(ctx context.Context, o Options) (*Lab, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 {
		return nil, &failure.Error{Code: failure.Preflight, Summary: "a lab needs root", Remedy: "run the same command with sudo"}
	}
	if o.RootFS == "" {
		made, err := artifacts.Build(ctx, artifacts.Options{Log: func(line string) { o.Log.Info(line) }})
		if err != nil {
			return nil, err
		}
		o.RootFS = made.RootFS
	}
	wanted, err := o.plan()
	if err != nil {
		return nil, err
	}
	unlock, err := registry.Lock(ctx, o.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if there, err := existing(ctx, wanted); there != nil || err != nil {
		return there, err
	}
	if err := free(wanted); err != nil {
		return nil, err
	}
	l, err := build(ctx, o, wanted)
	if err != nil {
		// Also when ctx is what ended.
		return nil, errors.Join(err, remove(context.WithoutCancel(ctx), o.Name, o.Dir))
	}
	return l, nil
}

// existing returns the lab of that name if it is the one wanted.
func existing(ctx context.Context, wanted registry.Lab) (*Lab, error) {
	there, err := registry.Load(wanted.Name)
	if errors.Is(err, registry.ErrNone) {
		return nil, nil
	}
	down := "remove it with: lab down --name " + wanted.Name
	if err != nil || !there.Ready {
		return nil, &failure.Error{Code: failure.Usage, Object: "lab " + wanted.Name, Err: err,
			Summary: "something of a lab that never came up is left", Remedy: down}
	}
	l := &Lab{Lab: there}
	if _, err := l.Status(ctx); err != nil {
		return nil, &failure.Error{Code: failure.Usage, Object: "lab " + wanted.Name, Err: err,
			Summary: "the lab's supervisor has ended, and its hosts with it", Remedy: down}
	}
	if same := there.Dir == wanted.Dir && there.Subnet == wanted.Subnet && there.NoRoute == wanted.NoRoute &&
		there.RootFS == wanted.RootFS && there.Golden == wanted.Golden && there.DiskBytes == wanted.DiskBytes &&
		len(there.Hosts) == len(wanted.Hosts) && len(there.Hosts[0].Addresses) == len(wanted.Hosts[0].Addresses); !same {
		return nil, &failure.Error{Code: failure.Usage, Object: "lab " + wanted.Name,
			Summary: "a lab of that name is up, made with other options", Remedy: down + ", or choose another --name"}
	}
	return l, nil
}

// free says whether everything the lab is to be made of can be had.
func free(wanted registry.Lab) error {
	entries, err := os.ReadDir(wanted.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		remedy := "choose another --dir, or empty it"
		if _, err := os.Stat(filepath.Join(wanted.Dir, marker)); err == nil {
			remedy = fmt.Sprintf("remove the lab it belongs to with: lab down --name %s --dir %s", wanted.Name, wanted.Dir)
		}
		return &failure.Error{Code: failure.Usage, Object: wanted.Dir, Summary: "the lab's folder is not empty", Remedy: remedy}
	}
	if err := room(wanted); err != nil {
		return err
	}
	if _, err := netlink.LinkByName(wanted.Device); err == nil {
		return &failure.Error{Code: failure.Usage, Object: wanted.Device,
			Summary: "there is such a network device already", Remedy: "remove it with: lab down --name " + wanted.Name}
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Overlaps(wanted.Subnet) {
			return &failure.Error{Code: failure.Usage, Object: a.String(),
				Summary: fmt.Sprintf("the machine has an address in subnet %s", wanted.Subnet),
				Remedy:  "choose another --subnet, such as 172.30.1.0/24"}
		}
	}
	return nil
}

// hostBytes is what a node takes of the machine's disk, its images included;
// with a golden store, a tenth of it.
const hostBytes = 4 << 30

// room says whether the machine's disk can hold the hosts: they are told of
// disks that it need not have.
func room(wanted registry.Lab) error {
	usage, err := host.Usage(existingParent(wanted.Dir))
	if err != nil {
		return err
	}
	needed := int64(len(wanted.Hosts)) * min(hostBytes, wanted.DiskBytes)
	if wanted.Golden != "" {
		needed /= 10
	}
	if usage.Free < needed {
		return &failure.Error{Code: failure.Preflight, Object: wanted.Dir,
			Summary: fmt.Sprintf("the disk has %d MiB left, and %d hosts need %d", usage.Free>>20, len(wanted.Hosts), needed>>20),
			Remedy:  "free some, or choose another disk with --dir"}
	}
	return nil
}

func existingParent(dir string) string {
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	return dir
}

// build makes everything, in an order in which remove finds it again.
func build(ctx context.Context, o Options, l registry.Lab) (*Lab, error) {
	var err error
	if l.MachineLoops, err = host.Loops(); err != nil {
		return nil, err
	}
	if err := l.Save(); err != nil {
		return nil, err
	}
	if err := registry.RaiseInotify(); err != nil {
		return nil, err
	}
	if err := makeFiles(ctx, o, &l); err != nil {
		return nil, err
	}
	if err := l.Save(); err != nil {
		return nil, err
	}
	made := &Lab{Lab: l}
	o.Log.Info("starting hosts", "lab", l.Name, "hosts", len(l.Hosts))
	if err := startSupervisor(ctx, l); err != nil {
		return nil, err
	}
	if err := made.settle(ctx); err != nil {
		return nil, err
	}
	made.Ready = true
	return made, made.Save()
}

// makeFiles fills the lab's folder.
func makeFiles(ctx context.Context, o Options, l *registry.Lab) error {
	if filepath.Dir(l.Dir) == defaultRoot {
		if err := os.MkdirAll(defaultRoot, 0o755); err != nil {
			return err
		}
	}
	if err := os.Mkdir(l.Dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.WriteFile(filepath.Join(l.Dir, marker), nil, 0o600); err != nil {
		return err
	}
	for _, h := range l.Hosts {
		if err := os.MkdirAll(l.HostDir(h.Name), 0o700); err != nil {
			return err
		}
	}
	if err := makeKeys(l); err != nil {
		return fmt.Errorf("make SSH keys: %w", err)
	}
	blank := filepath.Join(l.Dir, "blank.img")
	if err := host.NewImage(ctx, blank, l.RootFS, l.DiskBytes); err != nil {
		return err
	}
	for _, h := range l.Hosts {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := host.CopyImage(blank, filepath.Join(l.HostDir(h.Name), host.ImageFile)); err != nil {
			return fmt.Errorf("the disk of %s: %w", h.Name, err)
		}
		store := filepath.Join(l.HostDir(h.Name), host.StoreDir)
		switch {
		case o.store != "":
			if err := os.Symlink(o.store, store); err != nil {
				return err
			}
		case l.Golden != "":
			if err := host.LinkStore(l.Golden, store); err != nil {
				return fmt.Errorf("the containerd store of %s: %w", h.Name, err)
			}
		}
	}
	return os.Remove(blank)
}

// consoleTail is the end of what a host printed while it started.
func (l *Lab) consoleTail(host string) string {
	const enough = 1500
	text, err := os.ReadFile(l.ConsoleFile(host))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-enough):])
}

// settle waits for every host's sshd and remembers the hosts as they are then.
func (l *Lab) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	waits, ctx := errgroup.WithContext(ctx)
	for _, h := range l.Hosts {
		waits.Go(func() error {
			if err := l.WaitSSH(ctx, h.Name); err != nil {
				return fmt.Errorf("%w; its console: %s", err, l.consoleTail(h.Name))
			}
			return l.put(ctx, "/hosts/"+h.Name+"/baseline", nil)
		})
	}
	return waits.Wait()
}
