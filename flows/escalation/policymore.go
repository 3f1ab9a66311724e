package escalation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"hotline/flows"
)

// more reads the exceptions, the levels that are left out and mutual aid.
func (ck *checker) more(p *Policy, f policyFile) {
	for i, k := range f.Kinds {
		p.Exceptions = append(p.Exceptions, ck.exception(fmt.Sprintf("kinds %d", i+1), k, p.Rules))
	}
	for i, s := range f.Skip {
		p.Skips = append(p.Skips, ck.skip(fmt.Sprintf("skip %d", i+1), s, p.Paths))
	}
	p.Duty = ck.duty(f.Duty)
	p.Aid.After = map[flows.Severity]time.Duration{}
	for severity, d := range map[flows.Severity]duration{flows.Urgent: f.Aid.Urgent, flows.Normal: f.Aid.Normal} {
		if d.line > 0 {
			p.Aid.After[severity] = ck.wait("aid."+string(severity), d)
		}
	}
	if len(p.Aid.After) > 0 {
		p.Aid.Communes = ck.number("aid.communes", f.Aid.Communes, 1, 10)
	}
}

// exception is a whole ladder: what the file does not name is that of the
// severity.
func (ck *checker) exception(what string, f kindFile, base map[flows.Severity]Rule) Exception {
	e := Exception{Kinds: ck.kinds(what, f.Kinds, true), Severity: ck.severity(what, f.Severity), Rules: map[flows.Severity]Rule{}}
	levels := map[flows.Level]LevelRule{}
	for l, lf := range f.Levels {
		if l < int(flows.LevelDesk) || l > int(flows.LevelCommittee) {
			ck.add(lf.Wait.line, "%s.levels: expected a level from 0 to 5, got %d", what, l)
			continue
		}
		levels[flows.Level(l)] = ck.level(fmt.Sprintf("%s.levels.%d", what, l), lf)
	}
	if f.Ask.line > 0 && f.Ask.text != "everyone" && f.Ask.text != "next" {
		ck.add(f.Ask.line, "%s.ask: expected everyone or next, got %q", what, f.Ask.text)
	}
	for severity, rule := range base {
		rule.Levels = maps.Clone(rule.Levels)
		maps.Copy(rule.Levels, levels)
		if f.Ask.line > 0 {
			rule.Everyone = f.Ask.text == "everyone"
		}
		e.Rules[severity] = rule
	}
	return e
}

func (ck *checker) skip(what string, f skipFile, paths map[Path][]flows.Level) Skip {
	s := Skip{
		Level:    flows.Level(ck.number(what+".level", f.Level, int(flows.LevelDesk), int(flows.LevelCommittee))),
		Severity: ck.severity(what, f.Severity), Kinds: ck.kinds(what, f.Kinds, false), Because: f.Because.text,
	}
	if f.From.line > 0 || f.To.line > 0 {
		s.Hours = Hours{From: ck.clock(what+".from", f.From), To: ck.clock(what+".to", f.To)}
		if s.Hours.From == s.Hours.To {
			ck.add(f.From.line, "%s: from and to are the same", what)
		}
	}
	if s.Because == "" {
		ck.add(f.Level.line, "%s.because: expected the reason, for the timeline of each case", what)
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if n := len(paths[path]); n > 0 && paths[path][n-1] == s.Level {
			ck.add(f.Level.line, "%s: level %d is the last of the path %s and is never left out", what, s.Level, path)
		}
	}
	return s
}

func (ck *checker) severity(what string, w word) flows.Severity {
	s := flows.Severity(w.text)
	if w.line > 0 && s != flows.Urgent && s != flows.Normal {
		ck.add(w.line, "%s.severity: expected urgent or normal, got %q", what, w.text)
	}
	return s
}

// kinds are codes of categories.yaml; a test compares the shipped ones with it.
func (ck *checker) kinds(what string, list []word, needed bool) []string {
	if len(list) == 0 && needed {
		ck.add(0, "%s.kinds: expected a list of kinds, as [SEXUAL]", what)
	}
	var kinds []string
	for _, w := range list {
		if w.text == "" || slices.Contains(kinds, w.text) {
			ck.add(w.line, "%s.kinds: %q is empty or there twice", what, w.text)
		}
		kinds = append(kinds, w.text)
	}
	return kinds
}
