package escalation_test

import (
	"slices"
)

func (m *model) ladder(at int) {
	for range 10 {
		switch {
		case m.look >= 0:
			if at >= m.look {
				m.start(at)
			}
			return
		case m.spent >= modelWaits[m.urgent][m.level]:
			m.say(at, "breached answer")
			m.climb(at)
			return
		case m.lost(at):
		default:
			m.again(at)
			return
		}
	}
}

// lost deals with alerts that did not arrive, if there are any: a call after a
// text, a text to the next phone after a call.
func (m *model) lost(at int) bool {
	var others []modelAlert
	found, reached, text, calls := false, false, false, true
	for _, a := range m.here() {
		reached = reached || a.state == "delivered" && !a.declined
		text = text || !a.voice && a.state != "undelivered" && !a.declined
		if a.state != "undelivered" || a.followed || a.declined {
			continue
		}
		a.followed, found = true, true
		calls = calls && a.voice
		next := modelAlert{who: a.who, level: a.level, visit: a.visit, voice: !a.voice, phone: a.phone}
		if a.voice {
			next.phone++
		}
		if next.phone < m.phones(a.who) {
			others = append(others, next)
		}
	}
	for _, a := range others {
		m.alertAt(at, a)
	}
	if found && !reached && !(calls && text) {
		m.onward(at)
	}
	return found
}

// again takes the newest step of the level that is due.
func (m *model) again(at int) {
	steps := modelSteps[m.urgent][m.level]
	step := m.step
	for step < len(steps) && m.spent >= steps[step] {
		step++
	}
	if step == m.step {
		return
	}
	m.step = step
	fresh := m.fresh(at)
	if !m.urgent && len(fresh) > 0 {
		m.alert(at, fresh[0], false)
		return
	}
	var who []string
	no := map[string]bool{}
	for _, a := range m.here() {
		no[a.who] = no[a.who] || a.declined
	}
	for _, a := range m.here() {
		if !no[a.who] && !slices.Contains(who, a.who) {
			who = append(who, a.who)
		}
	}
	for _, w := range who {
		m.alert(at, w, true)
	}
	for _, w := range fresh {
		m.alert(at, w, false)
	}
}

func (m *model) page(at int) {
	if m.paged < 2 {
		m.paged++
		m.say(at, "paged")
		m.entry = at + 240
		if m.urgent {
			m.entry = at + 30
		}
		return
	}
	m.say(at, "reopened")
	path := m.path()
	if l := m.rank(m.holder); slices.Index(path, l) > slices.Index(path, m.level) {
		m.level = l
	}
	m.status, m.holder, m.entry = "open", "", never
	m.climb(at)
}

func (m *model) enter(at int, what string) {
	if what == "close" {
		m.say(at, "closed")
		m.status = "closed"
		return
	}
	m.say(at, "entered %s", what)
	m.clocks["worked"] = []int{}
	m.entry = never
	delete(m.clocks, "assessment")
	delete(m.clocks, "feedback")
	switch what {
	case "decided":
		delete(m.clocks, "decision")
	case "planned":
		delete(m.clocks, "plan")
	case "approved":
		delete(m.clocks, "plan")
		delete(m.clocks, "approval")
	}
}

// legal lets the legal clocks warn and breach.
func (m *model) legal(at int) {
	if m.status == "closed" {
		return
	}
	for _, name := range []string{"assessment", "feedback", "decision", "plan", "approval"} {
		left := m.clocks[name]
		passed := 0
		for passed < len(left) && left[passed] <= at {
			passed++
		}
		switch {
		case passed == 0:
		case passed == len(left):
			m.say(at, "breached %s", name)
			delete(m.clocks, name)
		default:
			m.say(at, "warned %s", name)
			m.clocks[name] = left[passed:]
		}
	}
	if at >= m.review {
		m.say(at, "warned review")
		for m.review <= at {
			m.review += 30 * dayLong
		}
	}
}
