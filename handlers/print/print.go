package print

import (
	"bytes"
	_ "embed" // the typeface
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Paper is one paper, in the words that stand on it.
type Paper struct {
	Nation, Motto string // the head of every official paper
	Organ         string // who makes it
	Number        string
	Title         string
	Under         string // a line under the title
	Parts         []Part
	Sign, SignAs  string // who signs, and how; empty: nobody
	Foot          string // at the foot of every page
	Page          string // the number of a page, with {n} and {of}
	Made          time.Time
}

// Part is a section of a paper: lines, a table, or both.
type Part struct {
	Title string
	Lines []Line
	Table *Table
}

// Line is a label and what stands behind it. With options it shows all of them,
// and which one was chosen.
type Line struct {
	Label   string
	Text    string
	Long    bool // the text stands below the label
	Options []Option
}

// Option is a box, ticked or not.
type Option struct {
	Label  string
	Ticked bool
}

// Table has a head and rows of as many cells. Widths are shares.
type Table struct {
	Widths []float64
	Head   []string
	Rows   [][]string
	Loud   func(row int) bool // rows in bold; nil: none
}

//go:embed be-vietnam-pro-regular.ttf
var regular []byte

//go:embed be-vietnam-pro-semibold.ttf
var semibold []byte

// The page, in millimetres, and the size of the type in points.
const (
	margin = 20
	width  = 210 - 2*margin
	bottom = 22
	size   = 10.5
	leap   = 5.4 // from line to line
)

// maxPages ends a paper that would fill a room: a form of the longest answers
// takes less than half of it.
const maxPages = 60

// press is a paper in the making.
type press struct{ *fpdf.Fpdf }

// PDF makes the paper. The same paper gives the same bytes.
func (p Paper) PDF() ([]byte, error) {
	d := press{blank(p.Title, p.Made, margin)}
	d.SetAutoPageBreak(true, bottom)
	d.AliasNbPages("{of}")
	d.SetFooterFunc(func() { d.foot(p) })
	d.AddPage()
	d.head(p)
	for _, part := range p.Parts {
		d.part(part)
		if d.PageNo() > maxPages {
			return nil, fmt.Errorf("print %q: it is longer than %d pages", p.Title, maxPages)
		}
	}
	d.sign(p)
	var b bytes.Buffer
	if err := d.Output(&b); err != nil {
		return nil, fmt.Errorf("print a paper: %w", err)
	}
	return b.Bytes(), nil
}

// blank is a document of A4 pages that is the same for the same moment.
func blank(title string, made time.Time, margin float64) *fpdf.Fpdf {
	d := fpdf.New("P", "mm", "A4", "")
	d.AddUTF8FontFromBytes("text", "", regular)
	d.AddUTF8FontFromBytes("text", "B", semibold)
	d.SetCatalogSort(true)
	d.SetCreationDate(made)
	d.SetModificationDate(made)
	d.SetTitle(title, true)
	d.SetMargins(margin, margin, margin)
	return d
}

func (d press) font(style string, size float64) { d.SetFont("text", style, size) }

// head is the head of an official paper: the body to the left, the nation to the
// right, the title below.
func (d press) head(p Paper) {
	const left = 70
	top := d.GetY()
	d.font("B", 10)
	d.MultiCell(left, 5, p.Organ, "", "C", false)
	d.font("", 9.5)
	if p.Number != "" {
		d.MultiCell(left, 5, p.Number, "", "C", false)
	}
	end := d.GetY()
	d.SetXY(margin+left, top)
	d.font("B", 10)
	d.MultiCell(width-left, 5, p.Nation, "", "C", false)
	d.SetX(margin + left)
	d.font("B", 10)
	d.MultiCell(width-left, 5, p.Motto, "", "C", false)
	middle := margin + left + (width-left)/2.0
	d.Line(middle-22, d.GetY()+.6, middle+22, d.GetY()+.6)
	d.SetXY(margin, max(end, d.GetY())+8)
	d.font("B", 14)
	d.MultiCell(0, 7, p.Title, "", "C", false)
	if p.Under != "" {
		d.font("", 9.5)
		d.MultiCell(0, 5, p.Under, "", "C", false)
	}
	d.Ln(3)
}

func (d press) foot(p Paper) {
	d.SetY(-bottom + 6)
	d.font("", 8)
	d.SetTextColor(90, 90, 90)
	d.Line(margin, d.GetY(), margin+width, d.GetY())
	d.Ln(1)
	y := d.GetY()
	d.MultiCell(width-30, 4, p.Foot, "", "L", false)
	d.SetXY(margin+width-30, y)
	d.CellFormat(30, 4, strings.Replace(p.Page, "{n}", fmt.Sprint(d.PageNo()), 1), "", 0, "R", false, 0, "")
	d.SetTextColor(0, 0, 0)
}

func (d press) part(part Part) {
	if part.Title != "" {
		d.room(3 * leap)
		d.Ln(2)
		d.font("B", 11)
		d.MultiCell(0, leap+.6, part.Title, "", "L", false)
		d.Ln(.6)
	}
	for _, l := range part.Lines {
		d.line(l)
	}
	if part.Table != nil {
		d.table(*part.Table)
	}
}

// room begins a new page where less than h is left.
func (d press) room(h float64) {
	if _, page := d.GetPageSize(); d.GetY()+h > page-bottom {
		d.AddPage()
	}
}

// line writes a label and its text. A line without a text is dotted, so that it
// can be filled in by hand.
func (d press) line(l Line) {
	d.room(leap)
	d.font("B", size)
	label := l.Label + ": "
	switch {
	case len(l.Options) > 0:
		d.Write(leap, label)
		d.options(l.Options)
	case l.Text == "":
		d.Write(leap, label)
		d.dots()
	case l.Long:
		d.MultiCell(0, leap, l.Label+":", "", "L", false)
		d.font("", size)
		d.MultiCell(0, leap, l.Text, "", "L", false)
	default:
		d.Write(leap, label)
		d.font("", size)
		d.Write(leap, l.Text)
		d.Ln(leap)
	}
	d.Ln(.8)
}

func (d press) dots() {
	from, y := d.GetX()+1, d.GetY()+leap-1.2
	d.SetDashPattern([]float64{.3, 1}, 0)
	d.Line(from, y, margin+width, y)
	d.SetDashPattern(nil, 0)
	d.Ln(leap)
}

// options draws a box for each choice: the typeface has none.
func (d press) options(options []Option) {
	const box = 3.2
	d.font("", size)
	for _, o := range options {
		if need := box + 3 + d.GetStringWidth(o.Label); d.GetX()+need > margin+width {
			d.Ln(leap)
		}
		x, y := d.GetX()+.6, d.GetY()+(leap-box)/2
		d.Rect(x, y, box, box, "D")
		if o.Ticked {
			d.SetLineWidth(.5)
			d.Line(x+.6, y+box*.55, x+box*.4, y+box-.5)
			d.Line(x+box*.4, y+box-.5, x+box-.4, y+.4)
			d.SetLineWidth(.2)
		}
		d.SetX(x + box + .8)
		style := ""
		if o.Ticked {
			style = "B"
		}
		d.font(style, size)
		d.Write(leap, o.Label+"   ")
		d.font("", size)
	}
	d.Ln(leap)
}

func (d press) table(t Table) {
	total := 0.0
	for _, w := range t.Widths {
		total += w
	}
	widths := make([]float64, len(t.Widths))
	for i, w := range t.Widths {
		widths[i] = w / total * width
	}
	d.row(widths, t.Head, true, true)
	for i, r := range t.Rows {
		d.row(widths, r, t.Loud != nil && t.Loud(i), false)
	}
	d.Ln(1)
}

// row writes the cells of one row, as high as its highest.
func (d press) row(widths []float64, cells []string, bold, shade bool) {
	style := ""
	if bold {
		style = "B"
	}
	d.font(style, 9.5)
	high := 1
	for i, c := range cells {
		high = max(high, len(d.SplitText(c, widths[i]-2)))
	}
	h := float64(high)*4.8 + 1.6
	d.room(h)
	x, y := float64(margin), d.GetY()
	d.SetFillColor(235, 235, 230)
	for i, c := range cells {
		kind := "D"
		if shade {
			kind = "FD"
		}
		d.Rect(x, y, widths[i], h, kind)
		d.SetXY(x, y+.8)
		d.MultiCell(widths[i], 4.8, c, "", "L", false)
		x += widths[i]
	}
	d.SetXY(margin, y+h)
}

// sign leaves room for a hand to sign.
func (d press) sign(p Paper) {
	if p.Sign == "" {
		return
	}
	d.room(34)
	d.Ln(6)
	d.SetX(margin + width - 75)
	d.font("B", size)
	d.CellFormat(75, leap, p.Sign, "", 2, "C", false, 0, "")
	d.font("", 9)
	d.CellFormat(75, leap, p.SignAs, "", 2, "C", false, 0, "")
}
