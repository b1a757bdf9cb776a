package form

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// mostFiles bounds what is proposed of one folder.
const mostFiles = 1000

// splitPath splits what is typed into the folder, with its slash, and the
// beginning of a name.
func splitPath(typed string) (folder, name string) {
	i := strings.LastIndexByte(typed, '/') + 1
	return typed[:i], typed[i:]
}

// readFolder proposes the files of a folder, as they are typed: with the
// folder before their name, and a slash behind folders.
func readFolder(folder string) func(context.Context) ([]Option, error) {
	return func(context.Context) ([]Option, error) {
		entries, err := os.ReadDir(existing(folder))
		if err != nil {
			if os.IsNotExist(err) {
				return nil, nil // it is still being typed
			}
			return nil, err
		}
		var options []Option
		for _, entry := range entries[:min(len(entries), mostFiles)] {
			name := entry.Name()
			if info, err := os.Stat(filepath.Join(existing(folder), name)); err == nil && info.IsDir() {
				name += "/"
			}
			options = append(options, Option{Value: folder + name, Label: name})
		}
		return options, nil
	}
}

// existing is the folder that is meant by what is typed.
func existing(folder string) string {
	if folder == "" {
		return "."
	}
	if rest, ok := strings.CutPrefix(folder, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return folder
}

// complete types on as far as the proposals agree, as a shell does; it says
// whether that went any further.
func (l *list) complete() bool {
	if len(l.shown) == 0 || l.line.text() == "" && l.cursor < 0 {
		return false
	}
	common := l.shown[0].Value
	if l.cursor >= 0 && l.cursor < len(l.shown) {
		common = l.shown[l.cursor].Value
	} else {
		for _, o := range l.shown[1:] {
			for !strings.HasPrefix(o.Value, common) {
				common = common[:len(common)-1]
			}
		}
	}
	if len(common) <= len(l.line.text()) {
		return false
	}
	l.line = newLine(&l.m.env.Theme, common, "", false)
	return true
}
