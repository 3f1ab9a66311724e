package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"hotline/flows"
)

// By is what response times are compared by.
type By string

// The groupings.
const (
	ByPlace    By = "place"
	ByLevel    By = "level" // of who answered
	BySeverity By = "severity"
	ByKind     By = "kind"
	ByHour     By = "hour"    // of the day at which the report came, three together
	ByWeekday  By = "weekday" // 1 Monday to 7 Sunday
	ByMonth    By = "month"
)

// Groupings lists them.
func Groupings() []By { return []By{ByPlace, ByLevel, BySeverity, ByKind, ByHour, ByWeekday, ByMonth} }

// Query chooses what a report of response times is about.
type Query struct {
	From, To time.Time // cases opened from, included, to, not
	By       By
	Zone     *time.Location // of hours and months
}

// Times is a report of response times.
type Times struct {
	Total  Row
	Rows   []Row
	Misses []Missed // the newest first
}

// Missed is a clock that ran out, with its case.
type Missed struct {
	Miss
	Ref flows.Ref
}

// Row is one group of a report.
type Row struct {
	Key   string // a place id, a level, an hour …; of the total: empty
	Cases int
	// Left is how many cases were with the place and went elsewhere unanswered.
	Left     int
	Measures map[Step]Measure
	Misses   map[string]int // clock → how often it ran out
}

// Measure is how long one step took.
type Measure struct {
	Count   int // cases in which it was taken
	Waiting int // open cases in which it was not
	Median  time.Duration
	Ninety  time.Duration // nine in ten took no longer
	Kept    int           // took no longer than [Target], where the step has one
	Spread  []int         // how many fell up to each of the [Edges]
}

// Target is how long a step may take: for an answer the wait after which the next
// level is asked, for forms the time of Decree 56/2017 and procedure 2.001947. 0:
// it has none, or one of working days, which the clocks of the case keep.
func Target(s Step, severity flows.Severity) time.Duration {
	urgent := severity == flows.Urgent
	switch {
	case s == StepAnswer && urgent:
		return 15 * time.Minute
	case s == StepAnswer:
		return 2 * time.Hour
	case s == Step(flows.StageAssessed) && urgent:
		return 4 * time.Hour
	case s == Step(flows.StageAssessed):
		return 24 * time.Hour
	case s == Step(flows.StageDecided) && urgent:
		return 12 * time.Hour
	}
	return 0
}

// Edges are the ends of the parts into which waits fall; 0: all that is longer.
func Edges() []time.Duration {
	return []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 8 * time.Hour, 0}
}

func spread(sorted []time.Duration) []int {
	parts, from := make([]int, len(Edges())), 0
	for i, up := range Edges() {
		to := len(sorted)
		if up > 0 {
			to, _ = slices.BinarySearch(sorted, up+1)
		}
		parts[i], from = to-from, to
	}
	return parts
}

// Percent is the share that was in time, of all in which the step is due.
func (m Measure) Percent() int {
	if m.Count+m.Waiting == 0 {
		return 0
	}
	return int(math.Round(100 * float64(m.Kept) / float64(m.Count+m.Waiting)))
}

// Rank is the shortest time that a part of a sorted list keeps within.
func Rank(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(part*float64(len(sorted))))-1)]
}

// Compute makes a report. Facts of cases opened at other times are passed over.
func Compute(facts []*Fact, q Query) Times {
	total, groups := newGroup(""), map[string]*group{}
	var out Times
	for _, f := range facts {
		if f.Case.Opened.Before(q.From) || !f.Case.Opened.Before(q.To) {
			continue
		}
		total.whole(f)
		for _, m := range f.Missed {
			out.Misses = append(out.Misses, Missed{m, f.Case.Ref})
		}
		each(f, q, func(key string) *group {
			if groups[key] == nil {
				groups[key] = newGroup(key)
			}
			return groups[key]
		})
	}
	slices.SortFunc(out.Misses, func(a, b Missed) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Ref, b.Ref), cmp.Compare(a.Clock, b.Clock))
	})
	out.Total = total.row()
	for _, g := range groups {
		out.Rows = append(out.Rows, g.row())
	}
	slices.SortFunc(out.Rows, func(a, b Row) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// each puts a fact into its groups: one, or of places each where the case was.
func each(f *Fact, q Query, of func(string) *group) {
	if q.By != ByPlace {
		of(f.key(q)).whole(f)
		return
	}
	for i, s := range f.Stays {
		of(string(s.Place)).stay(f, i)
	}
}

// key is the group of a case for any grouping but by place.
func (f *Fact) key(q Query) string {
	opened := f.Case.Opened.In(q.Zone)
	switch q.By {
	case ByLevel:
		if m, ok := f.First(StepAnswer); ok {
			return fmt.Sprint(int(m.Level))
		}
		return ""
	case BySeverity:
		return string(f.Case.Severity)
	case ByKind:
		return f.Case.Kind
	case ByHour:
		return fmt.Sprintf("%02d", opened.Hour()/3*3)
	case ByWeekday:
		return fmt.Sprint((int(opened.Weekday())+6)%7 + 1)
	case ByMonth:
		return opened.Format("2006-01")
	}
	return ""
}

// group is a row in the making.
type group struct {
	key         string
	cases, left int
	waits       map[Step][]time.Duration
	waiting     map[Step]int
	kept        map[Step]int
	misses      map[string]int
}

func newGroup(key string) *group {
	return &group{key: key, waits: map[Step][]time.Duration{}, waiting: map[Step]int{}, kept: map[Step]int{}, misses: map[string]int{}}
}

// whole counts a case from its first word, wherever it was.
func (g *group) whole(f *Fact) {
	g.cases++
	for _, s := range Steps() {
		m, ok := f.First(s)
		switch {
		case ok:
			g.took(f, s, m.At.Sub(f.Case.Opened))
		case f.Case.IsOpen():
			g.waiting[s]++
		}
	}
	for _, m := range f.Missed {
		g.misses[m.Clock]++
	}
}

// stay counts what one commune did with a case, from its arrival.
func (g *group) stay(f *Fact, i int) {
	s, left := f.Stays[i], f.left(i)
	g.cases++
	answered := false
	for _, step := range Steps() {
		m, ok := f.within(step, s.From, left)
		switch {
		case ok:
			answered = answered || step == StepAnswer
			g.took(f, step, m.At.Sub(s.From))
		case left.IsZero() && (asking(step) || !f.has(step)):
			g.waiting[step]++
		}
	}
	if i+1 < len(f.Stays) && !answered {
		g.left++
	}
	for _, m := range f.Missed {
		if f.stayed(m.At) == i {
			g.misses[m.Clock]++
		}
	}
}

func (g *group) took(f *Fact, s Step, d time.Duration) {
	g.waits[s] = append(g.waits[s], max(0, d))
	if d <= Target(s, f.Case.Severity) {
		g.kept[s]++
	}
}

func (g *group) row() Row {
	r := Row{Key: g.key, Cases: g.cases, Left: g.left, Measures: map[Step]Measure{}, Misses: g.misses}
	for _, s := range Steps() {
		list := g.waits[s]
		slices.Sort(list)
		r.Measures[s] = Measure{len(list), g.waiting[s], Rank(list, 0.5), Rank(list, 0.9), g.kept[s], spread(list)}
	}
	return r
}
