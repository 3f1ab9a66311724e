package duty

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Drill asks the people on duty whether they would answer. It is no case: nothing
// of it is in any figure of cases, and every text of it says what it is.
type Drill struct {
	ID     string          `json:"id"`
	By     flows.MemberID  `json:"by,omitempty"`     // empty: the calendar
	Places []flows.PlaceID `json:"places,omitempty"` // empty: all with people of their own
	At     time.Time       `json:"at"`
	Until  time.Time       `json:"until"`
	Begun  bool            `json:"begun"`
	Calls  []Call          `json:"calls"`
}

// Call is one member of a drill.
type Call struct {
	Member   flows.MemberID `json:"member"`
	Place    flows.PlaceID  `json:"place"`
	Level    flows.Level    `json:"level"`
	Code     flows.Ref      `json:"code"`
	Sent     time.Time      `json:"sent,omitzero"`
	Answered time.Time      `json:"answered,omitzero"`
	Failed   string         `json:"failed,omitempty"` // why the text did not leave
}

// Took is how long the answer took; 0 without one.
func (c Call) Took() time.Duration {
	if c.Answered.IsZero() {
		return 0
	}
	return c.Answered.Sub(c.Sent)
}

// drills begins what the calendar or a person wants.
func (w *work) drills() {
	w.scheduled()
	for i := range w.book.Drills {
		if d := &w.book.Drills[i]; !d.Begun && !d.At.After(w.now) {
			w.begin(d)
		}
	}
}

// scheduled adds the drill of the month when its hour has come. One that was
// missed by hours is left out: a drill in the night helps nobody.
func (w *work) scheduled() {
	rule := w.scene.Rules.Drill
	local := w.now.In(w.scene.Roster.Zone())
	if rule.Day == 0 || local.Day() != rule.Day {
		return
	}
	at := time.Date(local.Year(), local.Month(), local.Day(), 0, rule.At, 0, 0, local.Location())
	if w.now.Before(at) || w.now.Sub(at) > 2*time.Hour || !w.book.once(w.now, "drill|"+at.Format(time.DateOnly)) {
		return
	}
	w.book.Drills = append(w.book.Drills, Drill{ID: at.Format("2006-01-02-1504"), At: w.now, Until: w.now.Add(rule.Wait)})
}

func (w *work) begin(d *Drill) {
	d.Begun = true
	r := w.scene.Roster
	for _, p := range r.Posts() {
		if p.Level != flows.LevelDuty || len(d.Places) > 0 && !slices.Contains(d.Places, p.Place) {
			continue
		}
		on := r.OnDuty(p.Place, p.Level, w.now)
		if len(on) == 0 {
			d.Calls = append(d.Calls, Call{Place: p.Place, Level: p.Level, Failed: string(escalation.ReasonNobody)})
		}
		for _, m := range on {
			c := Call{Member: m.ID, Place: p.Place, Level: p.Level, Code: w.code()}
			d.Calls = append(d.Calls, c)
			w.post(Notice{To: m.ID, Channel: flows.SMS, Language: language(m), Code: c.Code, Text: w.scene.text(m, "duty.drill", "code", string(c.Code))})
		}
	}
}

// Ended are the drills whose time is over.
func (b *Book) Ended(now time.Time) []Drill {
	var ended []Drill
	for _, d := range b.Drills {
		if d.Begun && !d.Until.After(now) {
			ended = append(ended, d)
		}
	}
	return ended
}

// StartDrill asks for a drill now. Two at once would make one reply mean two
// things, so it refuses while one is under way.
func StartDrill(now time.Time, b Book, by flows.MemberID, places []flows.PlaceID, wait time.Duration) (Book, Drill, error) {
	for _, d := range b.Drills {
		if d.Until.After(now) {
			return b, Drill{}, fmt.Errorf("drill %s is under way until %s", d.ID, d.Until.UTC().Format("15:04 MST"))
		}
	}
	b = b.clone()
	d := Drill{ID: now.UTC().Format("2006-01-02-150405"), By: by, Places: places, At: now, Until: now.Add(wait)}
	b.Drills = append(b.Drills, d)
	return b, d, nil
}

// Readiness is how the people of a commune answered drills.
type Readiness struct {
	Place      flows.PlaceID `json:"place"`
	Drills     int           `json:"drills"`
	Asked      int           `json:"asked"`
	Answered   int           `json:"answered"`
	Nobody     int           `json:"nobody_on_duty"` // drills that found nobody on duty
	Unanswered float64       `json:"unanswered_share"`
	Median     time.Duration `json:"-"`
	Worst      time.Duration `json:"-"`
	MedianSecs int           `json:"median_seconds"`
	WorstSecs  int           `json:"worst_seconds"`
}

// Ready sums drills up by commune, the least ready first. Nobody on duty counts
// as no answer.
func Ready(drills []Drill) []Readiness {
	of := map[flows.PlaceID]*Readiness{}
	took := map[flows.PlaceID][]time.Duration{}
	for _, d := range drills {
		seen := map[flows.PlaceID]bool{}
		for _, c := range d.Calls {
			r := of[c.Place]
			if r == nil {
				r = &Readiness{Place: c.Place}
				of[c.Place] = r
			}
			if !seen[c.Place] {
				seen[c.Place] = true
				r.Drills++
			}
			r.Asked++
			switch {
			case c.Member == "":
				r.Nobody++
			case !c.Answered.IsZero():
				r.Answered++
				took[c.Place] = append(took[c.Place], c.Took())
			}
		}
	}
	list := make([]Readiness, 0, len(of))
	for place, r := range of {
		r.sum(took[place])
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b Readiness) int {
		return cmp.Or(cmp.Compare(b.Unanswered, a.Unanswered), cmp.Compare(b.Median, a.Median), cmp.Compare(a.Place, b.Place))
	})
	return list
}

func (r *Readiness) sum(took []time.Duration) {
	r.Unanswered = float64(r.Asked-r.Answered) / float64(r.Asked)
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	r.Worst = took[len(took)-1]
	r.Median = (took[(len(took)-1)/2] + took[len(took)/2]) / 2
	r.MedianSecs, r.WorstSecs = int(r.Median.Seconds()), int(r.Worst.Seconds())
}
