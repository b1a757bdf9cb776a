package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// clone is a commit of a git repository, with or without a work tree.
type clone struct{ dir, commit string }

// newest is the commit at HEAD or, with paths, the last that changed them.
func newest(ctx context.Context, dir string, paths ...string) (clone, error) {
	c := clone{dir: dir}
	var err error
	c.commit, err = c.git(ctx, append([]string{"log", "-1", "--format=%H", "--"}, paths...)...)
	if err == nil && c.commit == "" {
		err = fmt.Errorf("no commit in %s changes %s", dir, strings.Join(paths, ", "))
	}
	return c, err
}

// git runs a git command and returns its trimmed output.
func (c clone) git(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", append([]string{"-C", c.dir}, args...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s in %s: %w: %s", strings.Join(args, " "), c.dir, err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// file is a file's contents at the commit.
func (c clone) file(ctx context.Context, path string) (string, error) {
	return c.git(ctx, "show", c.commit+":"+path)
}

// entries are the names of the entries of a folder at the commit.
func (c clone) entries(ctx context.Context, path string) ([]string, error) {
	out, err := c.git(ctx, "ls-tree", "--name-only", c.commit+":"+path)
	if err != nil {
		return nil, err
	}
	return strings.Fields(out), nil
}
