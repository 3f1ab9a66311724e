package console

import (
	"math"
	"time"
)

// The charts are drawn here as numbers and put into SVG by the template; beside
// each stands a table that says the same in words.

// column is one bar of the spread, in the units of its drawing.
type column struct {
	bucket
	X, Y, W, H float64
	Late       bool // beyond the wait of an urgent case
}

// Columns are the bars of the spread, in a drawing 100 wide and 40 high.
func (p timesPage) Columns() []column {
	top := 1
	for _, b := range p.Spread {
		top = max(top, b.Cases)
	}
	list := make([]column, len(p.Spread))
	step := 100 / float64(len(p.Spread))
	for i, b := range p.Spread {
		h := 40 * float64(b.Cases) / float64(top)
		list[i] = column{b, round(float64(i)*step + step*.12), round(40 - h), round(step * .76), round(h), b.Up == 0 || b.Up > target("urgent")}
	}
	return list
}

// Middle is where the label of a column stands.
func (c column) Middle() float64 { return round(c.X + c.W/2) }

// span is a group drawn as a line from the median to nine in ten.
type span struct {
	group
	From, To float64 // from 0 to 100
}

// Spans are the groups on one scale. The scale is a root, so that minutes can be
// told apart beside days.
func (p timesPage) Spans() []span {
	top := time.Minute
	for _, g := range p.Groups {
		top = max(top, g.Ninety)
	}
	at := func(d time.Duration) float64 { return round(2 + 96*math.Sqrt(float64(d)/float64(top))) }
	list := make([]span, len(p.Groups))
	for i, g := range p.Groups {
		list[i] = span{g, at(g.Median), at(g.Ninety)}
	}
	return list
}

// Length is how far a span reaches.
func (s span) Length() float64 { return round(max(.8, s.To-s.From)) }

func round(f float64) float64 { return math.Round(f*100) / 100 }
