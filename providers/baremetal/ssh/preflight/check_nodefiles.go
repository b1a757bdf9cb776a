package preflight

import (
	"context"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/images/bundle"
	"groundwork.dev/bootstrap/providers/verdict"
)

// binaries are those without which node.Install makes no node.
var binaries = []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc", "kubeadm", "kubelet"}

// exportRemedy is what a bundle that is not right asks for.
const exportRemedy = "Export the node files for this configuration again (bootstrap images export -f FILE -o FOLDER), and name them in nodeFiles."

// nodeFiles opens the bundle, once, and reads its index.
func (s *survey) nodeFiles(ctx context.Context) (nodeFiles, error) {
	return s.files.get(ctx, func(ctx context.Context) (nodeFiles, error) {
		b, err := s.options.Bundle(ctx)
		if err != nil {
			return nodeFiles{}, err
		}
		defer func() { _ = b.Close() }() // it was only read
		n := nodeFiles{index: b.Index(), digest: b.Digest()}
		// Files of a web server are fetched when they are copied.
		if !strings.Contains(s.options.Config.SSHDatacenter.Spec.NodeFiles.Location, "://") {
			n.unreadable = unreadable(ctx, b, n.index)
		}
		return n, ctx.Err()
	})
}

// unreadable are the files of the index that cannot be opened. Their content
// is verified on the hosts.
func unreadable(ctx context.Context, b *bundle.Bundle, index bundle.Index) []string {
	var paths []string
	for _, f := range index.Files {
		paths = append(paths, f.Path)
	}
	for _, i := range index.Images {
		paths = append(paths, i.Path)
	}
	slices.Sort(paths)
	var bad []string
	for _, p := range slices.Compact(paths) {
		content, err := b.File(ctx, p)
		if err != nil {
			bad = append(bad, p)
			continue
		}
		_ = content.Close() // nothing was read
	}
	return bad
}

// checkNodeFiles sees that the bundle opens and is of the release.
func (s *survey) checkNodeFiles(ctx context.Context, v *verdict.Verdict) error {
	release := s.options.Release
	v.Wants("a bundle of node files for Kubernetes %s", release.Version)
	n, err := s.nodeFiles(ctx)
	if err != nil {
		return err
	}
	index := n.index
	if index.Version != release.Version {
		v.Fails(exportRemedy, "the node files are of Kubernetes %s", index.Version)
	}
	var missing []string
	for _, name := range binaries {
		if !slices.ContainsFunc(index.Files, func(f bundle.File) bool { return f.Name == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		v.Fails(exportRemedy, "the node files have no %s", strings.Join(missing, ", "))
	}
	if len(n.unreadable) > 0 {
		v.Fails("Copy all of the node files from where they were made, or export them again (bootstrap images export).",
			"the node files lack %s, which their index has", some(n.unreadable))
	}
	v.Sees("Kubernetes %s for %s, %d binaries and %d images, %s, index %s", index.Version, index.Arch, len(index.Files), len(index.Images), bytes(index.Size()), n.digest)
	return nil
}

// checkImages sees that the bundle has what the nodes will run.
func (s *survey) checkImages(ctx context.Context, v *verdict.Verdict) error {
	needed := images.Nodes(s.options.Config, s.options.Release)
	v.Wants("the %d images that the nodes will run", len(needed))
	n, err := s.nodeFiles(ctx)
	if err != nil {
		v.Skipped = "not looked at: the node files cannot be opened"
		return nil
	}
	var missing []string
	for _, image := range needed {
		if _, there := n.index.Image(image.String()); !there {
			missing = append(missing, image.String())
		}
	}
	switch {
	case len(missing) == 0:
		v.Sees("all of them")
	case s.cluster.Spec.RegistryMirrorConfiguration != nil:
		v.Warns(exportRemedy, "the node files lack %s: the nodes will pull them from the registry mirror", strings.Join(missing, ", "))
	default:
		v.Fails(exportRemedy, "the node files lack %s", strings.Join(missing, ", "))
	}
	return nil
}
