package cgroup

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Memory is what the processes of a group take, in bytes.
type Memory struct {
	// Anonymous is what they hold themselves, without the page cache.
	Anonymous int64 `json:"anonymousBytes"`
	// Peak is the most that was charged to the group at once, page cache
	// included.
	Peak int64 `json:"peakBytes"`
}

// Memory measures the group; zero where it does not exist.
func (g Group) Memory() Memory {
	for _, h := range g.Hierarchies {
		dir := filepath.Join(h.Mount, g.Path)
		switch {
		case !h.V2 && slices.Contains(strings.Split(h.Options, ","), "memory"):
			return Memory{Anonymous: stat(dir, "total_rss"), Peak: number(dir, "memory.max_usage_in_bytes")}
		case h.V2 && exists(filepath.Join(dir, "memory.stat")):
			return Memory{Anonymous: stat(dir, "anon"), Peak: number(dir, "memory.peak")}
		}
	}
	return Memory{}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func number(dir, file string) int64 {
	text, _ := os.ReadFile(filepath.Join(dir, file))
	n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n
}

func stat(dir, key string) int64 {
	text, _ := os.ReadFile(filepath.Join(dir, "memory.stat"))
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name == key {
			n, _ := strconv.ParseInt(value, 10, 64)
			return n
		}
	}
	return 0
}
