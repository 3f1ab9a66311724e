package escalation

import (
	"time"
)

// DutyRules say what members are told about their duty.
type DutyRules struct {
	// Ask, Remind and Replace are how long before a turn its member is asked to
	// confirm it, asked again, and replaced; 0: turns are not confirmed.
	Ask, Remind, Replace time.Duration
	HandOver             bool // tell who comes on duty what is open
	Gaps                 int  // days ahead in which a gap is warned of; 0: never
	Drill                DrillRule
}

// DrillRule is the drill of every month.
type DrillRule struct {
	Day  int           // of the month, 1 to 28; 0: none
	At   int           // minutes after local midnight
	Wait time.Duration // how long answers count
}

type dutyFile struct {
	Confirm struct {
		Ask     duration `yaml:"ask"`
		Remind  duration `yaml:"remind"`
		Replace duration `yaml:"replace"`
	} `yaml:"confirm"`
	HandOver bool `yaml:"hand_over"`
	Gaps     word `yaml:"gap_days"`
	Drill    struct {
		Day  word     `yaml:"day"`
		At   word     `yaml:"at"`
		Wait duration `yaml:"wait"`
	} `yaml:"drill"`
}

// duty reads what members are told. What is left out is not told.
func (ck *checker) duty(f dutyFile) DutyRules {
	r := DutyRules{HandOver: f.HandOver}
	if c := f.Confirm; c.Ask.line > 0 {
		r.Ask = ck.wait("duty.confirm.ask", c.Ask)
		r.Remind = ck.wait("duty.confirm.remind", c.Remind)
		r.Replace = ck.wait("duty.confirm.replace", c.Replace)
		if r.Ask > 0 && (r.Remind >= r.Ask || r.Replace >= r.Remind) {
			ck.add(c.Ask.line, "duty.confirm: expected ask before remind before replace, got %s, %s, %s", c.Ask.text, c.Remind.text, c.Replace.text)
		}
		if r.Ask > 48*time.Hour {
			ck.add(c.Ask.line, "duty.confirm.ask: expected at most 48h, got %s", c.Ask.text)
		}
	}
	if f.Gaps.line > 0 {
		r.Gaps = ck.number("duty.gap_days", f.Gaps, 1, 60)
	}
	if d := f.Drill; d.Day.line > 0 {
		r.Drill = DrillRule{
			Day: ck.number("duty.drill.day", d.Day, 1, 28), At: ck.clock("duty.drill.at", d.At), Wait: ck.wait("duty.drill.wait", d.Wait),
		}
	}
	return r
}
