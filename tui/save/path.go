package save

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// expand is the path that was typed, with "~" for the home directory.
func expand(typed string) string {
	typed = strings.TrimSpace(typed)
	rest, found := strings.CutPrefix(typed, "~")
	if !found || (rest != "" && rest[0] != filepath.Separator) {
		return typed
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return typed
	}
	return home + rest
}

// folder is where completion looks for what was typed.
func folder(typed string) string {
	path := expand(typed)
	if path == "" || strings.HasSuffix(path, string(filepath.Separator)) {
		return filepath.Clean(path)
	}
	return filepath.Dir(path)
}

// entry is what may be completed to: a folder or a configuration file.
type entry struct {
	name   string
	folder bool
}

func (e entry) String() string {
	if e.folder {
		return e.name + string(filepath.Separator)
	}
	return e.name
}

// read lists a folder's folders and configuration files.
func read(path string) ([]entry, error) {
	all, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, one := range all {
		isFolder := one.IsDir()
		if one.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(path, one.Name()))
			isFolder = err == nil && info.IsDir()
		}
		extension := filepath.Ext(one.Name())
		if isFolder || extension == ".yaml" || extension == ".yml" {
			entries = append(entries, entry{one.Name(), isFolder})
		}
	}
	return entries, nil
}

// matching are the entries that go on from what was typed. Hidden ones are
// shown to those who type the dot.
func matching(entries []entry, typed string) []entry {
	base := typed[strings.LastIndexByte(typed, filepath.Separator)+1:]
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool {
		return !strings.HasPrefix(e.name, base) || (strings.HasPrefix(e.name, ".") && base == "")
	})
}

// complete is typed with as much added as all matches agree on.
func complete(typed string, matches []entry) string {
	if len(matches) == 0 {
		return typed
	}
	agreed := matches[0].String()
	for _, one := range matches[1:] {
		for !strings.HasPrefix(one.String(), agreed) {
			runes := []rune(agreed)
			agreed = string(runes[:len(runes)-1])
		}
	}
	return typed[:strings.LastIndexByte(typed, filepath.Separator)+1] + agreed
}
