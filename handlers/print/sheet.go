package print

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Sheet is one page to hang on a wall or to keep in a drawer: a head in colour, two
// columns of blocks, and numbers for the worst case at the foot. The type is made
// as large as the page allows.
type Sheet struct {
	Title, Under string
	Heroes       []Hero // what must be read from across the room
	Wide         []Block
	Left, Right  []Block
	Alarm        string
	Numbers      []Hero
	Foot         string
	Made         time.Time
	// From and To bound the size of the type, in points.
	From, To float64
}

// Hero is a few words that matter most, with a label over them.
type Hero struct{ Label, Text string }

// Block is a part of a column: a title, and points, a phone's screen or a picture.
type Block struct {
	Title    string
	Text     string
	Points   []string
	Numbered bool
	Screen   string // as a phone shows it
	Picture  []byte // PNG
	Caption  string
}

// The colours are those of the console.
type colour struct{ r, g, b int }

var (
	brand = colour{15, 110, 92}
	wash  = colour{231, 241, 238}
	red   = colour{179, 32, 26}
	ink   = colour{27, 36, 33}
	soft  = colour{86, 98, 93}
	white = colour{255, 255, 255}
)

// The parts of a sheet, in millimetres.
const (
	edge     = 14.0
	gutter   = 9.0
	pageWide = 210.0
	pageHigh = 297.0
	alarmAt  = 258.0
	footAt   = 286.0
)

// sheet is a sheet in the making, at one size of type.
type sheet struct {
	*fpdf.Fpdf
	size float64
	pics int
}

// PDF makes the sheet, in the largest type in which it fits on its page.
func (s Sheet) PDF() ([]byte, error) {
	for size := s.To; size >= s.From; size -= .25 {
		d, end := s.draw(size)
		limit := footAt - 3
		if len(s.Numbers) > 0 {
			limit = alarmAt - 3
		}
		if end > limit {
			continue
		}
		var b bytes.Buffer
		if err := d.Output(&b); err != nil {
			return nil, fmt.Errorf("print a sheet: %w", err)
		}
		return b.Bytes(), nil
	}
	return nil, fmt.Errorf("print %q: it does not fit on a page", s.Title)
}

func (s Sheet) draw(size float64) (*sheet, float64) {
	d := &sheet{Fpdf: blank(s.Title, s.Made, edge), size: size}
	d.SetAutoPageBreak(false, 0)
	d.AddPage()
	y := d.head(s)
	y = d.heroes(s.Heroes, y)
	for _, b := range s.Wide {
		y = d.block(b, edge, pageWide-2*edge, y)
	}
	wide := (pageWide - 2*edge - gutter) / 2
	left, right := y, y
	for _, b := range s.Left {
		left = d.block(b, edge, wide, left)
	}
	for _, b := range s.Right {
		right = d.block(b, edge+wide+gutter, wide, right)
	}
	d.alarm(s)
	d.text(soft, "", 8)
	d.SetXY(edge, footAt)
	d.MultiCell(pageWide-2*edge, 3.6, s.Foot, "", "L", false)
	return d, max(left, right)
}

func (d *sheet) text(c colour, style string, size float64) {
	d.SetTextColor(c.r, c.g, c.b)
	d.SetFont("text", style, size)
}

func (d *sheet) fill(c colour) { d.SetFillColor(c.r, c.g, c.b) }

// high is the height of a line of a size, in millimetres.
func high(size float64) float64 { return size * .3528 * 1.38 }

// head is a band of colour with the title.
func (d *sheet) head(s Sheet) float64 {
	const title = 30.0
	d.text(white, "B", title)
	size := title
	for d.GetStringWidth(s.Title) > pageWide-2*edge && size > 18 {
		size--
		d.SetFontSize(size)
	}
	d.fill(brand)
	h := 12 + high(size)
	if s.Under != "" {
		h += 6
	}
	d.Rect(0, 0, pageWide, h, "F")
	d.SetXY(edge, 5.5)
	d.CellFormat(pageWide-2*edge, high(size), s.Title, "", 2, "L", false, 0, "")
	d.text(white, "", 13)
	d.CellFormat(pageWide-2*edge, 7, s.Under, "", 2, "L", false, 0, "")
	return h + 6
}

// heroes stand beside each other, each in a box.
func (d *sheet) heroes(list []Hero, y float64) float64 {
	if len(list) == 0 {
		return y
	}
	wide := (pageWide - 2*edge - gutter*float64(len(list)-1)) / float64(len(list))
	for i, h := range list {
		x := edge + float64(i)*(wide+gutter)
		d.fill(wash)
		d.RoundedRect(x, y, wide, 30, 3, "1234", "F")
		d.SetXY(x, y+3.5)
		d.text(ink, "", 13)
		d.CellFormat(wide, 6, h.Label, "", 2, "C", false, 0, "")
		d.text(brand, "B", 40)
		d.SetX(x)
		d.CellFormat(wide, 17, h.Text, "", 2, "C", false, 0, "")
	}
	return y + 36
}

// block writes one block and returns where the next may begin.
func (d *sheet) block(b Block, x, wide, y float64) float64 {
	line := high(d.size)
	if b.Title != "" {
		d.text(brand, "B", d.size*1.2)
		d.SetXY(x, y)
		d.MultiCell(wide, high(d.size*1.2), b.Title, "", "L", false)
		y = d.GetY() + 1
	}
	if b.Text != "" {
		d.text(ink, "", d.size)
		d.SetXY(x, y)
		d.MultiCell(wide, line, b.Text, "", "L", false)
		y = d.GetY() + 1.2
	}
	for i, p := range b.Points {
		y = d.point(p, i+1, b.Numbered, x, wide, y)
	}
	if b.Screen != "" {
		y = d.screen(b.Screen, x, wide, y)
	}
	if len(b.Picture) > 0 {
		y = d.picture(b.Picture, x, wide, y)
	}
	if b.Caption != "" {
		d.text(soft, "", d.size*.82)
		d.SetXY(x, y)
		d.MultiCell(wide, high(d.size*.82), b.Caption, "", "L", false)
		y = d.GetY()
	}
	return y + line*.75
}

// point is a line of a list with its number or a dot before it.
func (d *sheet) point(text string, n int, numbered bool, x, wide, y float64) float64 {
	line := high(d.size)
	in := d.size * .55
	d.fill(brand)
	if numbered {
		r := d.size * .21
		d.Circle(x+r, y+line/2, r, "F")
		d.text(white, "B", d.size*.78)
		d.SetXY(x-.9, y)
		d.CellFormat(2*r+1.8, line, fmt.Sprint(n), "", 0, "C", false, 0, "")
	} else {
		d.Circle(x+1.4, y+line/2, .75, "F")
		in = d.size * .38
	}
	d.text(ink, "", d.size)
	d.SetXY(x+in, y)
	d.MultiCell(wide-in, line, text, "", "L", false)
	return d.GetY() + line*.16
}

// screen draws a phone with a text on it, letter for letter as a phone gets it.
func (d *sheet) screen(text string, x, wide, y float64) float64 {
	w := min(wide, 74)
	x += (wide - w) / 2
	line := high(d.size)
	d.text(ink, "", d.size)
	rows := 0
	for l := range strings.SplitSeq(text, "\n") {
		rows += max(1, len(d.SplitText(l, w-12)))
	}
	h := float64(rows)*line + 6
	d.fill(ink)
	d.RoundedRect(x, y, w, h+6, 4, "1234", "F")
	d.fill(white)
	d.RoundedRect(x+2.5, y+3, w-5, h, 1.5, "1234", "F")
	d.SetXY(x+5, y+6)
	d.MultiCell(w-10, line, text, "", "L", false)
	return y + h + 7.5
}

// picture places a PNG as wide as its column, framed by a hairline.
func (d *sheet) picture(png []byte, x, wide, y float64) float64 {
	d.pics++
	name := fmt.Sprint("picture", d.pics)
	info := d.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(png))
	if info == nil || info.Width() == 0 {
		return y
	}
	h := wide * info.Height() / info.Width()
	if most := 92.0; h > most { // a phone's page is high: narrower then
		wide, x = wide*most/h, x+(wide-wide*most/h)/2
		h = most
	}
	d.ImageOptions(name, x, y, wide, h, false, fpdf.ImageOptions{}, 0, "")
	d.SetDrawColor(200, 200, 195)
	d.Rect(x, y, wide, h, "D")
	return y + h + 1.5
}

// alarm is the red band with the numbers to call.
func (d *sheet) alarm(s Sheet) {
	if len(s.Numbers) == 0 {
		return
	}
	const h = 24.0
	d.fill(red)
	d.Rect(0, alarmAt, pageWide, h, "F")
	d.text(white, "B", 14)
	d.SetXY(edge, alarmAt+2.2)
	d.CellFormat(pageWide-2*edge, 6.5, s.Alarm, "", 2, "C", false, 0, "")
	wide := (pageWide - 2*edge) / float64(len(s.Numbers))
	for i, n := range s.Numbers {
		d.text(white, "B", 25)
		w := d.GetStringWidth(n.Text)
		d.SetFont("text", "", 13)
		l := d.GetStringWidth(n.Label)
		x := edge + float64(i)*wide + math.Max(0, (wide-w-l-2)/2)
		d.SetXY(x, alarmAt+9.8)
		d.CellFormat(l+2, 12, n.Label, "", 0, "L", false, 0, "")
		d.SetFont("text", "B", 25)
		d.CellFormat(w+2, 12, n.Text, "", 0, "L", false, 0, "")
	}
	d.text(ink, "", d.size)
}
