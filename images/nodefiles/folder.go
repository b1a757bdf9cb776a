package nodefiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"groundwork.dev/bootstrap/internal/failure"
)

// InFolder finds the required binaries in a folder, under their names in a
// bundle ("kubelet", "cni/loopback"), and the other CNI plugins there. The
// error is a *failure.Error that names everything that is missing, and every
// file that is not a program for arch.
func InFolder(dir, arch string) ([]Source, error) {
	names := append([]string{}, Required...)
	plugins, err := os.ReadDir(filepath.Join(dir, cni))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known := map[string]bool{}
	for _, name := range names {
		known[name] = true
	}
	for _, p := range plugins {
		if name := cni + p.Name(); !known[name] && isProgram(filepath.Join(dir, name)) {
			names = append(names, name)
		}
	}
	var list []Source
	var problems []string
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			problems = append(problems, name+" is missing")
			continue
		case err == nil && !info.Mode().IsRegular():
			err = errors.New("it is not a file")
		case err == nil:
			err = Check(path, arch)
		}
		if err != nil {
			problems = append(problems, name+": "+err.Error())
			continue
		}
		list = append(list, Source{Name: name, Path: path})
	}
	if len(problems) > 0 {
		return nil, &failure.Error{
			Code: failure.Configuration, Object: dir, Err: errors.New(strings.Join(problems, "\n")),
			Summary: fmt.Sprintf("the folder does not have the binaries of a node for linux/%s", arch),
			Remedy:  "put them there under these names, or leave --files out to have them fetched",
		}
	}
	return list, nil
}

// isProgram passes over licences and the like, which packages put beside the
// plugins.
func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
