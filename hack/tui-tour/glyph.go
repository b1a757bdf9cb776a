package main

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// stroke is the thickness of lines, in pixels.
const stroke = 1.7

// point is a place in a cell, both between 0 and 1.
type point struct{ x, y float32 }

// lines are the characters that are drawn rather than taken from the font,
// which has no others or leaves gaps between cells: strokes from point to
// point.
var lines = map[string][][]point{
	"─": {{{0, .5}, {1, .5}}}, "│": {{{.5, 0}, {.5, 1}}},
	"╭": {{{1, .5}, {.7, .5}, {.56, .56}, {.5, .65}, {.5, 1}}}, "╮": {{{0, .5}, {.3, .5}, {.44, .56}, {.5, .65}, {.5, 1}}},
	"╰": {{{1, .5}, {.7, .5}, {.56, .44}, {.5, .35}, {.5, 0}}}, "╯": {{{0, .5}, {.3, .5}, {.44, .44}, {.5, .35}, {.5, 0}}},
	"┌": {{{1, .5}, {.5, .5}, {.5, 1}}}, "┐": {{{0, .5}, {.5, .5}, {.5, 1}}},
	"└": {{{1, .5}, {.5, .5}, {.5, 0}}}, "┘": {{{0, .5}, {.5, .5}, {.5, 0}}},
	"├": {{{.5, 0}, {.5, 1}}, {{.5, .5}, {1, .5}}}, "┤": {{{.5, 0}, {.5, 1}}, {{.5, .5}, {0, .5}}},
	"┬": {{{0, .5}, {1, .5}}, {{.5, .5}, {.5, 1}}}, "┴": {{{0, .5}, {1, .5}}, {{.5, .5}, {.5, 0}}},
	"┼": {{{0, .5}, {1, .5}}, {{.5, 0}, {.5, 1}}},
	"┃": {{{.5, 0}, {.5, 1}}, {{.56, 0}, {.56, 1}}},
	"✓": {{{.12, .52}, {.4, .66}, {.88, .3}}}, "✗": {{{.15, .32}, {.85, .66}}, {{.85, .32}, {.15, .66}}},
	"❯": {{{.3, .28}, {.7, .48}, {.3, .68}}}, "›": {{{.38, .36}, {.62, .5}, {.38, .64}}},
	"←": {{{.9, .5}, {.1, .5}}, {{.4, .38}, {.1, .5}, {.4, .62}}}, "→": {{{.1, .5}, {.9, .5}}, {{.6, .38}, {.9, .5}, {.6, .62}}},
	"↑": {{{.5, .3}, {.5, .7}}, {{.2, .42}, {.5, .3}, {.8, .42}}}, "↓": {{{.5, .3}, {.5, .7}}, {{.2, .58}, {.5, .7}, {.8, .58}}},
}

// areas are filled.
var areas = map[string][]point{
	"█": {{0, 0}, {1, 0}, {1, 1}, {0, 1}}, "▌": {{0, 0}, {.5, 0}, {.5, 1}, {0, 1}},
	"▸": {{.25, .34}, {.8, .5}, {.25, .66}},
}

// drawn draws a character that the font is not asked for, and reports whether
// it was one.
func drawn(on *image.RGBA, area image.Rectangle, c cell) bool {
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	if shape, ok := areas[c.text]; ok {
		polygon(r, area, shape)
	} else if strokes, ok := lines[c.text]; ok {
		for _, points := range strokes {
			for i := 1; i < len(points); i++ {
				segment(r, area, points[i-1], points[i])
			}
		}
	} else if dots, ok := braille(c.text); ok {
		for _, dot := range dots {
			disc(r, area, dot, 1.7)
		}
	} else if c.text == "░" {
		for y := range 6 {
			for x := range 3 {
				disc(r, area, point{(float32(x) + .5) / 3, (float32(y) + .5) / 6}, 0.9)
			}
		}
	} else {
		return false
	}
	r.DrawOp = draw.Over
	r.Draw(on, area, image.NewUniform(c.fore), image.Point{})
	return true
}

func polygon(r *vector.Rasterizer, area image.Rectangle, points []point) {
	for i, p := range points {
		x, y := p.x*float32(area.Dx()), p.y*float32(area.Dy())
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
}

// segment is a stroke, always in the same sense of rotation: the rasterizer
// would take strokes of two senses away from each other.
func segment(r *vector.Rasterizer, area image.Rectangle, from, to point) {
	x0, y0 := float64(from.x)*float64(area.Dx()), float64(from.y)*float64(area.Dy())
	x1, y1 := float64(to.x)*float64(area.Dx()), float64(to.y)*float64(area.Dy())
	length := math.Hypot(x1-x0, y1-y0)
	// Half a stroke more at both ends closes the corners.
	dx, dy := (x1-x0)/length*stroke/2, (y1-y0)/length*stroke/2
	x0, y0, x1, y1 = x0-dx/2, y0-dy/2, x1+dx/2, y1+dy/2
	r.MoveTo(float32(x0-dy), float32(y0+dx))
	r.LineTo(float32(x1-dy), float32(y1+dx))
	r.LineTo(float32(x1+dy), float32(y1-dx))
	r.LineTo(float32(x0+dy), float32(y0-dx))
	r.ClosePath()
}

func disc(r *vector.Rasterizer, area image.Rectangle, centre point, radius float64) {
	x, y := float64(centre.x)*float64(area.Dx()), float64(centre.y)*float64(area.Dy())
	const corners = 12
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		if i == 0 {
			r.MoveTo(float32(x+radius*cos), float32(y+radius*sin))
		} else {
			r.LineTo(float32(x+radius*cos), float32(y+radius*sin))
		}
	}
	r.ClosePath()
}

// braille are the dots of a pattern (Unicode, block 2800).
func braille(text string) ([]point, bool) {
	pattern := []rune(text)[0]
	if pattern < 0x2800 || pattern > 0x28ff {
		return nil, false
	}
	places := [8]point{{.3, .26}, {.3, .42}, {.3, .58}, {.7, .26}, {.7, .42}, {.7, .58}, {.3, .74}, {.7, .74}}
	var dots []point
	for bit, place := range places {
		if pattern&(1<<bit) != 0 {
			dots = append(dots, place)
		}
	}
	return dots, true
}
