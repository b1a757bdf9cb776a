package main

import (
	"image/color"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// cell is one character on a screen.
type cell struct {
	text             string
	fore, back       color.RGBA
	bold, underlined bool
}

// The colours of the drawn terminal: dark, as most are.
var (
	foreground = color.RGBA{0xdd, 0xdd, 0xdd, 0xff}
	background = color.RGBA{0x14, 0x18, 0x1f, 0xff}
	sixteen    = [16]color.RGBA{
		{0x2a, 0x30, 0x3a, 0xff}, {0xe0, 0x5f, 0x5f, 0xff}, {0x6c, 0xb9, 0x6a, 0xff}, {0xd8, 0xb1, 0x4a, 0xff},
		{0x5c, 0x9f, 0xe6, 0xff}, {0xb5, 0x7f, 0xd9, 0xff}, {0x4c, 0xb5, 0xc0, 0xff}, {0xc8, 0xcc, 0xd2, 0xff},
		{0x6b, 0x74, 0x82, 0xff}, {0xff, 0x87, 0x87, 0xff}, {0x8f, 0xdb, 0x8d, 0xff}, {0xf5, 0xd2, 0x76, 0xff},
		{0x87, 0xbc, 0xff, 0xff}, {0xd2, 0xa4, 0xf2, 0xff}, {0x7b, 0xd8, 0xe2, 0xff}, {0xff, 0xff, 0xff, 0xff},
	}
)

// pen is how the next characters are drawn.
type pen struct {
	fore, back                       color.RGBA
	bold, faint, underlined, reverse bool
}

func plainPen() pen { return pen{fore: foreground, back: background} }

// parse reads what tmux captured, colours included, into rows of width cells.
func parse(captured string, width, height int) [][]cell {
	rows := make([][]cell, height)
	p := plainPen()
	lines := strings.Split(captured, "\n")
	for y := range rows {
		line := ""
		if y < len(lines) {
			line = lines[y]
		}
		rows[y] = p.row(line, width)
	}
	return rows
}

// row draws a line; the pen goes on in the next.
func (p *pen) row(line string, width int) []cell {
	row := make([]cell, width)
	for i := range row {
		row[i] = cell{" ", foreground, background, false, false}
	}
	x := 0
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			if end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' }); end >= 0 {
				if rest[end] == 'm' {
					p.set(rest[:end])
				}
				line = rest[end+1:]
				continue
			}
		}
		_, size := utf8.DecodeRuneInString(line)
		text := line[:size]
		line = line[size:]
		if wide := ansi.StringWidth(text); wide > 0 && x < width {
			row[x] = p.cell(text)
			x += wide
		}
	}
	return row
}

func (p *pen) cell(text string) cell {
	fore, back := p.fore, p.back
	if p.reverse {
		fore, back = back, fore
	}
	if p.faint {
		fore = mix(fore, back)
	}
	return cell{text, fore, back, p.bold, p.underlined}
}

// mix is the colour between two.
func mix(a, b color.RGBA) color.RGBA {
	half := func(x, y uint8) uint8 { return uint8((int(x) + int(y)) / 2) }
	return color.RGBA{half(a.R, b.R), half(a.G, b.G), half(a.B, b.B), 0xff}
}

// set takes the parameters of one SGR sequence (ECMA-48, 8.3.117).
func (p *pen) set(parameters string) {
	var codes []int
	for part := range strings.SplitSeq(strings.ReplaceAll(parameters, ":", ";"), ";") {
		code, _ := strconv.Atoi(part) // an empty one is 0
		codes = append(codes, code)
	}
	for i := 0; i < len(codes); i++ {
		switch code := codes[i]; {
		case code == 0:
			*p = plainPen()
		case code == 1:
			p.bold = true
		case code == 2:
			p.faint = true
		case code == 4:
			p.underlined = true
		case code == 7:
			p.reverse = true
		case code == 22:
			p.bold, p.faint = false, false
		case code == 24:
			p.underlined = false
		case code == 27:
			p.reverse = false
		case code >= 30 && code <= 37:
			p.fore = sixteen[code-30]
		case code >= 90 && code <= 97:
			p.fore = sixteen[code-90+8]
		case code >= 40 && code <= 47:
			p.back = sixteen[code-40]
		case code >= 100 && code <= 107:
			p.back = sixteen[code-100+8]
		case code == 39:
			p.fore = foreground
		case code == 49:
			p.back = background
		case code == 38 || code == 48:
			colour, used := extended(codes[i+1:])
			i += used
			if code == 38 {
				p.fore = colour
			} else {
				p.back = colour
			}
		}
	}
}

// extended is a colour of 256 or 16 million, and how many codes it took.
func extended(codes []int) (color.RGBA, int) {
	switch {
	case len(codes) >= 2 && codes[0] == 5:
		return indexed(codes[1]), 2
	case len(codes) >= 4 && codes[0] == 2:
		return color.RGBA{uint8(codes[1]), uint8(codes[2]), uint8(codes[3]), 0xff}, 4
	}
	return foreground, len(codes)
}

// indexed is a colour of xterm's 256.
func indexed(i int) color.RGBA {
	switch {
	case i < 16:
		return sixteen[max(i, 0)]
	case i >= 232:
		grey := uint8(8 + 10*(min(i, 255)-232))
		return color.RGBA{grey, grey, grey, 0xff}
	}
	level := func(n int) uint8 {
		if n == 0 {
			return 0
		}
		return uint8(55 + 40*n)
	}
	i -= 16
	return color.RGBA{level(i / 36), level(i / 6 % 6), level(i % 6), 0xff}
}
