package figures

import (
	"slices"
	"time"

	"hotline/flows"
)

// Step is a moment in the life of a case that people wait for. Stages of the
// procedure are steps under their own names.
type Step string

// The steps before the first form.
const (
	StepAlert    Step = "alert"    // the first member was asked
	StepDelivery Step = "delivery" // the first message reached a phone
	StepAnswer   Step = "answer"   // the first member took it, or said that they cannot
	StepContact  Step = "contact"  // somebody was with the child, or entered the first form
	StepClose    Step = "closed"
)

// Steps that stop a clock and are in no table of waits.
const (
	stepTaken  Step = "taken"  // somebody has it
	stepPolice Step = "police" // signs of a crime were passed on
	stepRouted Step = "routed" // somebody was chosen to be asked
)

// Steps lists what is measured, in the order in which it happens.
func Steps() []Step {
	return []Step{
		StepAlert, StepDelivery, StepAnswer, StepContact,
		Step(flows.StageReceived), Step(flows.StageAssessed), Step(flows.StageDecided), Step(flows.StageDetailed),
		Step(flows.StagePlanned), Step(flows.StageApproved), Step(flows.StageReviewed), StepClose,
	}
}

// Fact is what a timeline says about one case.
type Fact struct {
	// Case is the case without its texts, alerts and timers: enough to decide who
	// may know of it.
	Case  flows.Case
	Stays []Stay // the first is where it began
	Marks []Mark // the first time of each step
	// Missed are the legal clocks that ran out.
	Missed []Miss
	// Askings are what was asked of whom.
	Askings []Asking
}

// Stay is a time that a case was with a commune. Place "" is the provincial desk.
type Stay struct {
	Place flows.PlaceID
	From  time.Time
}

// Mark is a step that was taken.
type Mark struct {
	Step  Step
	At    time.Time
	Level flows.Level // of who took it
}

// Miss is a clock that ran out.
type Miss struct {
	Clock string // the reason of the event, as decision_12h
	At    time.Time
	Place flows.PlaceID // where the case was
	Why   Why
}

// Why says how a case stood when its clock ran out.
type Why string

// The ways in which a clock is missed.
const (
	WhyHeld    Why = "held"    // somebody had it and made no entry
	WhyAsked   Why = "asked"   // people were asked and nobody took it
	WhyUnasked Why = "unasked" // nobody had even been asked
	WhyMoved   Why = "moved"   // it had come from elsewhere, and nobody had taken it here
)

// Learn reads a case and its timeline, the oldest event first.
func Learn(c flows.Case, timeline []flows.Event) *Fact {
	f := &Fact{Case: slim(c)}
	first := c.Place
	for _, e := range timeline {
		if e.Kind == flows.EventMoved {
			first = flows.PlaceID(e.Detail["from"])
			break
		}
	}
	f.Stays = []Stay{{first, c.Opened}}
	why := WhyUnasked
	for _, e := range timeline {
		why = stands(why, e)
		f.add(e, why)
	}
	if !c.Closed.IsZero() {
		f.mark(StepClose, flows.Event{At: c.Closed, Level: c.Level})
	}
	return f
}

// slim keeps of a case what a report or a decision about scope asks for.
func slim(c flows.Case) flows.Case {
	asked := make([]flows.Alert, 0, len(c.Alerts))
	for _, id := range c.Asked() {
		asked = append(asked, flows.Alert{Member: id})
	}
	return flows.Case{
		ID: c.ID, Ref: c.Ref, Status: c.Status, Severity: c.Severity, Kind: c.Kind, Age: c.Age, Sex: c.Sex, Place: c.Place,
		Channel: c.Channel, Opened: c.Opened, Taken: c.Taken, Closed: c.Closed, AgainstOfficial: c.AgainstOfficial,
		Recused: c.Recused, Level: c.Level, Holder: c.Holder, Alerts: asked, Outcome: c.Outcome, Tags: c.Tags,
	}
}

// stands is how a case stands after an event.
func stands(why Why, e flows.Event) Why {
	switch e.Kind {
	case flows.EventTaken, flows.EventHanded:
		return WhyHeld
	case flows.EventMoved:
		return WhyMoved
	case flows.EventReopened:
		return WhyAsked
	case flows.EventAlerted:
		if why == WhyUnasked {
			return WhyAsked
		}
	}
	return why
}

func (f *Fact) add(e flows.Event, why Why) {
	switch e.Kind {
	case flows.EventAlerted, flows.EventTaken, flows.EventHanded, flows.EventDeclined:
		f.ask(e)
	}
	switch e.Kind {
	case flows.EventMoved:
		f.Stays = append(f.Stays, Stay{flows.PlaceID(e.Detail["to"]), e.At})
	case flows.EventAlerted:
		f.mark(StepAlert, e)
	case flows.EventDelivery:
		if flows.Delivery(e.Detail["delivery"]) == flows.Delivered {
			f.mark(StepDelivery, e)
		}
	case flows.EventRouted:
		f.mark(stepRouted, e)
	case flows.EventReferred:
		if e.Reason == police {
			f.mark(stepPolice, e)
		}
	case flows.EventHanded:
		f.mark(stepTaken, e)
	case flows.EventTaken:
		f.mark(StepAnswer, e)
		f.mark(stepTaken, e)
	case flows.EventDeclined:
		f.mark(StepAnswer, e)
	case flows.EventOnSite:
		f.mark(StepContact, e)
	case flows.EventEntered:
		f.mark(StepContact, e)
		f.mark(Step(e.Reason), e)
	case flows.EventBreached:
		f.Missed = append(f.Missed, Miss{Clock: e.Reason, At: e.At, Place: f.stay(e.At).Place, Why: why})
	}
}

// mark keeps the first time of a step. A commune that gets a case begins anew
// with the steps of asking, since it has its own people to ask.
func (f *Fact) mark(s Step, e flows.Event) {
	from := f.Case.Opened
	if asking(s) {
		from = f.stay(e.At).From
	}
	if !slices.ContainsFunc(f.Marks, func(m Mark) bool { return m.Step == s && !m.At.Before(from) }) {
		f.Marks = append(f.Marks, Mark{s, e.At, e.Level})
	}
}

// police is the body of record.yaml to which signs of a crime are passed.
const police = "police"

// asking reports whether every commune that gets a case takes a step anew.
func asking(s Step) bool {
	return s == StepAlert || s == StepDelivery || s == StepAnswer || s == StepContact
}

// stay is where the case was at a moment, and stayed which of its stays that is.
func (f *Fact) stay(at time.Time) Stay { return f.Stays[f.stayed(at)] }

func (f *Fact) stayed(at time.Time) int {
	i := 0
	for n, s := range f.Stays {
		if !s.From.After(at) {
			i = n
		}
	}
	return i
}

// First is the first time of a step, if it was taken.
func (f *Fact) First(s Step) (Mark, bool) {
	i := slices.IndexFunc(f.Marks, func(m Mark) bool { return m.Step == s })
	if i < 0 {
		return Mark{}, false
	}
	return f.Marks[i], true
}

func (f *Fact) has(s Step) bool {
	_, ok := f.First(s)
	return ok
}

// within is the first time of a step in a stay. To is not in it, but for the
// close, with which the last stay ends.
func (f *Fact) within(s Step, from, to time.Time) (Mark, bool) {
	i := slices.IndexFunc(f.Marks, func(m Mark) bool {
		return m.Step == s && !m.At.Before(from) && (to.IsZero() || m.At.Before(to) || s == StepClose && m.At.Equal(to))
	})
	if i < 0 {
		return Mark{}, false
	}
	return f.Marks[i], true
}

// left is when the case left a stay, or was closed; the zero time: it is still
// there.
func (f *Fact) left(i int) time.Time {
	if i+1 < len(f.Stays) {
		return f.Stays[i+1].From
	}
	return f.Case.Closed
}
