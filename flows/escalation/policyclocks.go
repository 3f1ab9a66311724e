package escalation

import (
	"time"

	"hotline/flows"
)

func (ck *checker) clocks(f clocksFile) Clocks {
	c := Clocks{
		Entry: map[flows.Severity]EntryClock{
			flows.Urgent: ck.entry("clocks.entry.urgent", f.Entry.Urgent),
			flows.Normal: ck.entry("clocks.entry.normal", f.Entry.Normal),
		},
		Decision: ck.hours("clocks.decision", f.Decision),
		Plan:     ck.days("clocks.plan", f.Plan),
		Approval: ck.days("clocks.approval", f.Approval),
		Removal:  ck.removal(f.Removal),
		Review:   24 * time.Hour * time.Duration(ck.number("clocks.review.every", f.Review.Every, 1, 366)),
		WarnAt:   ck.clock("clocks.warn_at", f.WarnAt),
	}
	ck.later(&c, f)
	return c
}

// later reads the clocks that policies did not always have. A case that is pinned
// to a policy without them has those of domain.md §6: what must be done for a
// child does not depend on the age of a file.
func (ck *checker) later(c *Clocks, f clocksFile) {
	c.Routing = map[flows.Severity]time.Duration{flows.Urgent: 5 * time.Minute, flows.Normal: 30 * time.Minute}
	for severity, d := range map[flows.Severity]duration{flows.Urgent: f.Routing.Urgent, flows.Normal: f.Routing.Normal} {
		if d.line > 0 {
			c.Routing[severity] = ck.wait("clocks.routing."+string(severity), d)
		}
	}
	c.Assessment = map[flows.Severity]HourClock{
		flows.Urgent: ck.hoursOr("clocks.assessment.urgent", f.Assessment.Urgent, HourClock{[]time.Duration{3 * time.Hour}, 4 * time.Hour}),
		flows.Normal: ck.hoursOr("clocks.assessment.normal", f.Assessment.Normal, HourClock{[]time.Duration{20 * time.Hour}, 24 * time.Hour}),
	}
	c.Police = CrimeClock{
		Kinds:     ck.kinds("clocks.police", f.Police.Kinds, false),
		HourClock: ck.hoursOr("clocks.police", hoursFile{f.Police.Warn, f.Police.Limit}, HourClock{[]time.Duration{time.Hour, 12 * time.Hour}, 24 * time.Hour}),
	}
	if f.Police.Limit.line == 0 {
		c.Police.Kinds = []string{"SEXUAL"}
	}
	c.Feedback.Urgent = ck.hoursOr("clocks.feedback.urgent", f.Feedback.Urgent, HourClock{[]time.Duration{20 * time.Hour}, 24 * time.Hour})
	c.Feedback.Normal = DayClock{Warn: []int{3}, Limit: 3}
	if f.Feedback.Normal.Limit.line > 0 {
		c.Feedback.Normal = ck.days("clocks.feedback.normal", f.Feedback.Normal)
	}
}

func (ck *checker) hoursOr(what string, f hoursFile, without HourClock) HourClock {
	if f.Limit.line == 0 && len(f.Warn) == 0 {
		return without
	}
	return ck.hours(what, f)
}

func (ck *checker) hours(what string, f hoursFile) HourClock {
	c := HourClock{Limit: ck.wait(what+".limit", f.Limit)}
	for _, w := range f.Warn {
		d := ck.wait(what+".warn", w)
		if d >= c.Limit || len(c.Warn) > 0 && d <= c.Warn[len(c.Warn)-1] {
			ck.add(w.line, "%s.warn: %s is out of order", what, w.text)
		}
		c.Warn = append(c.Warn, d)
	}
	return c
}

func (ck *checker) entry(what string, f entryFile) EntryClock {
	return EntryClock{
		First: ck.wait(what+".first", f.First),
		Again: ck.wait(what+".again", f.Again),
		Pages: ck.number(what+".pages", f.Pages, 0, 20),
	}
}

func (ck *checker) days(what string, f daysFile) DayClock {
	c := DayClock{Limit: ck.number(what+".limit", f.Limit, 1, 366)}
	for _, w := range f.Warn {
		d := ck.number(what+".warn", w, 1, max(c.Limit, 1))
		if len(c.Warn) > 0 && d <= c.Warn[len(c.Warn)-1] {
			ck.add(w.line, "%s.warn: %s is out of order", what, w.text)
		}
		c.Warn = append(c.Warn, d)
	}
	return c
}

// removal is a clock that policies did not always have; a case that is pinned to
// one of those has the law's.
func (ck *checker) removal(f daysFile) DayClock {
	if f.Limit.line == 0 && len(f.Warn) == 0 {
		return DayClock{Warn: []int{10, 13}, Limit: 15}
	}
	return ck.days("clocks.removal", f)
}
