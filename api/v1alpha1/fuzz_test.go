package v1alpha1

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse holds Parse to its promises for any input: no panic, every
// problem whole, and an effective configuration that reads as the same.
func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	if dir := os.Getenv("EKSA_COMPAT_DIR"); dir != "" {
		more, _ := filepath.Glob(filepath.Join(dir, "*", "*.yaml"))
		seeds = append(seeds, more...)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(bomb()))
	f.Fuzz(func(t *testing.T, data []byte) {
		config, err := Parse("file", data)
		if err != nil {
			for _, p := range err.(Problems) {
				if p.Message == "" || p.Remedy == "" || p.File != "file" {
					t.Errorf("the problem is not whole: %+v", p)
				}
				_ = p.String()
			}
			decoded, _ := Decode("file", data)
			decoded.Notes()
			if _, err := decoded.YAML(); err != nil {
				t.Errorf("what was decoded cannot be written: %v", err)
			}
			return
		}
		config.Notes()
		effective, err := config.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("effective", effective); err != nil {
			t.Errorf("the effective configuration has problems:\n%v\n%s", err, effective)
		}
	})
}
