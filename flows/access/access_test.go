package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// The land of these tests: two provinces, one with two communes.
func places() *access.Places {
	return access.NewPlaces(flows.Directory{
		Province: "north",
		Places: []flows.Place{
			{ID: "north"},
			{ID: "south"},
			{ID: "mai-chau", Parent: "north"},
			{ID: "tan-lac", Parent: "north"},
			{ID: "coast", Parent: "south"},
			{ID: "pieng-ve", Until: "2025-07-01"},
		},
		Mapping: []flows.Succession{{Old: "pieng-ve", New: "mai-chau"}},
	})
}

func person(id flows.MemberID, place flows.PlaceID, l flows.Level) access.Who {
	return access.OfMember(flows.Member{ID: id, Place: place, Level: l})
}

func people() map[string]access.Who {
	return map[string]access.Who{
		"duty":      person("duty", "mai-chau", flows.LevelDuty),
		"head":      person("head", "mai-chau", flows.LevelHead),
		"neighbour": person("neighbour", "tan-lac", flows.LevelDuty),
		"desk":      person("desk", "north", flows.LevelDesk),
		"far desk":  person("far desk", "south", flows.LevelDesk),
		"committee": person("committee", "north", flows.LevelCommittee),
		"operator":  {Account: "op", Role: access.Operator},
		"auditor":   {Account: "au", Role: access.Auditor},
		"nobody":    {},
	}
}

func cases() map[string]flows.Case {
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	base := flows.Case{ID: "00a", Status: flows.StatusOpen, Place: "mai-chau", Since: began}
	with := func(change func(*flows.Case)) flows.Case {
		c := base.Clone()
		change(&c)
		return c
	}
	ask := func(id flows.MemberID) []flows.Alert { return []flows.Alert{{Member: id, At: began}} }
	return map[string]flows.Case{
		"plain":            base,
		"no place":         with(func(c *flows.Case) { c.Place = "" }),
		"place of old":     with(func(c *flows.Case) { c.Place = "pieng-ve" }),
		"unknown place":    with(func(c *flows.Case) { c.Place = "gone" }),
		"about official":   with(func(c *flows.Case) { c.AgainstOfficial = true }),
		"official, held":   with(func(c *flows.Case) { c.AgainstOfficial, c.Holder = true, "duty" }),
		"duty is party":    with(func(c *flows.Case) { c.Recused = []flows.MemberID{"duty"} }),
		"desk is party":    with(func(c *flows.Case) { c.Recused = []flows.MemberID{"desk"} }),
		"neighbour asked":  with(func(c *flows.Case) { c.Alerts = ask("neighbour") }),
		"neighbour holds":  with(func(c *flows.Case) { c.Status, c.Holder = flows.StatusTaken, "neighbour" }),
		"committee asked":  with(func(c *flows.Case) { c.Alerts = ask("committee") }),
		"closed":           with(func(c *flows.Case) { c.Status = flows.StatusClosed }),
		"of the far coast": with(func(c *flows.Case) { c.Place = "coast" }),
	}
}

// TestWhoSeesWhichCase is the table of places and conflicts of interest. Whoever
// is not named does not see the case.
func TestWhoSeesWhichCase(t *testing.T) {
	for name, want := range map[string]string{
		"plain":            "duty head desk",
		"no place":         "desk",
		"place of old":     "desk",
		"unknown place":    "desk",
		"about official":   "desk",
		"official, held":   "desk",
		"duty is party":    "head desk",
		"desk is party":    "duty head",
		"neighbour asked":  "duty head neighbour desk",
		"neighbour holds":  "duty head neighbour desk",
		"committee asked":  "duty head desk committee",
		"closed":           "duty head desk",
		"of the far coast": "far-desk",
	} {
		c := cases()[name]
		var got []string
		for who, w := range people() {
			if access.Allowed(w, access.See, places().OfCase(&c)).OK {
				got = append(got, strings.ReplaceAll(who, " ", "-"))
			}
		}
		slices.Sort(got)
		sorted := strings.Fields(want)
		slices.Sort(sorted)
		if !slices.Equal(got, sorted) {
			t.Errorf("%s: seen by %v, want %v", name, got, sorted)
		}
	}
	if len(cases()) != 13 {
		t.Error("a case of the tests has no line in the table")
	}
}

func TestConflictOutranksEveryRoleAndVerb(t *testing.T) {
	for _, v := range access.Verbs() {
		for name, w := range people() {
			c := cases()["plain"]
			c.Holder, c.Recused = w.Member.ID, []flows.MemberID{w.Member.ID}
			if w.Member.ID != "" && access.Allowed(w, v, places().OfCase(&c)).OK {
				t.Errorf("%s may %s a case that they are party to", name, v)
			}
			c = cases()["official, held"]
			c.Holder, c.Alerts = w.Member.ID, []flows.Alert{{Member: w.Member.ID}}
			if w.Role == access.Responder && access.Allowed(w, v, places().OfCase(&c)).OK {
				t.Errorf("%s may %s a case about an official", name, v)
			}
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	mine := cases()["plain"]
	mine.Holder = "duty"
	here := places().OfCase(&mine)
	for _, test := range []struct {
		who  string
		verb access.Verb
		on   access.Thing
		want access.Reason
	}{
		{"duty", access.Read, here, access.ReasonAllowed},
		{"head", access.Read, here, access.ReasonHeld},
		{"desk", access.Read, here, access.ReasonHeld},
		{"duty", access.Enter, here, access.ReasonAllowed},
		{"duty", access.Enter, places().OfCase(new(cases()["plain"])), access.ReasonHeld},
		{"head", access.Enter, here, access.ReasonAllowed},
		{"desk", access.Reveal, here, access.ReasonAllowed},
		{"duty", access.Export, here, access.ReasonRole},
		{"far desk", access.Export, here, access.ReasonElsewhere},
		{"far desk", access.Agree, here, access.ReasonElsewhere},
		{"duty", access.Arrange, places().Of("mai-chau"), access.ReasonLevel},
		{"head", access.Arrange, places().Of("mai-chau"), access.ReasonAllowed},
		{"head", access.Arrange, places().Of("tan-lac"), access.ReasonElsewhere},
		{"desk", access.Arrange, places().Of("tan-lac"), access.ReasonAllowed},
		{"desk", access.Arrange, places().Of("coast"), access.ReasonElsewhere},
		{"operator", access.See, access.Thing{}, access.ReasonRole},
		{"operator", access.Audit, access.Thing{}, access.ReasonRole},
		{"auditor", access.Audit, access.Thing{}, access.ReasonAllowed},
		{"auditor", access.See, access.Thing{}, access.ReasonRole},
		{"desk", access.Audit, access.Thing{}, access.ReasonRole},
		{"nobody", access.Self, access.Thing{}, access.ReasonNobody},
		{"desk", "no such thing", access.Thing{}, access.ReasonRole},
	} {
		if got := access.Allowed(people()[test.who], test.verb, test.on).Reason; got != test.want {
			t.Errorf("%s, %s: got %s, want %s", test.who, test.verb, got, test.want)
		}
	}
}

// A role of cases without a member of the directory reaches nothing but the way
// out: an account whose member has left is one.
func TestAccountWhoseMemberHasLeft(t *testing.T) {
	for _, v := range access.Verbs() {
		if w := (access.Who{Account: "old", Role: access.Supervisor}); access.Allowed(w, v, access.Thing{}).OK != (v == access.Self) {
			t.Errorf("it may %s, or may not", v)
		}
	}
}

func TestTheTableKnowsEveryVerb(t *testing.T) {
	rules := access.Rules()
	for _, v := range access.Verbs() {
		if len(rules[v]) == 0 {
			t.Errorf("nobody may %s", v)
		}
	}
	if len(rules) != len(access.Verbs()) {
		t.Errorf("%d verbs have rules, %d are listed", len(rules), len(access.Verbs()))
	}
	for v, of := range rules {
		for role, scope := range of {
			if !role.OfCases() && scope != access.Always {
				t.Errorf("%s of %s: %s asks for a place", v, role, scope)
			}
		}
	}
	for _, v := range []access.Verb{access.See, access.Answer, access.Lead, access.Enter, access.Ask, access.Read, access.Reveal, access.Export, access.Delete, access.Agree, access.Hold, access.Figures} {
		if rules[v][access.Operator]+rules[v][access.Auditor] != "" {
			t.Errorf("%s: operator or auditor reaches case content", v)
		}
	}
}
