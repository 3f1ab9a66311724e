package duty

import (
	"fmt"
	"io"
	"time"

	ics "github.com/arran4/golang-ical"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Feed says what a calendar feed of a member shows.
type Feed struct {
	Roster *escalation.Roster
	Member flows.MemberID
	From   time.Time
	To     time.Time
	Stamp  time.Time // when the feed was made
	Name   string    // of the calendar
	// Title is what an entry is called; a calendar is seen by others, so it
	// should say as little as possible.
	Title func(escalation.Slot) string
	// Remind is how long before a turn the calendar reminds; 0: never.
	Remind time.Duration
}

// ICal writes the duties of a member as a calendar. The same turn keeps its
// identity from feed to feed, so that a phone moves it rather than adding it
// again. A feed holds turns and nothing else: no case, no number.
func ICal(w io.Writer, f Feed) error {
	cal := ics.NewCalendarFor("hotline")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(f.Name)
	for _, s := range f.Roster.Duties(f.Member, f.From, f.To) {
		e := cal.AddEvent(uid(f.Member, s))
		e.SetDtStampTime(f.Stamp)
		e.SetStartAt(s.Start)
		e.SetEndAt(s.End)
		e.SetSummary(f.Title(s))
		if f.Remind > 0 {
			a := e.AddAlarm()
			a.SetAction(ics.ActionDisplay)
			a.SetTrigger(fmt.Sprintf("-PT%dM", int(f.Remind.Minutes())))
		}
	}
	return cal.SerializeTo(w)
}

// uid is the identity of a turn: who, what for and when it begins.
func uid(m flows.MemberID, s escalation.Slot) string {
	return fmt.Sprintf("%s-%s-L%d-%s@hotline", m, s.Place.Code(), s.Level, s.Start.UTC().Format("20060102T1504Z"))
}
