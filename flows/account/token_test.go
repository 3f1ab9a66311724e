package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// make makes a token of a person.
func (p *person) make(change func(*account.Token)) (string, error) {
	p.o.t.Helper()
	t := account.Token{Name: "bang tinh", Verbs: []access.Verb{access.See}, Until: p.o.now.Add(30 * 24 * time.Hour)}
	if change != nil {
		change(&t)
	}
	p.o.pass(time.Minute) // each code is good once
	return p.o.NewToken(p.o.t.Context(), p.in(), t, p.code(), home)
}

func TestATokenIsNeverMoreThanItsOwner(t *testing.T) {
	o := newOffice(t)
	desk := o.enrol("desk", o.invite(access.Supervisor, "desk"))
	duty := o.enrol("duty", o.invite(access.Responder, "duty"))
	operator := o.enrol("operator", o.invite(access.Operator, ""))
	for _, test := range []struct {
		why    string
		of     *person
		change func(*account.Token)
	}{
		{"token_may", duty, nil},
		{"token_name", desk, func(t *account.Token) { t.Name = "  " }},
		{"token_verbs", desk, func(t *account.Token) { t.Verbs = nil }},
		{"token_verbs", desk, func(t *account.Token) { t.Verbs = []access.Verb{access.Read} }},
		{"token_verbs", desk, func(t *account.Token) { t.Verbs = []access.Verb{access.Audit} }},
		{"token_place", operator, func(t *account.Token) {
			t.Verbs, t.Within = []access.Verb{access.Directory}, []flows.PlaceID{"mai-chau"}
		}},
		{"token_until", desk, func(t *account.Token) { t.Until = o.now.Add(2 * account.TokenLongest) }},
		{"token_until", desk, func(t *account.Token) { t.Until = o.now }},
	} {
		_, err := test.of.make(test.change)
		o.refused(err, test.why)
	}
	if _, err := desk.o.NewToken(t.Context(), desk.in(), account.Token{Name: "x", Verbs: []access.Verb{access.See}, Until: o.now.Add(time.Hour)}, "000000", home); err == nil {
		t.Error("a token was made without the code")
	}
}

func TestATokenEndsWithItsOwner(t *testing.T) {
	o := newOffice(t)
	desk := o.enrol("desk", o.invite(access.Supervisor, "desk"))
	boss := o.enrol("boss", o.invite(access.Supervisor, "desk"))
	works := func(secret string) bool {
		w, _, err := o.ByToken(t.Context(), secret)
		if err != nil && !errors.Is(err, flows.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil && w.Member.ID == "desk" && w.Narrow != nil
	}
	secret, err := desk.make(func(t *account.Token) { t.Within = []flows.PlaceID{"mai-chau"} })
	o.must(err)
	if !works(secret) || works(secret[:len(secret)-1]+"x") || works("hotline_") || works("") {
		t.Error("the token does not work, or another one does")
	}
	names, err := o.store.Papers(t.Context(), "token:")
	o.must(err)
	for _, name := range names {
		body, _, err := o.store.Paper(t.Context(), name)
		o.must(err)
		if _, key, _ := strings.Cut(strings.TrimPrefix(secret, "hotline_"), "_"); strings.Contains(string(body), key) {
			t.Error("the store keeps the secret of a token")
		}
	}
	list, err := o.Tokens(t.Context(), boss.in().Who)
	o.must(err)
	if len(list) != 1 {
		t.Fatalf("another supervisor may revoke %d tokens, want 1", len(list))
	}
	o.must(o.RevokeToken(t.Context(), boss.in().Who, list[0].ID))
	if works(secret) {
		t.Error("a revoked token works")
	}
	if secret, err = desk.make(nil); err != nil || !works(secret) {
		t.Fatal(err)
	}
	o.pass(31 * 24 * time.Hour)
	if works(secret) {
		t.Error("a token works after its time")
	}
	boss = o.enrol("boss2", o.invite(access.Supervisor, "desk"))
	third := o.enrol("third", o.invite(access.Supervisor, "desk"))
	if secret, err = third.make(nil); err != nil || !works(secret) {
		t.Fatal(err)
	}
	o.must(o.Close(t.Context(), boss.in().Who, "third", true))
	if works(secret) {
		t.Error("the token of a closed account works")
	}
}
