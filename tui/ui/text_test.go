package ui_test

import (
	"strings"
	"testing"

	"groundwork.dev/bootstrap/tui/ui"
)

func env(values ...string) *ui.Env {
	return ui.NewEnv(ui.Options{Getenv: func(name string) string {
		for _, v := range values {
			if value, found := strings.CutPrefix(v, name+"="); found {
				return value
			}
		}
		return ""
	}})
}

func TestASCIIOnly(t *testing.T) {
	for _, c := range []struct {
		name string
		vars []string
		want bool
	}{
		{"a terminal emulator", []string{"TERM=xterm-256color", "LANG=en_US.UTF-8"}, false},
		{"tmux", []string{"TERM=tmux-256color", "LC_CTYPE=C.utf8"}, false},
		{"the console of a machine", []string{"TERM=linux", "LANG=en_US.UTF-8"}, true},
		{"a serial line", []string{"TERM=vt220", "LANG=en_US.UTF-8"}, true},
		{"vt100", []string{"TERM=vt100", "LANG=en_US.UTF-8"}, true},
		{"no locale", []string{"TERM=xterm"}, true},
		{"Latin-1", []string{"TERM=xterm", "LANG=de_DE.ISO-8859-1"}, true},
		{"LC_ALL decides", []string{"TERM=xterm", "LC_ALL=C", "LANG=en_US.UTF-8"}, true},
		{"an empty LC_ALL does not", []string{"TERM=xterm", "LC_ALL=", "LANG=en_US.UTF-8"}, false},
		{"no terminal named", []string{"LANG=en_US.UTF-8"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := env(c.vars...).Theme.Glyphs.ASCII; got != c.want {
				t.Errorf("ASCII is %t, want %t", got, c.want)
			}
		})
	}
}

func TestGlyphsAreOneCell(t *testing.T) {
	for _, g := range []ui.Glyphs{ui.UnicodeGlyphs(), ui.ASCIIGlyphs()} {
		all := append([]string{
			g.Done, g.Running, g.Waiting, g.Failed, g.Warning, g.Skipped, g.Cursor, g.Bullet, g.Ellipsis,
			g.Horizontal, g.Vertical, g.Separator, g.BarFull, g.BarEmpty,
			g.Border.Top, g.Border.Left, g.Border.TopLeft, g.Border.BottomRight,
		}, g.Spinner...)
		for _, glyph := range all {
			if ui.Width(glyph) != 1 {
				t.Errorf("%q is %d cells wide", glyph, ui.Width(glyph))
			}
			if g.ASCII && ui.ASCII(glyph) != glyph {
				t.Errorf("%q is not ASCII", glyph)
			}
			if strings.Contains(ui.ASCII(glyph), "?") && glyph[0] < 0xe0 {
				t.Errorf("%q has no ASCII for it", glyph)
			}
		}
	}
}

func TestASCIIKeepsWidths(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"10.0.0.1 – 10.0.0.9 … é 日本", "10.0.0.1 - 10.0.0.9 ~ ? ????"},
		{"\x1b[1m→\x1b[0m", "\x1b[1m>\x1b[0m"},
	} {
		got := ui.ASCII(c.text)
		if got != c.want || ui.Width(got) != ui.Width(c.text) {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}

func TestFit(t *testing.T) {
	theme := &env("TERM=xterm", "LANG=C.UTF-8").Theme
	for _, c := range []struct {
		name, got, want string
	}{
		{"cut", theme.Cut("datastore", 5), "data…"},
		{"not cut", theme.Cut("ssd", 3), "ssd"},
		{"no room", theme.Cut("ssd", 0), ""},
		{"wide characters", theme.Cut("日本語", 4), "日…"},
		{"path", theme.CutLeft("/dc1/datastore/ssd", 8), "…ore/ssd"},
		{"filled", theme.Fit("a", 3), "a  "},
		{"filled to the right", theme.FitRight("12", 4), "  12"},
		{"a colour is not cut into", theme.Cut("\x1b[31mlonger\x1b[0m", 4), "\x1b[31mlon…\x1b[0m"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := strings.Join(ui.Wrap("make room on /srv, or save elsewhere 0123456789abcdef", 12), "|")
	if want := "make room on|/srv, or|save|elsewhere|0123456789ab|cdef"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestClean(t *testing.T) {
	if got, want := ui.Clean("a\tb\x1b[2Jc\r\n\x07d\u009b31me"), "a    bc\nd31me"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestUncoloured(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"\x1b[31mred\x1b[0m", "red\x1b[0m"},
		{"\x1b[1;38;5;160mbold\x1b[m", "\x1b[1mbold\x1b[m"},
		{"\x1b[7;48;2;1;2;3;4mreversed\x1b[27;39m", "\x1b[7;4mreversed\x1b[27m"},
		{"\x1b[97;100mbright", "bright"},
		{"\x1b[2Kother\x1b[1", "\x1b[2Kother\x1b[1"},
	} {
		if got := ui.Uncoloured(c.text); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}

func TestHeaderKeepsTheLastCrumb(t *testing.T) {
	theme := &env("TERM=xterm", "LANG=C.UTF-8").Theme
	crumbs := []string{"Start", "A cluster with a long name", "Details"}
	for _, c := range []struct {
		width int
		want  string
	}{
		{80, "Groundwork › Start › A cluster with a long name › Details"},
		{50, "Groundwork › … › Details"},
		{20, "Groundwork › … › De…"},
	} {
		if got := theme.HeaderLine(c.width, "Groundwork", crumbs); got != c.want {
			t.Errorf("at %d: %q, want %q", c.width, got, c.want)
		}
	}
}

func TestFooterNamesWhatFits(t *testing.T) {
	theme := &env("TERM=xterm", "LANG=C.UTF-8").Theme
	screen := ui.Keys
	off := screen.Filter
	off.SetEnabled(false)
	keys := []struct {
		width int
		want  string
	}{
		{50, "enter choose   ctrl+s save   ctrl+n next    ? help"},
		{40, "enter choose   ctrl+s save        ? help"},
		{12, "      ? help"},
	}
	for _, c := range keys {
		got := theme.FooterLine(c.width, bindings(screen.Choose, off, screen.Save, ui.Say(screen.NextPage, "next")), bindings(screen.Help))
		if got != c.want {
			t.Errorf("at %d: %q, want %q", c.width, got, c.want)
		}
	}
}
