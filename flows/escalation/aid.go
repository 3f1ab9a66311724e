package escalation

import (
	"slices"
	"time"

	"hotline/flows"
)

// armAid sets when the neighbours of a commune are asked, if nobody has taken the
// case by then. Neighbours are the commune's own tier: a case about an official
// is not for them either.
func armAid(ch *flows.Change, w World) {
	c := &ch.Case
	ch.Disarm(flows.TimerAid)
	p := w.policy(c)
	after := p.Aid.After[c.Severity]
	if after == 0 || c.AgainstOfficial || len(w.Roster.Neighbours(c.Place)) == 0 {
		return
	}
	ch.Arm(flows.TimerAid, p.after(c, flows.LevelDuty, ch.At, after, w.zone()))
}

// aid asks the duty members of neighbour communes. The ladder goes on as if they
// were not there: the commune stays responsible.
func aid(now time.Time, c *flows.Case, w World) Decision {
	d := Decision{Reason: ReasonNeighbours, Level: c.Level}
	if c.Status != flows.StatusOpen || c.AgainstOfficial {
		return d
	}
	p := w.policy(c)
	communes := 0
	for _, place := range w.Roster.Neighbours(c.Place) {
		if communes == p.Aid.Communes {
			break
		}
		asked := false
		for _, m := range w.Roster.OnDuty(place, flows.LevelDuty, now) {
			if slices.Contains(c.Recused, m.ID) || slices.Contains(c.Asked(), m.ID) {
				continue
			}
			d.Ask = append(d.Ask, Ask{Member: m, Level: flows.LevelDuty, Channel: flows.SMS, Aid: true})
			asked = true
		}
		if asked {
			communes++
		}
	}
	d.Kind = flows.EventAid
	if len(d.Ask) == 0 {
		d.Reason = ReasonNoNeighbour
	}
	return d
}
