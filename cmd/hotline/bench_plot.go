package main

import (
	"bytes"
	"fmt"
	"html"
)

// The sizes of a drawing, in its own units.
const (
	plotWidth  = 900.0
	plotNames  = 320.0 // of which the names take so much
	plotLine   = 26.0
	plotMargin = 16.0
)

// svg draws the report: a line from the lowest round to the highest, a small dot
// for every round, a large one for the median, a mark for the target. Rows of
// one unit share a scale that begins at 0.
func (r benchReport) svg() []byte {
	rows := 3
	for _, p := range r.Parts {
		rows += len(p.Rows) + 2
	}
	var b bytes.Buffer
	height := plotMargin*2 + plotLine*float64(rows)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="13">`+"\n", plotWidth, height)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#fff"/>`+"\n", plotWidth, height)
	y := plotMargin + plotLine/2
	plotText(&b, plotMargin, y, 16, "#111", "start", r.Name)
	plotText(&b, plotMargin, y+plotLine, 12, "#555", "start", r.Machine.String())
	y += 2 * plotLine
	for _, p := range r.Parts {
		y += plotLine
		plotText(&b, plotMargin, y, 14, "#111", "start", p.Setting)
		scale := p.scales()
		for _, row := range p.Rows {
			y += plotLine
			row.draw(&b, y, scale[row.Unit])
		}
		y += plotLine
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// scales is the highest value of each unit.
func (p *benchPart) scales() map[string]float64 {
	high := map[string]float64{}
	for _, row := range p.Rows {
		high[row.Unit] = max(high[row.Unit], row.High, row.AtMost, row.AtLeast)
	}
	return high
}

func (r *benchRow) draw(b *bytes.Buffer, y, high float64) {
	const left, right = plotNames, plotWidth - 90
	at := func(v float64) float64 { return left + (right-left)*v/max(high, 1e-9) }
	colour := "#2b6cb0"
	if r.Met != nil && !*r.Met {
		colour = "#c53030"
	}
	plotText(b, plotNames-12, y, 13, "#111", "end", r.Name)
	plotText(b, right+12, y, 13, "#111", "start", figure(r.Median)+" "+r.Unit)
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#ddd"/>`+"\n", left, y, right, y)
	fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="3"/>`+"\n", at(r.Low), y, at(r.High), y, colour)
	for _, v := range r.Values {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.5" fill="%s" fill-opacity=".5"/>`+"\n", at(v), y, colour)
	}
	fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="5" fill="%s"/>`+"\n", at(r.Median), y, colour)
	if aim := r.AtMost + r.AtLeast; aim != 0 {
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#111" stroke-width="2"/>`+"\n", at(aim), y-8, at(aim), y+8)
	}
}

func plotText(b *bytes.Buffer, x, y, size float64, colour, anchor, text string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" font-size="%.0f" fill="%s" text-anchor="%s" dominant-baseline="middle">%s</text>`+"\n",
		x, y, size, colour, anchor, html.EscapeString(text))
}
