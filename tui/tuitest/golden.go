package tuitest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder is the package's: a test may change to another.
var folder, _ = os.Getwd()

// goldenDeadline is short, since a screen that has changed never gets so.
const goldenDeadline = 3 * time.Second

// update is shared by all tests of a package that imports tuitest.
var update = flag.Bool("update", false, "write the golden screens anew")

// Golden compares the screen with testdata/NAME.golden, once the answers that
// are still to come have made it so. With -update it writes the file: wait for
// what the screen has to show before.
func (d *Driver) Golden(name string) {
	d.t.Helper()
	path := filepath.Join(folder, "testdata", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(d.Screen()+"\n"), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatalf("%v; write it with -update", err)
	}
	want := strings.TrimSuffix(string(data), "\n")
	if !d.waitFor(goldenDeadline, func(screen string) bool { return screen == want }) {
		d.t.Errorf("the screen is not %s:\n%s", path, difference(want, d.Screen()))
	}
}

// difference shows both, line by line, with the lines that differ marked.
func difference(want, got string) string {
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	var b strings.Builder
	for i := range max(len(wants), len(gots)) {
		w, g := "", ""
		if i < len(wants) {
			w = wants[i]
		}
		if i < len(gots) {
			g = gots[i]
		}
		if w == g {
			fmt.Fprintf(&b, "%3d   %s\n", i+1, w)
			continue
		}
		fmt.Fprintf(&b, "%3d - %s\n%3d + %s\n", i+1, w, i+1, g)
	}
	return b.String()
}
