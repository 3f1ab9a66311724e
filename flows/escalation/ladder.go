package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// begin asks the lowest level of the path that has somebody on duty.
func begin(now time.Time, c *flows.Case, w World, why Reason) Decision {
	d := search(now, c, w, w.policy(c).path(c))
	d.Reason, d.Kind = why, flows.EventEscalated
	if len(d.Ask) > 0 {
		return d
	}
	return anybody(now, c, w, d)
}

// above asks the next level that has somebody on duty, if there is one.
func above(now time.Time, c *flows.Case, w World, why Reason) Decision {
	path := w.policy(c).path(c)
	d := search(now, c, w, path[slices.Index(path, c.Level)+1:])
	d.Reason, d.Kind = why, flows.EventEscalated
	return d
}

// climb asks the next level with somebody on duty, and at the top the highest
// such level again.
func climb(now time.Time, c *flows.Case, w World, why Reason) Decision {
	d := above(now, c, w, why)
	if len(d.Ask) > 0 {
		return d
	}
	path := w.policy(c).path(c)
	for _, l := range slices.Backward(path[:slices.Index(path, c.Level)+1]) {
		top := search(now, c, w, []flows.Level{l})
		if len(top.Ask) > 0 {
			top.Reason, top.Kind, top.Passed = ReasonTop, flows.EventEscalated, d.Passed
			return top
		}
	}
	return anybody(now, c, w, d)
}

// anybody is for a path on which nobody is on duty: the desk, and where even
// that is empty, another look soon.
func anybody(now time.Time, c *flows.Case, w World, d Decision) Decision {
	desk := search(now, c, w, []flows.Level{flows.LevelDesk})
	desk.Reason, desk.Kind, desk.Passed = ReasonNobody, flows.EventEscalated, d.Passed
	if len(desk.Ask) > 0 {
		return desk
	}
	return Decision{
		Reason: ReasonNobodyAtAll, Kind: flows.EventEscalated, Level: c.Level,
		Passed: d.Passed, Nobody: true, Next: now.Add(w.policy(c).Nobody),
	}
}

// search finds the first of the levels that has somebody on duty.
func search(now time.Time, c *flows.Case, w World, levels []flows.Level) Decision {
	d := Decision{Level: c.Level}
	p := w.policy(c)
	for _, l := range levels {
		if why := p.skips(c, l, now, w.zone()); why != "" {
			d.Passed = append(d.Passed, Passed{l, ReasonLeftOut, why})
			continue
		}
		duty := available(now, c, l, w)
		if len(duty) == 0 {
			d.Passed = append(d.Passed, Passed{Level: l, Reason: ReasonNobody})
			continue
		}
		if !p.For(c).Everyone {
			duty = duty[:1]
		}
		d.Level, d.Fresh, d.Step = l, true, 1
		steps := p.rule(c, l).Steps
		for _, m := range duty {
			d.Ask = append(d.Ask, Ask{Member: m, Level: l, Channel: steps[0].Channel})
		}
		next := *c
		next.Level, next.Since = l, now
		d.Next = again(&next, 1, w)
		return d
	}
	return d
}

// available lists who is on duty and may see the case.
func available(now time.Time, c *flows.Case, l flows.Level, w World) []flows.Member {
	if c.AgainstOfficial && !Provincial(l) {
		return nil
	}
	return w.Roster.onDuty(c.Place, l, now, c.Recused)
}

// unasked is the next person of the level, or everyone who came on duty since.
func unasked(now time.Time, c *flows.Case, w World) []Ask {
	rule := w.policy(c).For(c)
	var asks []Ask
	for _, m := range available(now, c, c.Level, w) {
		asked := slices.ContainsFunc(visit(c), func(a flows.Alert) bool { return a.Member == m.ID })
		if asked {
			continue
		}
		asks = append(asks, Ask{Member: m, Level: c.Level, Channel: rule.Levels[c.Level].Steps[0].Channel})
		if !rule.Everyone {
			break
		}
	}
	return asks
}

// same is whom a further step of the level asks: somebody new if people are
// asked one at a time and there is one; else those who have not said no, by the
// channel of the step, and for an urgent case whoever came on duty since.
func same(now time.Time, c *flows.Case, by flows.Channel, w World) []Ask {
	everyone := w.policy(c).For(c).Everyone
	fresh := unasked(now, c, w)
	if len(fresh) > 0 && !everyone {
		return fresh
	}
	var asks []Ask
	for _, a := range visit(c) {
		said := slices.ContainsFunc(visit(c), func(b flows.Alert) bool { return b.Member == a.Member && !b.Declined.IsZero() })
		twice := slices.ContainsFunc(asks, func(x Ask) bool { return x.Member.ID == a.Member })
		if m, ok := w.Roster.Member(a.Member); ok && !said && !twice {
			asks = append(asks, Ask{Member: m, Level: c.Level, Channel: by})
		}
	}
	return slices.Concat(asks, fresh)
}
