package main

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Sizes of the picture, in pixels: larger than most pages show it, for screens
// with many dots. A cell is as wide as the font's characters are.
const (
	cellWidth, cellHeight = 12, 27
	baseline              = 20
	fontSize              = 20
	margin                = 18
)

// painter draws screens.
type painter struct {
	regular, bold font.Face
}

func newPainter() (*painter, error) {
	regular, err := face(gomono.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := face(gomonobold.TTF)
	return &painter{regular, bold}, err
}

func face(data []byte) (font.Face, error) {
	parsed, err := opentype.Parse(data)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(parsed, &opentype.FaceOptions{Size: fontSize, DPI: 72, Hinting: font.HintingNone})
}

// write draws rows into a PNG file.
func (p *painter) write(path string, rows [][]cell) error {
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	full := image.NewRGBA(image.Rect(0, 0, width*cellWidth+2*margin, len(rows)*cellHeight+2*margin))
	draw.Draw(full, full.Bounds(), image.NewUniform(background), image.Point{}, draw.Src)
	for y, row := range rows {
		for x, c := range row {
			p.cell(full, image.Pt(margin+x*cellWidth, margin+y*cellHeight), c)
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(file, reduced(full)); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// reduced is the picture with a palette where 256 colours are enough: a screen
// is mostly one colour, and the file a third of the size.
func reduced(full *image.RGBA) image.Image {
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	small := image.NewPaletted(full.Bounds(), nil)
	for y := full.Rect.Min.Y; y < full.Rect.Max.Y; y++ {
		for x := full.Rect.Min.X; x < full.Rect.Max.X; x++ {
			// Sixteen steps of each colour: the edges of letters need no more.
			c := full.RGBAAt(x, y)
			if c != background {
				c = color.RGBA{step(c.R), step(c.G), step(c.B), 0xff}
			}
			i, known := index[c]
			if !known {
				if len(palette) == 256 {
					return full
				}
				i = uint8(len(palette))
				index[c] = i
				palette = append(palette, c)
			}
			small.Pix[small.PixOffset(x, y)] = i
		}
	}
	small.Palette = palette
	return small
}

// step is the nearest of sixteen steps.
func step(level uint8) uint8 { return uint8((int(level) + 8) / 17 * 17) }

// cell draws one character at a place.
func (p *painter) cell(on *image.RGBA, at image.Point, c cell) {
	area := image.Rect(at.X, at.Y, at.X+cellWidth, at.Y+cellHeight)
	if c.back != background {
		draw.Draw(on, area, image.NewUniform(c.back), image.Point{}, draw.Src)
	}
	if c.underlined {
		line := image.Rect(at.X, at.Y+baseline+3, at.X+cellWidth, at.Y+baseline+4)
		draw.Draw(on, line, image.NewUniform(c.fore), image.Point{}, draw.Src)
	}
	if c.text == " " || drawn(on, area, c) {
		return
	}
	used := p.regular
	if c.bold {
		used = p.bold
	}
	d := font.Drawer{Dst: on, Src: image.NewUniform(c.fore), Face: used, Dot: fixed.P(at.X, at.Y+baseline)}
	d.DrawString(c.text)
}
