package console

import (
	"math"
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
	spread, target := p.Total().Spread, figures.Target(p.Step, flows.Urgent)
	top := 1
	for _, n := range spread {
		top = max(top, n)
	}
	list := make([]column, len(spread))
	step := 100 / float64(len(spread))
	for i, up := range figures.Edges() {
		h := 40 * float64(spread[i]) / float64(top)
		list[i] = column{up, spread[i], round(float64(i)*step + step*.12), round(40 - h), round(step * .76), round(h), target > 0 && (up == 0 || up > target)}
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
