package main

import (
	"image"
	"slices"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/sfnt"

	"groundwork.dev/bootstrap/tui/ui"
)

// Every character beyond letters that screens have can be drawn.
func TestGlyphsCanBeDrawn(t *testing.T) {
	font, err := sfnt.Parse(gomono.TTF)
	if err != nil {
		t.Fatal(err)
	}
	g := ui.UnicodeGlyphs()
	glyphs := append([]string{
		g.Done, g.Running, g.Waiting, g.Failed, g.Warning, g.Skipped, g.Cursor, g.Bullet, g.Ellipsis, g.Horizontal, g.Vertical,
		g.Separator, g.BarFull, g.BarEmpty, g.Border.Top, g.Border.Bottom, g.Border.Left, g.Border.Right,
		g.Border.TopLeft, g.Border.TopRight, g.Border.BottomLeft, g.Border.BottomRight, "×", "•",
	}, g.Spinner...)
	area := image.Rect(0, 0, cellWidth, cellHeight)
	for _, glyph := range glyphs {
		if ansi.StringWidth(glyph) != 1 {
			t.Errorf("%q is not one cell wide", glyph)
		}
		if drawn(image.NewRGBA(area), area, cell{text: glyph, fore: foreground}) {
			continue
		}
		if index, err := font.GlyphIndex(&sfnt.Buffer{}, []rune(glyph)[0]); err != nil || index == 0 {
			t.Errorf("%q is neither drawn nor in the font", glyph)
		}
	}
}

func TestParseReadsColours(t *testing.T) {
	rows := parse("a\x1b[1;38;2;1;2;3mb\x1b[7mc\x1b[0md\x1b[38;5;196me\x1b[48:5:21mf\n\x1b[32m世g", 8, 3)
	if len(rows) != 3 || len(rows[0]) != 8 {
		t.Fatalf("%d rows", len(rows))
	}
	first := rows[0]
	for i, want := range []cell{
		{"a", foreground, background, false, false},
		{"b", first[1].fore, background, true, false},
		{"c", background, first[1].fore, true, false},
		{"d", foreground, background, false, false},
		{"e", indexed(196), background, false, false},
		{"f", indexed(196), indexed(21), false, false},
		{" ", foreground, background, false, false},
	} {
		if first[i] != want {
			t.Errorf("cell %d is %+v; want %+v", i, first[i], want)
		}
	}
	if c := first[1].fore; c.R != 1 || c.G != 2 || c.B != 3 {
		t.Errorf("the colour is %v", c)
	}
	if second := rows[1]; second[0].text != "世" || second[2].text != "g" || second[2].fore != sixteen[2] || second[2].back != indexed(21) {
		t.Errorf("the second row is %+v", second)
	}
	if i := slices.IndexFunc(rows[2], func(c cell) bool { return c.text != " " }); i >= 0 {
		t.Errorf("the third row has something at %d", i)
	}
}

func TestRowsFindsFocusAndQuestion(t *testing.T) {
	const wide = `
❯ vCenter                 │ The vCenter that makes the machines.
∙ Machines                │     Address            vcenter.example.com
∙ Network                 │ ❯ ✗ Certificate        -
∙ SSH access              │     Password`
	const narrow = `
    Name              demo
❯   API endpoint      10.20.30.10
  + 12 advanced settings`
	for _, test := range []struct {
		screen, title string
		at, wanted    int
	}{
		{wide, "Certificate", 3, 3}, {wide, "Address", 3, 2}, {wide, "Password", 3, 4}, {wide, "Network", 3, -1},
		{narrow, "Name", 2, 1}, {narrow, "API endpoint", 2, 2}, {narrow, "API", 2, -1}, {"", "Name", -1, -1},
	} {
		if at, wanted := rows(test.screen, test.title); at != test.at || wanted != test.wanted {
			t.Errorf("rows of %q: %d, %d; want %d, %d", test.title, at, wanted, test.at, test.wanted)
		}
	}
}
