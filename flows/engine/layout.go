package engine

import (
	"cmp"
	"slices"
)

// What the drawing measures, in pixels.
const (
	boxWidth   = 210.0
	boxHeight  = 62.0
	gapAcross  = 34.0
	gapDown    = 104.0
	bendWidth  = 16.0 // room that a passing arrow takes in a row
	margin     = 24.0
	sweeps     = 12
	straighten = 24
)

// spot is a place in the drawing: a node, or the bend of an arrow that passes by
// a row.
type spot struct {
	node     *node // nil: a bend
	row      int
	x, y     float64
	up, down []*spot
}

func (s *spot) width() float64 {
	if s.node == nil {
		return bendWidth
	}
	return boxWidth
}

// layout is the drawing with places: rows of spots, and the spots that each
// arrow runs through.
type layout struct {
	rows  [][]*spot
	spots map[*node]*spot
	paths map[*arrow][]*spot
	back  map[*arrow]bool // arrows that lead up
}

// arrange puts a drawing on paper: rows by distance from the start, then the
// order within each row that crosses fewest arrows, then places that keep arrows
// straight (after Sugiyama, Tagawa and Toda, 1981).
func (d *drawing) arrange(start *node) *layout {
	l := &layout{spots: map[*node]*spot{}, paths: map[*arrow][]*spot{}, back: map[*arrow]bool{}}
	l.findBack(d, start)
	l.rank(d)
	l.bend(d)
	for i := range sweeps {
		l.sweep(i%2 == 0)
	}
	l.place()
	return l
}

// findBack marks the arrows that close a ring: without them there is a top and a
// bottom.
func (l *layout) findBack(d *drawing, start *node) {
	const open, closed = 1, 2
	mark := map[*node]int{}
	var visit func(*node)
	visit = func(n *node) {
		mark[n] = open
		for _, a := range d.arrows {
			if a.from != n {
				continue
			}
			switch mark[a.to] {
			case open:
				l.back[a] = true
			case closed:
			default:
				visit(a.to)
			}
		}
		mark[n] = closed
	}
	visit(start)
	for _, n := range d.nodes {
		if mark[n] == 0 {
			visit(n)
		}
	}
}

// rank puts every node below all that lead to it.
func (l *layout) rank(d *drawing) {
	for _, n := range d.nodes {
		l.spots[n] = &spot{node: n}
	}
	for range d.nodes {
		for _, a := range d.arrows {
			if !l.back[a] {
				l.spots[a.to].row = max(l.spots[a.to].row, l.spots[a.from].row+1)
			}
		}
	}
	for _, n := range d.nodes {
		l.add(l.spots[n])
	}
}

func (l *layout) add(s *spot) {
	for len(l.rows) <= s.row {
		l.rows = append(l.rows, nil)
	}
	l.rows[s.row] = append(l.rows[s.row], s)
}

// bend gives arrows that pass rows a spot in each of them.
func (l *layout) bend(d *drawing) {
	for _, a := range d.arrows {
		from, to := l.spots[a.from], l.spots[a.to]
		if l.back[a] {
			l.paths[a] = []*spot{from, to}
			continue
		}
		path := []*spot{from}
		for row := from.row + 1; row < to.row; row++ {
			s := &spot{row: row}
			l.add(s)
			path = append(path, s)
		}
		path = append(path, to)
		for i := 1; i < len(path); i++ {
			path[i-1].down = append(path[i-1].down, path[i])
			path[i].up = append(path[i].up, path[i-1])
		}
		l.paths[a] = path
	}
}

// sweep orders each row by the middle of its neighbours in the row before.
func (l *layout) sweep(down bool) {
	for i := range l.rows {
		row := l.rows[i]
		if !down {
			row = l.rows[len(l.rows)-1-i]
		}
		at := map[*spot]float64{}
		for k, s := range row {
			at[s] = middle(s, down, float64(k), l.index)
		}
		slices.SortStableFunc(row, func(a, b *spot) int { return cmp.Compare(at[a], at[b]) })
	}
}

func (l *layout) index(s *spot) float64 { return float64(slices.Index(l.rows[s.row], s)) }

// middle is the mean of a value over the neighbours on one side.
func middle(s *spot, up bool, without float64, value func(*spot) float64) float64 {
	near := s.down
	if up {
		near = s.up
	}
	if len(near) == 0 {
		return without
	}
	sum := 0.0
	for _, n := range near {
		sum += value(n)
	}
	return sum / float64(len(near))
}

// place gives every spot its x and y, then pulls it towards its neighbours as far
// as the row allows.
func (l *layout) place() {
	for r, row := range l.rows {
		x := 0.0
		for _, s := range row {
			s.x, s.y = x+s.width()/2, float64(r)*(boxHeight+gapDown)+boxHeight/2
			x += s.width() + gapAcross
		}
	}
	for i := range straighten {
		for _, row := range l.rows {
			for _, s := range row {
				s.x = middle(s, i%2 == 0, s.x, func(n *spot) float64 { return n.x })
			}
			separate(row)
		}
	}
	least := 0.0
	for _, row := range l.rows {
		for _, s := range row {
			least = min(least, s.x-s.width()/2)
		}
	}
	for _, row := range l.rows {
		for _, s := range row {
			s.x += margin - least
			s.y += margin
		}
	}
}

// separate pushes apart what overlaps in a row, half to each side.
func separate(row []*spot) {
	if len(row) == 0 {
		return
	}
	mean := func() float64 {
		sum := 0.0
		for _, s := range row {
			sum += s.x
		}
		return sum / float64(len(row))
	}
	before := mean()
	for i := 1; i < len(row); i++ {
		least := row[i-1].x + row[i-1].width()/2 + gapAcross + row[i].width()/2
		row[i].x = max(row[i].x, least)
	}
	shift := before - mean()
	for _, s := range row {
		s.x += shift
	}
}
