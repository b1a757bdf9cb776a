package bundle

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestParseIndexNamesEveryProblem(t *testing.T) {
	good := sampleIndex(sample())
	data, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, problems := parseIndex(data); len(problems) > 0 {
		t.Fatalf("a good index has problems: %v", problems)
	}
	sum := strings.Repeat("a", 64)
	file := func(name, path string) string {
		return fmt.Sprintf(`{"name": %q, "path": %q, "sha256": %q, "size": 1}`, name, path, sum)
	}
	index := func(parts ...string) string {
		return `{"kubernetes": "1.35", "version": "v1.35.4", "arch": "amd64", ` + strings.Join(parts, ", ") + `}`
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"not JSON":       {"kubernetes: 1", []string{"invalid character"}},
		"a list":         {"[]", []string{"cannot unmarshal array"}},
		"trailing":       {string(data) + "{}", []string{"follows the document"}},
		"unknown fields": {index(`"a": 1, "b": 2`, `"files": [{"mode": 1}, {"sise": 2}]`, `"images": {}`), []string{`"a"`, `"b"`, `files[0]: unknown field "mode"`, `files[1]: unknown field "sise"`, "images: a list"}},
		"head":           {`{"kubernetes": "1.x", "version": "1.35", "arch": "x86"}`, []string{"kubernetes:", "version:", "arch:", "neither files nor images"}},
		"another minor":  {`{"kubernetes": "1.34", "version": "v1.35.4", "arch": "arm64", "files": [` + file("a", "a") + `]}`, []string{"v1.35.4 is not of Kubernetes 1.34"}},
		"traversal": {index(`"files": [` + strings.Join([]string{
			file("a", "../a"), file("b", "/b"), file("c", "x/../../c"), file("d", `x\d`), file("e", ""), file("../f", "f"), file("cni/../g", "g"), file("h h", "h"), file("i", ".i"), file("j", "j\n"), file("k", IndexFile),
		}, ",") + `]`), []string{"files[0].path", "files[1].path", "files[2].path", "files[3].path", "files[4].path", "files[5].name", "files[6].name", "files[7].name", "files[8].path", "files[9].path", "files[10].path: index.json"}},
		"digests": {index(`"files": [{"name": "a", "path": "a", "sha256": "sha256:` + sum + `", "size": 1}, {"name": "b", "path": "b", "sha256": "` + strings.ToUpper(sum) + `", "size": 0}]`), []string{"files[0].sha256", "files[1].sha256", "files[1].size"}},
		"duplicates": {index(`"files": [`+file("a", "a")+","+file("a", "b")+`]`,
			`"images": [{"reference": "r.io/a:1", "aliases": ["m.io/a:1"], "path": "c", "sha256": "`+sum+`", "size": 1}, {"reference": "m.io/a:1", "path": "c", "sha256": "`+sum+`", "size": 2}]`),
			[]string{`files[1].name: "a" is there twice`, `images[1].reference: "m.io/a:1" is there twice`, "images[1].path: c is there twice"}},
		"references": {index(`"images": [{"reference": "pause:1", "path": "a", "sha256": "` + sum + `", "size": 1}, {"reference": "r.io/pause", "aliases": ["r.io/a b"], "path": "b", "sha256": "` + sum + `", "size": 1}]`), []string{"images[0].reference", "images[1].reference", "images[1].aliases[0]"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := parseIndex([]byte(c.text))
			if len(problems) != len(c.want) {
				t.Errorf("%d problems, want %d:\n%v", len(problems), len(c.want), problems)
			}
			for _, want := range c.want {
				if !strings.Contains(problems.Error(), want) {
					t.Errorf("nothing says %q:\n%v", want, problems)
				}
			}
		})
	}
}

func FuzzParseIndex(f *testing.F) {
	data, err := json.Marshal(sampleIndex(sample()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		index, problems := parseIndex(data)
		if len(problems) > 0 {
			return
		}
		for _, e := range index.entries() {
			if strings.HasPrefix(e.path, "/") || strings.Contains(e.path, "..") && strings.Contains("/"+e.path+"/", "/../") {
				t.Errorf("%q leads out of the bundle", e.path)
			}
		}
	})
}
