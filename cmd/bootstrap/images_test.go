package main

import (
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/rogpeppe/go-internal/testscript"

	"groundwork.dev/bootstrap/api/v1alpha1"
	"groundwork.dev/bootstrap/images"
	"groundwork.dev/bootstrap/images/imagestest"
	"groundwork.dev/bootstrap/images/nodefiles"
)

// TestImagesCommands runs testdata/images/*.txtar.
func TestImagesCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/images",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", env.Getenv("WORK")+"/cache")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":     exitCode,
			"archives": func(ts *testscript.TestScript, _ bool, args []string) { archives(t, ts, args) },
			"programs": func(ts *testscript.TestScript, _ bool, args []string) {
				imagestest.Programs(t, ts.MkAbs(args[0]), "amd64", nodefiles.Required...)
			},
		},
	})
}

// archives is `archives FILE DIR`: archives of all images of a configuration.
func archives(t *testing.T, ts *testscript.TestScript, args []string) {
	cfg, err := v1alpha1.Load(ts.MkAbs(args[0]))
	ts.Check(err)
	release, err := releaseOf(cfg, "")
	ts.Check(err)
	for _, n := range images.Nodes(cfg, release) {
		image := imagestest.Image(t, "amd64", strings.Repeat(n.Name, 100))
		imagestest.DockerSave(t, filepath.Join(ts.MkAbs(args[1]), n.Name+".tar"), map[string]v1.Image{n.String(): image})
	}
}
