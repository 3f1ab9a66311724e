package roster_test

import (
	"slices"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/escalation/roster"
)

const headed = "id,name,role,place,level,phones,language,verified,delegates,from,until\n"

func members(t *testing.T, lines string) flows.Directory {
	t.Helper()
	d, err := read(headed+lines, "place,level,member,days,from,to\n", "place,level,member,start,end\n")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func e164(phones []flows.Phone) (numbers []string) {
	for _, p := range phones {
		numbers = append(numbers, p.E164())
	}
	return numbers
}

func TestPhonesThatCountedKeepCounting(t *testing.T) {
	before := members(t, "m1,A,head,04891,2,+84900000002,vi,yes,,,\n")
	after := members(t, "m1,A,head,04891,2,+84900000001;+84900000002;+84900000003,vi,,,,\nm2,B,duty,04891,1,+84900000004,vi,yes,,,\n")
	kept := roster.Keep(before, after)
	if got := e164(kept.Members[0].Phones); !slices.Equal(got, []string{"+84900000002"}) {
		t.Errorf("%d phones count", len(got))
	}
	if len(after.Members[0].Phones) != 0 {
		t.Error("the directory that was read has changed")
	}
	// In whatever order they are proven, they end in the order of the file.
	m := kept.Members[0]
	for _, order := range [][]int{{2, 0}, {0, 2}} {
		x := m
		for _, o := range order {
			i := slices.IndexFunc(x.Unproven, func(u flows.Unproven) bool { return u.Order == o })
			x, _ = x.Prove(x.Unproven[i].Phone)
		}
		if got := strings.Join(e164(x.Phones), " "); got != "+84900000001 +84900000002 +84900000003" {
			t.Errorf("proven in the order %v they are not in the order of the file", order)
		}
	}
	// A number that goes to somebody else must be proven again.
	moved := roster.Keep(before, members(t, "m2,B,duty,04891,1,+84900000002,vi,,,,\n"))
	if len(moved.Members[0].Phones) != 0 || len(roster.Silent(moved)) != 1 {
		t.Error("a number that belonged to another member counts without a code")
	}
	if silent := roster.Silent(roster.Vouch(after)); len(silent) != 0 {
		t.Errorf("vouched for, and yet silent: %v", silent)
	}
}

func TestFaultsOfVerifiedDelegatesAndDays(t *testing.T) {
	_, err := read(headed+
		"m1,A,head,04891,2,+84900000001,vi,perhaps,m9,,\nm2,B,duty,04891,1,+84900000002,vi,yes,m2,soon,\nm3,C,duty,04891,1,+84900000003,vi,,,2026-02-01,2026-01-01\n",
		"place,level,member,days,from,to\n", "place,level,member,start,end\n")
	for _, want := range []string{
		`members.csv:2: verified: expected yes or no, got "perhaps"`,
		`members.csv:2: delegates: expected other members, got "m9"`,
		`members.csv:3: delegates: expected other members, got "m2"`,
		`members.csv:3: from: expected a day like 2026-12-31, got "soon"`,
		`members.csv:4: until: 2026-01-01 is not after 2026-02-01`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
