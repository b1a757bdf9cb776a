package gobuild

import (
	"path"
	"strings"
)

// Command is one program of a group.
type Command struct {
	// Package is the main package's import path.
	Package string
	// Name is what the program is called; empty for what the go command calls
	// it.
	Name string
}

// ProgramName is what the program is called where it is built.
func (c Command) ProgramName() string {
	if c.Name != "" {
		return c.Name
	}
	return c.builtName()
}

// builtName is what the go command calls the program: the import path's last
// element, or the one before a major version.
func (c Command) builtName() string {
	dir, base := path.Split(c.Package)
	if digits, is := strings.CutPrefix(base, "v"); is && digits != "" && strings.Trim(digits, "0123456789") == "" {
		return path.Base(dir)
	}
	return base
}

// Group is a set of commands that one go build makes.
type Group struct {
	// Name is the cache entry's. With Module it is the folder below
	// hack/lab/artifacts/modules whose go.mod pins the versions too; without,
	// the commands are the main module's own and use the standard library
	// only.
	Name   string
	Module bool
	// Version is told in progress lines.
	Version string
	// Tags and LDFlags are go build's.
	Tags     []string
	LDFlags  string
	Commands []Command
}

// flags are those of every build, and of the project's own: what the compiler
// made for one serves the others.
var flags = []string{"-trimpath", "-buildvcs=false", "-mod=readonly"}

// arguments are the go command's; the programs go to dir.
func (g Group) arguments(dir string) []string {
	args := append([]string{"build", "-v", "-o", dir + "/", "-tags", strings.Join(g.Tags, ","), "-ldflags", g.LDFlags}, flags...)
	for _, c := range g.Commands {
		args = append(args, c.Package)
	}
	return args
}
