package tuitest

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// named are the keys that have a name, as tea.Key.String has them.
var named = sync.OnceValue(func() map[string]tea.KeyType {
	all := map[string]tea.KeyType{"space": tea.KeySpace, "pgdn": tea.KeyPgDown}
	for k := tea.KeyType(-200); k <= 200; k++ {
		if name := (tea.Key{Type: k}).String(); name != "" && k != tea.KeyRunes {
			if _, known := all[name]; !known {
				all[name] = k
			}
		}
	}
	return all
})

func keyNamed(t testing.TB, name string) tea.KeyMsg {
	t.Helper()
	rest, alt := strings.CutPrefix(name, "alt+")
	if kind, ok := named()[rest]; ok {
		key := tea.KeyMsg{Type: kind, Alt: alt}
		if kind == tea.KeySpace {
			key.Runes = []rune{' '}
		}
		return key
	}
	if r, size := utf8.DecodeRuneInString(rest); size == len(rest) && r != utf8.RuneError {
		key := keyOf(r)
		key.Alt = alt
		return key
	}
	t.Fatalf("no key is called %q", name)
	return tea.KeyMsg{}
}

func keyOf(r rune) tea.KeyMsg {
	switch r {
	case ' ':
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	case '\n':
		return tea.KeyMsg{Type: tea.KeyEnter}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}}
}
