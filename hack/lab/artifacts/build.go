package artifacts

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"groundwork.dev/bootstrap/hack/lab/artifacts/archive"
	"groundwork.dev/bootstrap/hack/lab/artifacts/cache"
	"groundwork.dev/bootstrap/hack/lab/artifacts/debian"
	"groundwork.dev/bootstrap/hack/lab/artifacts/gobuild"
	"groundwork.dev/bootstrap/hack/lab/artifacts/hostroot"
)

// sources is this package's folder in the repository.
const sources = "hack/lab/artifacts/"

// build is one run of Build.
type build struct {
	cache   *cache.Cache
	root    string
	builder *gobuild.Builder
	deb     *debian.Archive
}

func newBuild(ctx context.Context, c *cache.Cache, root string, log func(string)) (*build, error) {
	builder, err := gobuild.New(ctx, c, log)
	if err != nil {
		return nil, err
	}
	downloads, err := c.Folder("downloads")
	if err != nil {
		return nil, err
	}
	deb, err := debian.New(ctx, downloads, log)
	if err != nil {
		return nil, err
	}
	return &build{cache: c, root: root, builder: builder, deb: deb}, nil
}

// all makes everything. Compiling takes the processors for minutes; Debian's
// packages come meanwhile.
func (b *build) all(ctx context.Context) (Artifacts, error) {
	wrapper, err := b.builder.Build(ctx, runcWrapper)
	if err != nil {
		return Artifacts{}, err
	}
	var a Artifacts
	var packages, node string
	var programs map[string]string
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		programs, err = b.programs(groupCtx)
		return err
	})
	group.Go(func() (err error) {
		if packages, err = b.packages(groupCtx); err != nil {
			return err
		}
		if node, err = b.node(groupCtx, packages); err != nil {
			return err
		}
		a.RootFS, err = b.rootFS(groupCtx, filepath.Join(wrapper, "runc"))
		return err
	})
	if err := group.Wait(); err != nil {
		return Artifacts{}, err
	}
	if a.Archives, err = b.archives(ctx, programs, packages, node); err != nil {
		return Artifacts{}, err
	}
	if a.Binaries, a.Tools, err = b.folders(ctx, programs, node); err != nil {
		return Artifacts{}, err
	}
	a.Catalogue, err = b.catalogue(ctx)
	return a, err
}

// programs are the folders of the groups' programs, by the group's name.
func (b *build) programs(ctx context.Context) (map[string]string, error) {
	dirs := map[string]string{}
	for _, g := range groups {
		dir, err := b.builder.Build(ctx, g)
		if err != nil {
			return nil, err
		}
		dirs[g.Name] = dir
	}
	return dirs, nil
}

// key is an entry's key: what the named folders of this program make of parts.
func (b *build) key(folders []string, parts ...string) (cache.Key, error) {
	for i, f := range folders {
		folders[i] = sources + f
	}
	own, err := b.builder.SourceKey(folders...)
	if err != nil {
		return cache.Key{}, err
	}
	return cache.NewKey(append([]string{own.String()}, parts...)...), nil
}

// packages is a folder with package files, each named for its package.
func (b *build) packages(ctx context.Context) (string, error) {
	wanted := append(slices.Clone(ciliumPackages), nodePackages...)
	key, err := b.key([]string{"debian"}, wanted...)
	if err != nil {
		return "", err
	}
	return b.cache.Entry(ctx, "packages", key, func(ctx context.Context, dir string) error {
		work := filepath.Join(dir, "work")
		if err := os.Mkdir(work, 0o755); err != nil {
			return err
		}
		found, err := b.deb.Download(ctx, work, wanted)
		if err != nil {
			return err
		}
		for name, path := range found {
			if err := os.Rename(path, filepath.Join(dir, name+".deb")); err != nil {
				return err
			}
		}
		return os.RemoveAll(work)
	})
}

// packageFiles are the files of a folder that packages made, by package.
func packageFiles(packages string, names []string) map[string]string {
	files := map[string]string{}
	for _, name := range names {
		files[name] = filepath.Join(packages, name+".deb")
	}
	return files
}

// node is a folder with runc and the CNI plugins.
func (b *build) node(ctx context.Context, packages string) (string, error) {
	key, err := b.key([]string{"node.go", "debian"}, filepath.Base(packages))
	if err != nil {
		return "", err
	}
	return b.cache.Entry(ctx, "runc-and-cni", key, func(ctx context.Context, dir string) error {
		return extractNode(ctx, b.deb, packageFiles(packages, nodePackages), dir)
	})
}

// rootFS is the tree of a host.
func (b *build) rootFS(ctx context.Context, wrapper string) (string, error) {
	key, err := b.key([]string{"hostroot", "debian"}, filepath.Base(filepath.Dir(wrapper)), hostroot.Kernel())
	if err != nil {
		return "", err
	}
	// The tree's own folder is the host's /, whose mode and time the entry
	// must not have.
	const tree = "root"
	dir, err := b.cache.Entry(ctx, "host", key, func(ctx context.Context, dir string) error {
		root := filepath.Join(dir, tree)
		if err := os.Mkdir(root, 0o755); err != nil {
			return err
		}
		return hostroot.Make(ctx, b.deb, root, wrapper)
	})
	return filepath.Join(dir, tree), err
}

// archives is a folder with the archive of every image.
func (b *build) archives(ctx context.Context, programs map[string]string, packages, node string) (string, error) {
	files := map[string]string{}
	for _, i := range images {
		from := programs[i.group.Name]
		key, err := b.key([]string{"archive", "images.go"}, reference(i.component), filepath.Base(from))
		if err != nil {
			return "", err
		}
		dir, err := b.cache.Entry(ctx, "image-"+i.component, key, func(ctx context.Context, dir string) error {
			return i.build(ctx, from, dir)
		})
		if err != nil {
			return "", err
		}
		name := archive.FileName(reference(i.component))
		files[name] = filepath.Join(dir, name)
	}
	key, err := b.key([]string{"archive", "debian", "images.go", "ciliumimage.go"}, reference("cilium"),
		filepath.Base(programs[cilium.Name]), filepath.Base(packages), filepath.Base(node))
	if err != nil {
		return "", err
	}
	dir, err := b.cache.Entry(ctx, "image-cilium", key, func(ctx context.Context, dir string) error {
		module, version, err := b.builder.ModuleDir(ctx, cilium, ciliumPath)
		if err != nil {
			return err
		}
		if version != ciliumVersion {
			return fmt.Errorf("the module is %s, and the image is named %s", version, ciliumVersion)
		}
		return buildCilium(ctx, b.deb, ciliumParts{
			packages: packageFiles(packages, ciliumPackages), programs: programs[cilium.Name], module: module,
			loopback: filepath.Join(node, "cni", "loopback"),
		}, dir)
	})
	if err != nil {
		return "", err
	}
	name := archive.FileName(reference("cilium"))
	files[name] = filepath.Join(dir, name)
	return b.gathered(ctx, "archives", files)
}

// folders are those of a node's programs and of the tools.
func (b *build) folders(ctx context.Context, programs map[string]string, node string) (binaries, tools string, err error) {
	of := func(g gobuild.Group, names ...string) map[string]string {
		files := map[string]string{}
		for _, name := range names {
			files[name] = filepath.Join(programs[g.Name], name)
		}
		return files
	}
	files := of(containerd, "containerd", "containerd-shim-runc-v2", "ctr")
	maps.Copy(files, of(kubernetes, "kubeadm", "kubectl", "kubelet"))
	maps.Copy(files, of(crictl, "crictl"))
	files["runc"] = filepath.Join(node, "runc")
	for _, plugin := range cniPlugins {
		files["cni/"+plugin] = filepath.Join(node, "cni", plugin)
	}
	if binaries, err = b.gathered(ctx, "binaries", files); err != nil {
		return "", "", err
	}
	files = of(helm, "helm")
	maps.Copy(files, of(etcd, "etcdctl"))
	tools, err = b.gathered(ctx, "tools", files)
	return binaries, tools, err
}

// gathered is a folder of links to files of other entries, by the names that
// they get there.
func (b *build) gathered(ctx context.Context, name string, files map[string]string) (string, error) {
	parts := make([]string, 0, 2*len(files))
	for _, file := range slices.Sorted(maps.Keys(files)) {
		// An entry's name has its key in it.
		from, err := filepath.Rel(b.root, files[file])
		if err != nil {
			return "", err
		}
		parts = append(parts, file, from)
	}
	return b.cache.Entry(ctx, name, cache.NewKey(parts...), func(_ context.Context, dir string) error {
		return gather(dir, files)
	})
}

func (b *build) catalogue(ctx context.Context) (string, error) {
	content, err := catalogue()
	if err != nil {
		return "", err
	}
	const name = "releases.yaml"
	dir, err := b.cache.Entry(ctx, "catalogue", cache.NewKey(string(content)), func(_ context.Context, dir string) error {
		return os.WriteFile(filepath.Join(dir, name), content, 0o644)
	})
	return filepath.Join(dir, name), err
}
