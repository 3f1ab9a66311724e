package engine

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

const svgStyle = `<style>
text{font:12px system-ui,sans-serif;fill:#1c2733}
.name{font-weight:600}.key{font-size:11px;fill:#33475b;paint-order:stroke;stroke:#fff;stroke-width:4px}
.box{fill:#fff;stroke:#5b7083;stroke-width:1.2}.end{fill:#e8f3ec;stroke:#3f8f63}.pass{fill:#f2f4f7;stroke-dasharray:4 3}
.other{fill:#fdf3e1;stroke:#c98a1b}
.go{fill:none;stroke:#5b7083;stroke-width:1.3}.wrong{stroke:#b9c3cd;stroke-dasharray:2 4}.up{stroke:#8a6fb0}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5b7083"/></marker></defs>
`

// SVG draws a flow with the words of a language, and with no words of its own.
func (set *Set) SVG(w io.Writer, flow, language string) error {
	d, err := set.drawing(flow, language)
	if err != nil {
		return err
	}
	l := d.arrange(d.byPath[set.byName[flow].start.state.path])
	b := bufio.NewWriter(w)
	width, height := l.size()
	_, _ = fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img"><title>%s</title>`+"\n",
		width, height, width, height, html.EscapeString(flow))
	_, _ = io.WriteString(b, svgStyle)
	for i, a := range d.arrows {
		l.drawArrow(b, a, i)
	}
	for _, n := range d.nodes {
		drawNode(b, l.spots[n])
	}
	for _, a := range d.arrows {
		l.drawLabels(b, d, a)
	}
	_, _ = io.WriteString(b, "</svg>\n")
	return b.Flush()
}

// lane is the room to the right of the boxes in which arrows lead back up.
const lane = 150.0

func (l *layout) size() (width, height float64) {
	for _, row := range l.rows {
		for _, s := range row {
			width = max(width, s.x+s.width()/2)
			height = max(height, s.y+boxHeight/2)
		}
	}
	return width + margin + lane, height + margin
}

// drawArrow draws a smooth line through the spots of an arrow. Arrows that lead
// up bow out to the right.
func (l *layout) drawArrow(w io.Writer, a *arrow, i int) {
	class := "go"
	if a.giveup {
		class += " wrong"
	}
	path := l.paths[a]
	from, to := path[0], path[len(path)-1]
	var d strings.Builder
	switch {
	case from == to:
		x, y := from.x+boxWidth/2, from.y
		_, _ = fmt.Fprintf(&d, "M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f", x, y-12, x+44, y-26, x+44, y+26, x, y+12)
		class += " up"
	case l.back[a] && from.row == to.row+1:
		x, y, top := from.x+boxWidth/4, from.y-boxHeight/2, to.y+boxHeight/2
		_, _ = fmt.Fprintf(&d, "M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f", x, y, x, y-50, to.x+boxWidth/3, top+50, to.x+boxWidth/3, top)
		class += " up"
	case l.back[a]:
		x := max(from.x, to.x) + boxWidth/2 + 40 + float64(i%5)*16
		_, _ = fmt.Fprintf(&d, "M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f", from.x+boxWidth/2, from.y, x, from.y, x, to.y, to.x+boxWidth/2, to.y)
		class += " up"
	default:
		_, _ = fmt.Fprintf(&d, "M%.0f %.0f", from.x, from.y+boxHeight/2)
		for k := 1; k < len(path); k++ {
			p, q := path[k-1], path[k]
			py, qy := p.y+boxHeight/2, q.y-boxHeight/2
			if p.node == nil {
				py = p.y
			}
			if q.node == nil {
				qy = q.y
			}
			_, _ = fmt.Fprintf(&d, "C%.0f %.0f %.0f %.0f %.0f %.0f", p.x, (py+qy)/2, q.x, (py+qy)/2, q.x, qy)
		}
	}
	_, _ = fmt.Fprintf(w, `<path class="%s" d="%s" marker-end="url(#tip)"/>`+"\n", class, d.String())
}

func drawNode(w io.Writer, s *spot) {
	class, radius := "box", 6.0
	switch {
	case s.node.foreign:
		class += " other"
	case s.node.state.ends():
		class, radius = "box end", boxHeight/2
	case s.node.state.passes():
		class += " pass"
	}
	_, _ = fmt.Fprintf(w, `<g><title>%s</title><rect class="%s" x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="%.0f"/>`,
		html.EscapeString(s.node.text), class, s.x-boxWidth/2, s.y-boxHeight/2, boxWidth, boxHeight, radius)
	width := 30
	if s.node.state.ends() {
		width = 28
	}
	lines := wrap(s.node.text, width, 2)
	y := s.y - float64(len(lines))*7.5
	svgText(w, "name", s.x, y+4, s.node.name)
	for i, line := range lines {
		svgText(w, "", s.x, y+4+float64(i+1)*15, line)
	}
	_, _ = io.WriteString(w, "</g>\n")
}

func svgText(w io.Writer, class string, x, y float64, text string) {
	_, _ = fmt.Fprintf(w, `<text class="%s" x="%.0f" y="%.0f" text-anchor="middle">%s</text>`, class, x, y, html.EscapeString(text))
}

// drawLabels writes the keys of an arrow near the box that it comes to: there
// they are farthest apart.
func (l *layout) drawLabels(w io.Writer, d *drawing, a *arrow) {
	if a.giveup || len(a.labels) == 0 {
		return
	}
	path := l.paths[a]
	from, to := path[0], path[len(path)-1]
	lines := a.labels
	if len(lines) > 3 {
		lines = append(append([]string{}, lines[:2]...), fmt.Sprintf("… +%d", len(lines)-2))
	}
	x, y := to.x, to.y-boxHeight/2-12-float64(len(lines)-1)*12
	if d.arrivals(a.to) > 1 {
		next := path[1]
		x, y = from.x+(next.x-from.x)*0.35, from.y+boxHeight/2+20
	}
	if l.back[a] {
		x, y = from.x+boxWidth/4, from.y-boxHeight/2-36
	}
	for i, line := range lines {
		svgText(w, "key", x, y+float64(i)*12, clipLabel(line))
	}
	_, _ = io.WriteString(w, "\n")
}

// arrivals counts the arrows with words that lead to a node.
func (d *drawing) arrivals(n *node) int {
	count := 0
	for _, a := range d.arrows {
		if a.to == n && !a.giveup {
			count++
		}
	}
	return count
}

func clipLabel(s string) string {
	if utf8.RuneCountInString(s) > 30 {
		return clip(s, 29) + "…"
	}
	return s
}

// wrap breaks a text into at most n lines of about the given width.
func wrap(text string, width, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) > n {
		lines = lines[:n]
		lines[n-1] = clip(lines[n-1], width-1) + "…"
	}
	return lines
}
