package dialog

import (
	"time"

	"hotline/flows"
)

// Span is a part of the day, in minutes after midnight.
type Span struct{ From, To int }

// permission is what an answer to "may we text you?" allows: nothing, or texts at
// some hours.
func permission(answer string) (contact bool, at flows.Hours) {
	switch answer {
	case "no":
		return false, ""
	case "yes":
		return true, flows.ByDay
	}
	return true, flows.Hours(answer)
}

// allows reports whether an answer in words is one to that question.
func allows(answer string) bool {
	switch answer {
	case "yes", "no", string(flows.Morning), string(flows.Afternoon), string(flows.Evening):
		return true
	}
	return false
}

// polite is the first moment from now on at which the reporter of a case may be
// texted unasked, the end of that part of the day, and its beginning on the next.
func (s *Service) polite(now time.Time, c *flows.Case) (due, until, next time.Time) {
	span, ok := s.Settings.Hours[c.Hours]
	if !ok {
		span = s.Settings.Hours[flows.ByDay]
	}
	local := now.In(s.Settings.Zone)
	y, m, d := local.Date()
	at := func(day, minute int) time.Time { return time.Date(y, m, d+day, 0, minute, 0, 0, s.Settings.Zone) }
	switch {
	case local.Before(at(0, span.From)):
		return at(0, span.From), at(0, span.To), at(1, span.From)
	case local.Before(at(0, span.To)):
		return now, at(0, span.To), at(1, span.From)
	}
	return at(1, span.From), at(1, span.To), at(2, span.From)
}
