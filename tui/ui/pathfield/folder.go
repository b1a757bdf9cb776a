package pathfield

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const separator = string(filepath.Separator)

// Expand is a path that was typed, with "~" for the home directory.
func Expand(typed string) string {
	typed = strings.TrimSpace(typed)
	rest, found := strings.CutPrefix(typed, "~")
	if !found || (rest != "" && !strings.HasPrefix(rest, separator)) {
		return typed
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return typed
	}
	return home + rest
}

// folderOf is where what was typed is completed from.
func folderOf(typed string) string {
	path := Expand(typed)
	if path == "" || strings.HasSuffix(path, separator) {
		return filepath.Clean(path)
	}
	return filepath.Dir(path)
}

// read names the folders in a folder, with a separator behind, and the files
// that end in one of extensions; all files where there are none.
func read(folder string, extensions []string) ([]string, error) {
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, one := range all {
		isFolder := one.IsDir()
		if one.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(folder, one.Name()))
			isFolder = err == nil && info.IsDir()
		}
		switch {
		case isFolder:
			names = append(names, one.Name()+separator)
		case len(extensions) == 0 || slices.Contains(extensions, filepath.Ext(one.Name())):
			names = append(names, one.Name())
		}
	}
	return names, nil
}

// matching are the names that go on from what was typed. Hidden ones are for
// those who type the dot.
func matching(names []string, typed string) []string {
	base := typed[strings.LastIndex(typed, separator)+1:]
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasPrefix(name, base) || (base == "" && strings.HasPrefix(name, "."))
	})
}

// complete is what was typed with as much added as all matches agree on.
func complete(typed string, matches []string) string {
	if len(matches) == 0 {
		return typed
	}
	agreed := matches[0]
	for _, one := range matches[1:] {
		for !strings.HasPrefix(one, agreed) {
			runes := []rune(agreed)
			agreed = string(runes[:len(runes)-1])
		}
	}
	return typed[:strings.LastIndex(typed, separator)+1] + agreed
}
