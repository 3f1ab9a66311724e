package access_test

import (
	"slices"
	"testing"

	"hotline/flows"
	"hotline/flows/access"
)

func TestATokenLeavesAPartOfWhatItsOwnerMay(t *testing.T) {
	desk := access.Who{Account: "desk", Role: access.Supervisor, Member: flows.Member{ID: "d1", Place: "province", Level: flows.LevelDesk}}
	desk.Narrow = &access.Narrow{Verbs: []access.Verb{access.See, access.Audit}, Within: []flows.PlaceID{"mai-chau"}}
	at := func(place flows.PlaceID, change func(*flows.Case)) access.Thing {
		c := flows.Case{ID: "00x", Place: place}
		if change != nil {
			change(&c)
		}
		return access.Thing{Case: &c, Place: place, Above: []flows.PlaceID{"province"}}
	}
	hamlet := at("hamlet", nil)
	hamlet.Above = []flows.PlaceID{"mai-chau", "province"}
	for _, test := range []struct {
		name string
		verb access.Verb
		of   access.Thing
		want access.Reason
	}{
		{"a case of its place", access.See, at("mai-chau", nil), access.ReasonAllowed},
		{"a case below its place", access.See, hamlet, access.ReasonAllowed},
		{"a case of another place", access.See, at("da-bac", nil), access.ReasonToken},
		{"a case without a place", access.See, at("", nil), access.ReasonToken},
		{"a page that asks again for each case", access.See, access.Thing{}, access.ReasonAllowed},
		{"a verb that it was not made for", access.Lead, at("mai-chau", nil), access.ReasonToken},
		{"a verb that its owner never may", access.Audit, access.Thing{}, access.ReasonRole},
		{"a case that its owner is party to", access.See, at("mai-chau", func(c *flows.Case) { c.Recused = []flows.MemberID{"d1"} }), access.ReasonParty},
	} {
		if got := access.Allowed(desk, test.verb, test.of).Reason; got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestNoTokenOpensWhatAReporterWrote(t *testing.T) {
	for _, r := range access.Roles() {
		for _, v := range []access.Verb{access.Read, access.Enter, access.Reveal, access.Export, access.Delete, access.Agree, access.Invite, access.Tokens, access.Import} {
			if slices.Contains(access.Grantable(r), v) {
				t.Errorf("a token of %s may be made for %s", r, v)
			}
		}
	}
	if got := access.Grantable(access.Auditor); !slices.Equal(got, []access.Verb{access.Audit}) {
		t.Errorf("a token of the auditor may be made for %v", got)
	}
}
