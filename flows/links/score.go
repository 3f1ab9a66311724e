package links

import (
	"cmp"
	"slices"
	"time"

	"hotline/flows"
)

// Why is one thing that two cases have in common: a key of the texts link.why.*.
type Why string

// The reasons of a suggestion.
const (
	SameHamlet Why = "hamlet"
	SameAge    Why = "age"
	SameKind   Why = "kind"
	SameDays   Why = "days"
	Again      Why = "again" // the other one was closed a short while ago
)

// The weights of domain.md §5.7, as far as a case says anything. Two hamlets that
// differ weigh against a link: most houses have no namesake next door.
const (
	inCommune    = 20
	hamletSame   = 35
	hamletOther  = -25
	ageSame      = 15
	ageOther     = -10
	sexOther     = -10
	kindSame     = 15
	within3Days  = 15
	within14Days = 10
	within30Days = 5
	closedLately = 10

	enough  = 50                  // from here on it is suggested
	tooLong = 90 * 24 * time.Hour // apart: only the same hamlet still counts
)

const unsure = "unsure"

// Score judges how likely two cases are about the same child or house, and why. It
// is symmetric; below [enough] it means nothing.
func Score(a, b *flows.Case) (int, []Why) {
	if a.Place == "" || a.Place != b.Place || a.ID == b.ID {
		return 0, nil
	}
	score := inCommune
	var why []Why
	add := func(points int, w Why) {
		score += points
		if points > 0 {
			why = append(why, w)
		}
	}
	hamlet := a.Hamlet != "" && a.Hamlet == b.Hamlet
	switch {
	case hamlet:
		add(hamletSame, SameHamlet)
	case a.Hamlet != "" && b.Hamlet != "":
		add(hamletOther, "")
	}
	if known(a.Age) && known(b.Age) {
		if a.Age == b.Age {
			add(ageSame, SameAge)
		} else {
			add(ageOther, "")
		}
	}
	if known(a.Sex) && known(b.Sex) && a.Sex != b.Sex {
		add(sexOther, "")
	}
	if a.Kind != "" && a.Kind == b.Kind {
		add(kindSame, SameKind)
	}
	apart := a.Opened.Sub(b.Opened).Abs()
	if apart > tooLong && !hamlet {
		return 0, nil
	}
	const day = 24 * time.Hour
	switch {
	case apart <= 3*day:
		add(within3Days, SameDays)
	case apart <= 14*day:
		add(within14Days, SameDays)
	case apart <= 30*day:
		add(within30Days, SameDays)
	}
	return score, why
}

// known reports whether an age or a sex says anything.
func known(code string) bool { return code != "" && code != unsure && code != "unknown" }

// Suggestion is a case that may belong to another one.
type Suggestion struct {
	Case  flows.Case
	Score int
	Why   []Why
}

// Suggest lists the cases that may belong to c, the likeliest first. Closed ones
// count for some days after their end. Drills, and what is linked already, do not.
func Suggest(now time.Time, c *flows.Case, others []flows.Case, again time.Duration) []Suggestion {
	var list []Suggestion
	for i := range others {
		o := &others[i]
		if c.Link(o.ID) != nil || o.Status == flows.StatusIntake {
			continue
		}
		score, why := Score(c, o)
		if !o.IsOpen() && score > 0 {
			if o.Closed.IsZero() || now.Sub(o.Closed) > again {
				continue
			}
			score, why = score+closedLately, append(why, Again)
		}
		if score >= enough {
			list = append(list, Suggestion{*o, score, why})
		}
	}
	slices.SortFunc(list, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), b.Case.Opened.Compare(a.Case.Opened), cmp.Compare(a.Case.ID, b.Case.ID))
	})
	return list[:min(len(list), most)]
}

// most is how many suggestions anybody can look at.
const most = 8
