package escalation

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hotline/flows"
)

// Preview plays the very steps that the ladder takes for a case, if it were routed
// now and nobody answered, for a length of time. Nothing is kept or sent.
func Preview(now time.Time, c flows.Case, w World, horizon time.Duration) []flows.Change {
	c.Opened = cmpTime(c.Opened, now)
	c.Status, c.Ref = flows.StatusIntake, flows.Ref(cmp.Or(string(c.Ref), "ABCD"))
	list := []flows.Change{Route(now, c, w)}
	for len(list) < maxPreview {
		c = list[len(list)-1].Case
		name, due := earliest(&c)
		if name == "" || due.Sub(now) > horizon {
			break
		}
		list = append(list, Fire(due, c, flows.Timer{Name: name, Due: due}, w))
	}
	return list
}

// maxPreview bounds what a policy of many short waits can make of a long preview.
const maxPreview = 10_000

// Explain writes who would be told of a case, when and why: a [Preview] in words,
// then which clocks would run. Names of members are shown, numbers never.
func Explain(out io.Writer, now time.Time, c flows.Case, w World, horizon time.Duration) error {
	e := &explainer{out: out, begin: now, w: w}
	steps := Preview(now, c, w, horizon)
	e.head(&steps[0].Case)
	for _, ch := range steps {
		e.change(ch)
	}
	e.clocks(&steps[len(steps)-1].Case)
	return e.err
}

func cmpTime(t, instead time.Time) time.Time {
	if t.IsZero() {
		return instead
	}
	return t
}

// earliest is the timer that fires next.
func earliest(c *flows.Case) (flows.TimerName, time.Time) {
	var best flows.TimerName
	for _, name := range timerOrder() {
		if ms, ok := c.Timers[name]; ok && (best == "" || ms < c.Timers[best]) {
			best = name
		}
	}
	return best, flows.Moment(c.Timers[best])
}

type explainer struct {
	out   io.Writer
	begin time.Time
	w     World
	err   error
}

func (e *explainer) printf(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.out, format, args...)
	}
}

func (e *explainer) head(c *flows.Case) {
	place := "place unknown"
	if c.Place != "" {
		place = "place " + c.Place.Code()
		if p, ok := e.w.Roster.places[c.Place]; ok {
			place += " " + p.Name
		}
	}
	if c.AgainstOfficial {
		place += ", about an official"
	}
	e.printf("policy %s, %s, %s, %s\n", c.Policy, c.Severity, place, e.begin.In(e.w.zone()).Format("Monday 2006-01-02 15:04"))
}

// change prints one step: a line for what was decided, with those who are asked.
func (e *explainer) change(ch flows.Change) {
	asked := map[string][]string{}
	var order []string
	for _, m := range ch.Send {
		key := fmt.Sprintf("%s level %d", m.Channel, m.Level)
		if m.Purpose == flows.PurposeNotice {
			key = "notice"
		}
		if asked[key] == nil {
			order = append(order, key)
		}
		asked[key] = append(asked[key], e.who(m.To)+e.held(ch.At, m.Due))
	}
	for _, ev := range ch.Events {
		if ev.Kind == flows.EventAlerted {
			continue
		}
		e.printf("%9s  %s  level %d  %s: %s\n", plus(ch.At.Sub(e.begin)), ch.At.In(e.w.zone()).Format("Mon 15:04"), ev.Level, ev.Kind, why(ev))
	}
	for _, key := range order {
		e.printf("%22s %s to %s\n", "", key, strings.Join(asked[key], ", "))
	}
}

// why is the reason of an event, with the policy's own words where it has some.
func why(ev flows.Event) string {
	if own := ev.Detail["because"]; own != "" {
		return ev.Reason + ": " + own
	}
	return ev.Reason
}

func (e *explainer) held(at, due time.Time) string {
	if !due.After(at) {
		return ""
	}
	return ", held until " + due.In(e.w.zone()).Format("Mon 15:04")
}

func (e *explainer) who(id flows.MemberID) string {
	m, ok := e.w.Roster.Member(id)
	if !ok || m.Name == "" {
		return string(id)
	}
	if m.Role == "" {
		return m.Name
	}
	return m.Name + " (" + m.Role + ")"
}

// clocks prints the legal clocks of the case, from receipt.
func (e *explainer) clocks(c *flows.Case) {
	clock := e.w.policy(c).Clocks.Entry[c.Severity]
	e.printf("once taken: an entry within %s, else %d pages %s apart, then the levels above\n", clock.First, clock.Pages, clock.Again)
	for _, name := range []flows.TimerName{
		flows.TimerAssessment, flows.TimerPolice, flows.TimerDecision, flows.TimerFeedback, flows.TimerPlan, flows.TimerApproval,
	} {
		list := make([]string, 0, 4)
		for _, m := range marks(c, name, e.w) {
			s := m.at.In(e.w.zone()).Format("2006-01-02 15:04")
			if m.breach {
				s = "limit " + s
			}
			list = append(list, s)
		}
		if len(list) > 0 {
			e.printf("%s: %s\n", name, strings.Join(list, ", "))
		}
	}
}

// plus writes a length of time as people read it: +1h15m, +2d3h.
func plus(d time.Duration) string {
	days := d / (24 * time.Hour)
	rest := strings.TrimSuffix((d % (24 * time.Hour)).Round(time.Minute).String(), "0s")
	if strings.HasSuffix(rest, "h0m") {
		rest = strings.TrimSuffix(rest, "0m")
	}
	if days > 0 {
		return fmt.Sprintf("+%dd%s", days, rest)
	}
	if rest == "" {
		return "+0m"
	}
	return "+" + rest
}

// Levels lists the levels of a path, for pages that show the policy.
func (p *Policy) Levels(path Path) []flows.Level { return slices.Clone(p.Paths[path]) }
