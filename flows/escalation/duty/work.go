package duty

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/sms"
)

// Scene is what a step of the book may look at.
type Scene struct {
	Roster *escalation.Roster
	Rules  escalation.DutyRules
	Texts  flows.Texts
	Open   []flows.Case // cases that still need somebody
	Random io.Reader    // for codes
}

// Work decides what is to be told and changed now, and returns the book as it is
// then. It changes nothing else.
func Work(now time.Time, b Book, s Scene) (Book, error) {
	b = b.clone()
	w := &work{now: now, book: &b, scene: s}
	w.duties = dutiesAround(s.Roster, now, now.Add(s.Rules.Ask))
	w.codes()
	w.confirm()
	w.swaps()
	w.handOver()
	w.gaps()
	w.drills()
	for key, at := range b.Told {
		if now.Sub(at) > 40*24*time.Hour {
			delete(b.Told, key)
		}
	}
	return b, w.err
}

type work struct {
	now   time.Time
	book  *Book
	scene Scene
	err   error
	// duties are those of everybody, some days before and after.
	duties map[flows.MemberID][]escalation.Slot
}

// tell queues a text to a member.
func (w *work) tell(m flows.Member, key string, pairs ...string) {
	w.post(Notice{To: m.ID, Channel: flows.SMS, Language: language(m), Text: w.scene.text(m, key, pairs...)})
}

func (w *work) post(n Notice) {
	w.book.Last++
	n.ID = w.book.Last
	if n.Due.IsZero() {
		n.Due = w.now
	}
	w.book.Post = append(w.book.Post, n)
}

func (s Scene) text(m flows.Member, key string, pairs ...string) string {
	// Names are written with accents; a text with accents holds only 70 letters.
	if strings.HasPrefix(key, "duty.") {
		for i := range pairs {
			pairs[i] = sms.Unaccent(pairs[i])
		}
	}
	return s.Texts.Text(language(m), key, pairs...)
}

func language(m flows.Member) string { return cmp.Or(m.Language, "vi") }

// span is a turn as people read it: 24/11 18:00-06:00.
func (s Scene) span(t escalation.Slot) string {
	from, to := t.Start.In(s.Roster.Zone()), t.End.In(s.Roster.Zone())
	if to.Sub(from) > 24*time.Hour {
		return from.Format("02/01 15:04") + " - " + to.Format("02/01 15:04")
	}
	return from.Format("02/01 15:04") + "-" + to.Format("15:04")
}

// awake reports whether it is a time of the day to text about what can wait.
func (w *work) awake() bool {
	hour := w.now.In(w.scene.Roster.Zone()).Hour()
	return hour >= 7 && hour < 20
}

// supervisors are the department's people on duty, else the desk.
func (w *work) supervisors() []flows.Member {
	r := w.scene.Roster
	for _, l := range []flows.Level{flows.LevelDepartment, flows.LevelDesk} {
		if on := r.OnDuty(r.Province(), l, w.now); len(on) > 0 {
			return on
		}
	}
	return nil
}

// confirm asks who takes the next turns, and finds somebody else for those that
// nobody confirms. One turn is given away in a step: the next must be decided on
// the rota as it then is.
func (w *work) confirm() {
	rule := Rule{Ask: w.scene.Rules.Ask, Remind: w.scene.Rules.Remind, Replace: w.scene.Rules.Replace}
	if rule.Ask == 0 {
		return
	}
	turns := begin(w.duties, w.now, w.now.Add(rule.Ask+time.Minute))
	w.book.Turns = slices.DeleteFunc(w.book.Turns, func(c Confirmation) bool {
		// What was given away still gets an answer, and the rota may lag behind.
		settled := !c.Replaced.IsZero() || !c.Confirmed.IsZero()
		return !(settled && c.Turn.Start.After(w.now)) && !slices.ContainsFunc(turns, c.same)
	})
	for _, t := range turns {
		if !slices.ContainsFunc(w.book.Turns, t.same) {
			t.Code = w.code()
			w.book.Turns = append(w.book.Turns, t)
		}
	}
	for i := range w.book.Turns {
		c := &w.book.Turns[i]
		step := Confirm(w.scene.Roster, w.now, rule, *c)
		m, _ := w.scene.Roster.Member(c.Member)
		switch step.Act {
		case ActAsk, ActRemind:
			if c.Asked.IsZero() {
				c.Asked = w.now
			} else {
				c.Reminded = w.now
			}
			w.tell(m, "duty.confirm", "code", string(c.Code), "turn", w.scene.span(c.Turn))
		case ActReplace:
			if len(w.book.Overrides) > 0 {
				return
			}
			w.replace(c, m, step)
			return
		case ActWarn:
			if w.book.once(w.now, "nobody|"+string(c.Code)) {
				for _, s := range w.supervisors() {
					w.tell(s, "duty.nobody", "who", string(c.Member), "turn", w.scene.span(c.Turn))
				}
			}
		}
	}
}

func (w *work) replace(c *Confirmation, m flows.Member, step Step) {
	c.Replaced = w.now
	w.book.Overrides = append(w.book.Overrides, step.Overrides...)
	turn := c.Turn
	w.taken(turn, step.Member) // c is not to be used any more
	in, _ := w.scene.Roster.Member(step.Member)
	w.tell(in, "duty.takes_over", "turn", w.scene.span(turn))
	w.tell(m, "duty.replaced", "turn", w.scene.span(turn))
}

// taken notes that a member knows of a turn that was a colleague's: they are not
// asked whether they take it.
func (w *work) taken(t escalation.Slot, id flows.MemberID) {
	w.book.Turns = append(w.book.Turns, Confirmation{Turn: t, Member: id, Asked: w.now, Confirmed: w.now, Code: w.code()})
}

// same reports whether both are about one member's turn.
func (c Confirmation) same(o Confirmation) bool {
	return c.Member == o.Member && c.Turn.Place == o.Turn.Place && c.Turn.Level == o.Turn.Level && c.Turn.Start.Equal(o.Turn.Start)
}

// swaps ends requests whose turn has come.
func (w *work) swaps() {
	w.book.Swaps = slices.DeleteFunc(w.book.Swaps, func(s Swapping) bool {
		if s.Turn.Start.After(w.now) && len(s.Asked) > 0 {
			return false
		}
		if m, ok := w.scene.Roster.Member(s.From); ok {
			w.tell(m, "duty.swap_nobody", "turn", w.scene.span(s.Turn))
		}
		return true
	})
}

// handOver tells who comes on duty what is open, and who goes what they hold.
func (w *work) handOver() {
	if !w.scene.Rules.HandOver {
		return
	}
	const window = 15 * time.Minute
	for _, c := range begin(w.duties, w.now.Add(-window), w.now.Add(time.Millisecond)) {
		m, _ := w.scene.Roster.Member(c.Member)
		if w.book.once(w.now, fmt.Sprintf("on|%s|%d", c.Member, c.Turn.Start.Unix())) {
			w.tell(m, "duty.begins", "until", c.Turn.End.In(w.scene.Roster.Zone()).Format("15:04 02/01"), "refs", refs(w.scene.Open, func(x *flows.Case) bool {
				return x.Place == c.Turn.Place && escalation.Visible(m, x)
			}))
		}
	}
	for _, c := range end(w.duties, w.now.Add(-window), w.now.Add(time.Millisecond)) {
		m, _ := w.scene.Roster.Member(c.Member)
		held := refs(w.scene.Open, func(x *flows.Case) bool { return x.Status == flows.StatusTaken && x.Holder == c.Member })
		if held != none && w.book.once(w.now, fmt.Sprintf("off|%s|%d", c.Member, c.Turn.End.Unix())) {
			w.tell(m, "duty.ends", "refs", held)
		}
	}
}

// none stands for an empty list in a text.
const none = "0"

// refs lists references, as many as a text holds.
func refs(open []flows.Case, is func(*flows.Case) bool) string {
	const most = 5
	var list []string
	for i := range open {
		if is(&open[i]) {
			list = append(list, string(open[i].Ref))
		}
	}
	switch {
	case len(list) == 0:
		return none
	case len(list) > most:
		return strings.Join(list[:most], ", ") + "..."
	}
	return strings.Join(list, ", ")
}

// gaps warns of stretches in which nobody is on duty: when one comes within the
// days of the rule, and once more the day before.
func (w *work) gaps() {
	days := w.scene.Rules.Gaps
	if days == 0 || !w.awake() || w.now.Sub(w.book.Told["gaps"]) < time.Hour {
		return
	}
	w.book.Told["gaps"] = w.now
	var far, near []escalation.Slot
	for _, g := range w.scene.Roster.Gaps(w.now, days) {
		key := fmt.Sprintf("gap|%s|%d|%d", g.Place, g.Level, g.End.Unix())
		if w.book.once(w.now, key) {
			far = append(far, g)
		}
		if g.Start.Sub(w.now) < 24*time.Hour && w.book.once(w.now, "soon|"+key) {
			near = append(near, g)
		}
	}
	for _, list := range [][]escalation.Slot{near, far} {
		if len(list) > 0 {
			for _, m := range w.supervisors() {
				w.tell(m, "duty.gap", "count", fmt.Sprint(len(list)), "place", w.scene.Roster.PlaceName(list[0].Place),
					"level", fmt.Sprint(int(list[0].Level)), "turn", w.scene.span(list[0]))
			}
			return // the near ones are among the far ones when both are new
		}
	}
}

// code draws four characters that no question under way has.
func (w *work) code() flows.Ref {
	ref, err := flows.NewRef(w.scene.Random, 4, 0, 1)
	if err != nil {
		w.err = err
	}
	return ref
}
