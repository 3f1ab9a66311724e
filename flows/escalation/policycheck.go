package escalation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"hotline/flows"
)

// checker turns the file into a policy and collects what is wrong with it.
type checker struct {
	name   string
	faults []remark
}

// remark is what is wrong in a line of the policy.
type remark struct {
	line int
	text string
}

func (ck *checker) add(line int, format string, args ...any) {
	ck.faults = append(ck.faults, remark{line, fmt.Sprintf(format, args...)})
}

// load takes over the faults of the decoder.
func (ck *checker) load(err error) {
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many):
		for _, e := range many.Errors {
			ck.add(e.Mark.Line, "%s", e.Message)
		}
	case errors.As(err, &one):
		ck.add(one.Mark.Line, "%s", one.Message)
	default:
		ck.add(0, "%v", err)
	}
}

func (ck *checker) err() error {
	if len(ck.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(ck.faults, func(a, b remark) int { return a.line - b.line })
	errs := make([]error, 0, len(ck.faults))
	for _, f := range ck.faults {
		if f.line == 0 {
			errs = append(errs, fmt.Errorf("%s: %s", ck.name, f.text))
			continue
		}
		errs = append(errs, fmt.Errorf("%s:%d: %s", ck.name, f.line, f.text))
	}
	return errors.Join(errs...)
}

func (ck *checker) policy(f policyFile) *Policy {
	p := &Policy{
		Intake:      ck.wait("intake", f.Intake),
		Nobody:      ck.wait("nobody", f.Nobody),
		UrgentKinds: f.UrgentWhen.Kinds,
		UrgentAges:  f.UrgentWhen.Ages,
		Paths: map[Path][]flows.Level{
			PathPlace:    ck.levels("paths.place", f.Paths.Place, true),
			PathDesk:     ck.levels("paths.desk", f.Paths.Desk, true),
			PathOfficial: ck.official(f.Paths.Official),
		},
		Rules: map[flows.Severity]Rule{
			flows.Urgent: ck.rule("urgent", f.Severities.Urgent),
			flows.Normal: ck.rule("normal", f.Severities.Normal),
		},
		Clocks: ck.clocks(f.Clocks),
	}
	ck.more(p, f)
	return p
}

// official is a path that never asks the commune.
func (ck *checker) official(list numbers) []flows.Level {
	levels := ck.levels("paths.official", list, true)
	for i, l := range levels {
		if l >= flows.LevelDuty && l <= flows.LevelChair {
			ck.add(list[i].line, "paths.official: level %d belongs to the commune, which must not see such a case", l)
		}
	}
	return levels
}

func (ck *checker) levels(what string, list numbers, needed bool) []flows.Level {
	if len(list) == 0 && needed {
		ck.add(0, "%s: expected a list of levels, as [1, 2, 3]", what)
	}
	var levels []flows.Level
	for _, w := range list {
		l := flows.Level(ck.number(what, w, int(flows.LevelDesk), int(flows.LevelCommittee)))
		if slices.Contains(levels, l) {
			ck.add(w.line, "%s: level %d is there twice", what, l)
		}
		levels = append(levels, l)
	}
	return levels
}

func (ck *checker) rule(name string, f ruleFile) Rule {
	what := "severities." + name
	r := Rule{Levels: map[flows.Level]LevelRule{}}
	switch f.Ask.text {
	case "everyone":
		r.Everyone = true
	case "next":
	default:
		ck.add(f.Ask.line, "%s.ask: expected everyone or next, got %q", what, f.Ask.text)
	}
	if f.Hours.From.line > 0 || f.Hours.To.line > 0 {
		if name == string(flows.Urgent) {
			ck.add(f.Hours.From.line, "%s.hours: an urgent case has no hours", what)
		}
		r.Hours = Hours{
			From:  ck.clock(what+".hours.from", f.Hours.From),
			To:    ck.clock(what+".hours.to", f.Hours.To),
			NotAt: ck.levels(what+".hours.not_at", f.Hours.NotAt, false),
		}
	}
	if f.Quiet.From.line > 0 || f.Quiet.To.line > 0 {
		if name == string(flows.Urgent) {
			ck.add(f.Quiet.From.line, "%s.quiet: an urgent case is never held back", what)
		}
		r.Quiet = Hours{
			From:  ck.clock(what+".quiet.from", f.Quiet.From),
			To:    ck.clock(what+".quiet.to", f.Quiet.To),
			NotAt: ck.levels(what+".quiet.not_at", f.Quiet.NotAt, false),
		}
	}
	for l := flows.LevelDesk; l <= flows.LevelCommittee; l++ {
		lf, ok := f.Levels[int(l)]
		if !ok {
			ck.add(f.Ask.line, "%s.levels: level %d is missing", what, l)
			continue
		}
		r.Levels[l] = ck.level(fmt.Sprintf("%s.levels.%d", what, l), lf)
	}
	for l := range f.Levels {
		if l < int(flows.LevelDesk) || l > int(flows.LevelCommittee) {
			ck.add(f.Levels[l].Wait.line, "%s.levels: expected a level from 0 to 5, got %d", what, l)
		}
	}
	return r
}

func (ck *checker) level(what string, f levelFile) LevelRule {
	r := LevelRule{Wait: ck.wait(what+".wait", f.Wait)}
	if len(f.Steps) == 0 {
		ck.add(f.Wait.line, "%s.steps: expected at least one step", what)
	}
	for i, s := range f.Steps {
		step := Step{Channel: flows.Channel(s.Channel.text)}
		if i > 0 || s.After.line > 0 {
			step.After = ck.length(what+".after", s.After)
		}
		switch {
		case i == 0 && step.After != 0:
			ck.add(s.After.line, "%s.steps: the first step is at once, got after %s", what, s.After.text)
		case i > 0 && step.After <= r.Steps[i-1].After:
			ck.add(s.Channel.line, "%s.steps: each step comes later than the one before", what)
		case step.After >= r.Wait && r.Wait > 0:
			ck.add(s.After.line, "%s.steps: after %s is not before the wait of %s is over", what, s.After.text, f.Wait.text)
		}
		if step.Channel != flows.SMS && step.Channel != flows.Voice {
			ck.add(s.Channel.line, "%s.channel: expected sms or voice, got %q", what, s.Channel.text)
		}
		r.Steps = append(r.Steps, step)
	}
	return r
}

// wait is a length of time above zero.
func (ck *checker) wait(what string, d duration) time.Duration {
	before := len(ck.faults)
	v := ck.length(what, d)
	if v == 0 && len(ck.faults) == before {
		ck.add(d.line, "%s: expected a length of time above zero", what)
	}
	return v
}

func (ck *checker) length(what string, d duration) time.Duration {
	v, err := time.ParseDuration(d.text)
	if err != nil || v < 0 || v > 366*24*time.Hour {
		ck.add(d.line, "%s: expected a length of time like 15m or 12h, got %q", what, d.text)
		return 0
	}
	return v
}

func (ck *checker) number(what string, w word, low, high int) int {
	var n int
	if _, err := fmt.Sscanf(w.text+"\n", "%d\n", &n); err != nil || n < low || n > high {
		ck.add(w.line, "%s: expected a number from %d to %d, got %q", what, low, high, w.text)
		return low
	}
	return n
}

func (ck *checker) clock(what string, w word) int {
	m, ok := ParseClock(w.text)
	if !ok {
		ck.add(w.line, "%s: expected a time like 06:00, got %q", what, w.text)
	}
	return m
}

// ParseClock reads a time of the day, 00:00 to 24:00, as minutes after midnight.
func ParseClock(s string) (int, bool) {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok || len(h) < 1 || len(h) > 2 || len(m) != 2 || strings.Trim(h+m, "0123456789") != "" {
		return 0, false
	}
	var hh, mm int
	_, _ = fmt.Sscanf(h+" "+m, "%d %d", &hh, &mm)
	if mm > 59 || hh > 24 || hh == 24 && mm > 0 {
		return 0, false
	}
	return hh*60 + mm, true
}
