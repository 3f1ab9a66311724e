package console

import (
	"math"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/figures"
)

// The charts are drawn here as numbers and put into SVG by the template; beside
// each stands a table that says the same in words.

// column is one bar of the spread, in the units of its drawing.
type column struct {
	Up         time.Duration // 0: everything beyond the last
	Cases      int
	X, Y, W, H float64
	Late       bool // beyond the time of an urgent case
}

// Columns are the bars of the spread, in a drawing 100 wide and 40 high.
func (p timesPage) Columns() []column {
	target := figures.Target(p.Step, flows.Urgent)
	list := bars(p.Total().Spread, 40)
	for i, up := range figures.Edges() {
		list[i].Up, list[i].Late = up, target > 0 && (up == 0 || up > target)
	}
	return list
}

// bars stand side by side in a drawing 100 wide; the longest is as high as it.
func bars(counts []int, height float64) []column {
	top := slices.Max(append([]int{1}, counts...))
	list, step := make([]column, len(counts)), 100/float64(len(counts))
	for i, n := range counts {
		h := height * float64(n) / float64(top)
		list[i] = column{Cases: n, X: round(float64(i)*step + step*.12), Y: round(height - h), W: round(step * .76), H: round(h)}
	}
	return list
}

// Middle is where the label of a column stands.
func (c column) Middle() float64 { return round(c.X + c.W/2) }

// span is a group drawn as a line from the median to nine in ten.
type span struct {
	figures.Row
	figures.Measure
	From, To float64 // from 0 to 100
}

// Spans are the groups on one scale. The scale is a root, so that minutes can be
// told apart beside days.
func (p timesPage) Spans() []span {
	top := time.Minute
	for _, r := range p.Now.Rows {
		top = max(top, p.Measure(r).Ninety)
	}
	at := func(d time.Duration) float64 { return round(2 + 96*math.Sqrt(float64(d)/float64(top))) }
	list := make([]span, len(p.Now.Rows))
	for i, r := range p.Now.Rows {
		m := p.Measure(r)
		list[i] = span{r, m, at(m.Median), at(m.Ninety)}
	}
	return list
}

// Length is how far a span reaches.
func (s span) Length() float64 { return round(max(.8, s.To-s.From)) }

func round(f float64) float64 { return math.Round(f*100) / 100 }
