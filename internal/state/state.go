// Package state keeps what one cluster's runs must remember: the effective
// configuration, the journal, the machine table and the kubeconfig, in a
// directory that only its owner can read.
package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// The files of a cluster's directory that several packages know.
const (
	ConfigurationFile = "configuration.yaml"
	JournalFile       = "journal.jsonl"
	MachinesFile      = "machines.json"
	KubeconfigFile    = "kubeconfig"
	LogFile           = "log"
)

const (
	// rehearsals is the folder below the root that holds the rehearsals. No
	// cluster can be called that: an underscore is not allowed in a name.
	rehearsals = "_rehearsals"
	// removing begins the name of a directory that is being removed.
	removing = "_removing-"
	// unfinished begins the name of a file that is being written.
	unfinished = ".unfinished-"
)

// clusterName is a DNS label, or the wider set with capitals that EKS
// Anywhere accepts (ClusterName in its pkg/api/v1alpha1). It keeps a name
// from reaching outside the root.
var clusterName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.-]{0,252}$`)

// Root is where the directories of all clusters are:
// $XDG_STATE_HOME/groundwork, or ~/.local/state/groundwork where that
// variable is not an absolute path (the XDG base directory specification).
func Root() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "groundwork"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", &failure.Error{
			Code: failure.Usage, Summary: "there is no home directory to keep state in", Err: err,
			Remedy: "set XDG_STATE_HOME, or give --state-dir",
		}
	}
	return filepath.Join(home, ".local", "state", "groundwork"), nil
}

// Rehearsals is the root of the rehearsals' states below root. They lie
// apart, so that a rehearsal is never taken for the cluster itself.
func Rehearsals(root string) string { return filepath.Join(root, rehearsals) }

// Dir is the state directory of one cluster.
type Dir struct {
	root, cluster string
}

// Open returns the directory of cluster below root, and makes both with mode
// 0700 where they are missing. A directory that somebody else owns or can
// read is refused with a *failure.Error.
func Open(root, cluster string) (*Dir, error) {
	d, err := at(root, cluster)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.Path(), 0o700); err != nil {
		return nil, &failure.Error{
			Code: failure.Usage, Summary: "the state directory cannot be made", Object: d.Path(), Err: err,
			Remedy: "make room for it there, or give another --state-dir",
		}
	}
	return d, d.private()
}

// Find returns the directory of cluster below root where there is one, and an
// error that is fs.ErrNotExist where there is none.
func Find(root, cluster string) (*Dir, error) {
	d, err := at(root, cluster)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(d.Path()); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = &failure.Error{
				Code: failure.Usage, Summary: "nothing is known here of this cluster", Object: "Cluster " + cluster, Err: err,
				Remedy: "check the name and --state-dir; for a rehearsal, add --rehearse",
			}
		}
		return nil, err
	}
	return d, d.private()
}

func at(root, cluster string) (*Dir, error) {
	if !clusterName.MatchString(cluster) {
		return nil, &failure.Error{
			Code: failure.Usage, Summary: fmt.Sprintf("%q cannot be the name of a cluster", cluster),
			Remedy: "use letters, digits and hyphens only",
		}
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find the state directory: %w", err)
	}
	return &Dir{root: root, cluster: cluster}, nil
}

// List names the clusters that have a directory below root, sorted. A root
// that is missing holds none.
func List(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the known clusters: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && clusterName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Cluster is the name of the cluster.
func (d *Dir) Cluster() string { return d.cluster }

// Path is the path of elem below the directory; of the directory itself
// without any.
func (d *Dir) Path(elem ...string) string {
	return filepath.Join(append([]string{d.root, d.cluster}, elem...)...)
}

// RemoveAll removes the directory with everything in it. The caller holds the
// lock. The directory is renamed first, so that a kill in between leaves
// nothing that looks like a state; what such a kill left behind goes too.
func (d *Dir) RemoveAll() error {
	aside, err := os.MkdirTemp(d.root, removing)
	if err != nil {
		return fmt.Errorf("remove the state: %w", err)
	}
	if err := os.Rename(d.Path(), filepath.Join(aside, d.cluster)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("remove the state: %w", err), os.Remove(aside))
	}
	if err := syncDir(d.root); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.root)
	if err != nil {
		return fmt.Errorf("remove the state: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), removing) {
			errs = append(errs, os.RemoveAll(filepath.Join(d.root, e.Name())))
		}
	}
	return errors.Join(errs...)
}
