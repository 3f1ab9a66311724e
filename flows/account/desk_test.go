package account_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/store"
	"hotline/store/vault"
)

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func newVault(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.OpenWith(t.Context(), vault.Random(), &vault.MemoryKeys{}, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// office is a desk on the in-process store and a clock that is moved by hand.
type office struct {
	*account.Desk
	t     *testing.T
	now   time.Time
	store *store.Embedded
	vault *vault.Vault
	deeds []flows.Deed
}

func (o *office) Audit(_ context.Context, d flows.Deed) error {
	o.deeds = append(o.deeds, d)
	return nil
}

func (o *office) pass(d time.Duration) { o.now = o.now.Add(d); o.store.Advance(d) }

func newOffice(t *testing.T) *office {
	t.Helper()
	e, err := store.OpenEmbedded(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	o := &office{t: t, store: e, now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), vault: newVault(t)}
	directory := flows.Directory{Province: "north", Places: []flows.Place{{ID: "north"}, {ID: "mai-chau", Parent: "north"}}}
	members := map[flows.MemberID]flows.Member{
		"duty": {ID: "duty", Place: "mai-chau", Level: flows.LevelDuty},
		"desk": {ID: "desk", Place: "north", Level: flows.LevelDesk},
	}
	o.Desk = &account.Desk{
		Papers: e, Signed: e, Attempts: e, Vault: o.vault, Journal: o, Random: rand.Reader,
		Member: func(id flows.MemberID) (flows.Member, bool) { m, ok := members[id]; return m, ok },
		Places: func() *access.Places { return access.NewPlaces(directory) },
		Now:    func() time.Time { return o.now },
		Limits: account.Limits{Idle: time.Hour, Longest: 12 * time.Hour},
	}
	return o
}

const good = "ban lac co 12 mai nha"

var home = account.Caller{Address: "192.0.2.1", Device: "Chrome, Android"}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) refused(err error, why string) {
	o.t.Helper()
	var r *account.Refused
	if !errors.As(err, &r) || r.Why != why {
		o.t.Fatalf("got %v, want refused: %s", err, why)
	}
}

// person is somebody with an account, their phone's app and their browser.
type person struct {
	o        *office
	name     string
	secret   []byte
	recovery []string
	token    string
	known    string
}

func (o *office) invite(role access.Role, m flows.MemberID) string {
	o.t.Helper()
	code, err := account.NewInvitation(o.now, account.Invitation{Role: role, Member: m}, o.vault, rand.Reader)
	o.must(err)
	return code
}

// enrol makes an account as an invited person does.
func (o *office) enrol(name, code string) *person {
	o.t.Helper()
	token, err := o.Welcome(o.t.Context(), code, name, good, home)
	o.must(err)
	name, secret, err := o.Enrolling(o.t.Context(), token)
	o.must(err)
	p := &person{o: o, name: name, secret: secret}
	p.token, p.known, p.recovery, err = o.Confirm(o.t.Context(), token, p.code(), home)
	o.must(err)
	return p
}

func (p *person) code() string { return account.Code(p.secret, account.Step(p.o.now)) }

// signIn signs in with a fresh code.
func (p *person) signIn(c account.Caller) error {
	p.o.pass(time.Minute)
	token, err := p.o.Enter(p.o.t.Context(), p.name, good, c)
	if err != nil {
		return err
	}
	p.token, p.known, err = p.o.Finish(p.o.t.Context(), token, p.code(), c)
	return err
}

func (p *person) in() account.SignedIn {
	p.o.t.Helper()
	in, err := p.o.Whose(p.o.t.Context(), p.token, true)
	p.o.must(err)
	return in
}

func TestFromInvitationToSignIn(t *testing.T) {
	o := newOffice(t)
	code := o.invite(access.Supervisor, "desk")
	p := o.enrol(" Desk-1 ", code)
	in := p.in()
	if in.Who.Member.ID != "desk" || in.Who.Role != access.Supervisor || in.Account.Name != "desk-1" || len(p.recovery) != 10 {
		t.Errorf("got %+v with %d recovery codes", in.Who, len(p.recovery))
	}
	_, err := o.Welcome(t.Context(), code, "second", good, home)
	o.refused(err, "invitation")
	_, err = o.Welcome(t.Context(), o.invite(access.Supervisor, "desk"), "desk-1", good, home)
	o.refused(err, "name_taken")
	_, err = o.Welcome(t.Context(), o.invite(access.Supervisor, "desk"), "desk-2", "Password123", home)
	o.refused(err, "common")
	o.must(p.signIn(home))
	if p.in().Who.ID() != "desk" {
		t.Error("the second sign-in is of somebody else")
	}
	var kinds []string
	for _, d := range o.deeds {
		kinds = append(kinds, d.What)
		if d.Who != "desk" || d.Kind != flows.DeedAccount {
			t.Errorf("written down: %+v", d)
		}
	}
	if got := strings.Join(kinds, ", "); got != "make account desk-1 (supervisor), sign in, sign in" {
		t.Errorf("written down: %s", got)
	}
}

func TestInvitationIsUsedOnceThoughTwoHurry(t *testing.T) {
	o := newOffice(t)
	code := o.invite(access.Operator, "")
	one, err := o.Welcome(t.Context(), code, "first", good, home)
	o.must(err)
	two, err := o.Welcome(t.Context(), code, "second", good, home)
	o.must(err)
	confirm := func(token string) error {
		_, secret, err := o.Enrolling(t.Context(), token)
		o.must(err)
		_, _, _, err = o.Confirm(t.Context(), token, account.Code(secret, account.Step(o.now)), home)
		return err
	}
	o.must(confirm(one))
	o.refused(confirm(two), "invitation")
	all, err := o.Accounts(t.Context())
	o.must(err)
	if len(all) != 1 || all[0].Name != "first" {
		t.Errorf("accounts: %v", all)
	}
}

func TestWrongAnswersAreAllAlike(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	for _, c := range [][2]string{{"desk-1", "wrong password"}, {"nobody", good}, {"desk-1", ""}, {"", ""}, {"desk-1", strings.Repeat("x", 1<<20)}} {
		_, err := o.Enter(t.Context(), c[0], c[1], account.Caller{Address: "192.0.2." + c[0] + c[1][:min(1, len(c[1]))]})
		o.refused(err, "wrong")
	}
	for _, d := range o.deeds {
		if strings.Contains(d.What+d.Why+string(d.Who), "nobody") {
			t.Errorf("a typed name is written down: %+v", d)
		}
	}
	// The same code is not good twice, and a recovery code neither.
	o.must(p.signIn(home))
	token, err := o.Enter(t.Context(), p.name, good, home)
	o.must(err)
	_, _, err = o.Finish(t.Context(), token, p.code(), home)
	o.refused(err, "code")
	_, _, err = o.Finish(t.Context(), token, strings.ToUpper(p.recovery[3]), home)
	o.must(err)
	token, err = o.Enter(t.Context(), p.name, good, home)
	o.must(err)
	_, _, err = o.Finish(t.Context(), token, p.recovery[3], home)
	o.refused(err, "code")
	if left := len(p.in().Account.Recovery); left != 9 {
		t.Errorf("%d recovery codes are left", left)
	}
}

// TestAttackerCannotShutOut is the promise of delay.go: wrong answers slow the
// address that gives them, and nobody else.
func TestAttackerCannotShutOut(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	evil := account.Caller{Address: "203.0.113.9"}
	tried, waited := 0, time.Duration(0)
	for waited < 24*time.Hour {
		_, err := o.Enter(t.Context(), "desk-1", "guess", evil)
		var r *account.Refused
		if errors.As(err, &r) && r.Why == "wait" {
			o.pass(r.Wait)
			waited += r.Wait
			continue
		}
		o.refused(err, "wrong")
		tried++
	}
	if tried > 120 {
		t.Errorf("%d guesses within a day", tried)
	}
	t.Logf("%d guesses within a day from one address", tried)
	_, err := o.Enter(t.Context(), "desk-1", "guess", evil)
	o.refused(err, "wrong")
	_, err = o.Enter(t.Context(), "desk-1", good, evil)
	o.refused(err, "wait") // the right password too, or the wait would tell
	o.must(p.signIn(account.Caller{Address: "192.0.2.77"}))
	// From the attacker's own address, in the browser that was there before.
	o.must(p.signIn(account.Caller{Address: evil.Address, Known: p.known}))
	// A mark of another name is worth nothing.
	_, err = o.Enter(t.Context(), "desk-1", good, account.Caller{Address: evil.Address, Known: "x.y"})
	o.refused(err, "wait")
}

func TestManyNamesFromOneAddressWaitToo(t *testing.T) {
	o := newOffice(t)
	evil := account.Caller{Address: "203.0.113.9"}
	for i := range 40 {
		_, err := o.Enter(t.Context(), "name-"+strings.Repeat("a", i%25), "guess", evil)
		var r *account.Refused
		if errors.As(err, &r) && r.Why == "wait" {
			return
		}
	}
	t.Error("40 names were tried without a wait")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	first := p.token
	o.must(p.signIn(account.Caller{Address: "192.0.2.2", Device: "Firefox, Linux"}))
	list, err := o.Sessions(t.Context(), "desk-1")
	o.must(err)
	if len(list) != 2 || list[0].Device != "Firefox, Linux" {
		t.Fatalf("got %+v", list)
	}
	o.must(o.End(t.Context(), p.in(), list[1].ID))
	if _, err := o.Whose(t.Context(), first, true); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("the ended session: got %v", err)
	}
	o.must(o.Out(t.Context(), p.token))
	if _, err := o.Whose(t.Context(), p.token, true); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("after signing out: got %v", err)
	}
	o.must(o.Out(t.Context(), p.token))
}

func TestSessionsIdleOut(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	for range 3 {
		o.pass(40 * time.Minute)
		p.in()
	}
	o.pass(59 * time.Minute)
	_, err := o.Whose(t.Context(), p.token, false) // a page that renews itself
	o.must(err)
	o.pass(time.Minute)
	if _, err := o.Whose(t.Context(), p.token, false); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("an hour without a hand: got %v", err)
	}
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	first := p.token
	o.must(p.signIn(home))
	o.refused(o.ChangePassword(t.Context(), p.in(), "wrong", good+"!", home), "old")
	o.refused(o.ChangePassword(t.Context(), p.in(), good, "short", home), "short")
	o.must(o.ChangePassword(t.Context(), p.in(), good, good+"!", home))
	if _, err := o.Whose(t.Context(), first, true); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("the other session: got %v", err)
	}
	o.pass(time.Minute)
	fresh, err := o.Recover(t.Context(), p.in(), p.code(), home)
	o.must(err)
	if slices.Contains(fresh, p.recovery[0]) || len(fresh) != 10 {
		t.Error("the recovery codes are the old ones")
	}
	_, err = o.Enter(t.Context(), p.name, good, home)
	o.refused(err, "wrong")
}

func TestAccountsAreManagedByThoseWhoMay(t *testing.T) {
	o := newOffice(t)
	boss := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	op := o.enrol("root", o.invite(access.Operator, ""))
	_, err := o.Invite(t.Context(), op.in().Who, account.Invitation{Role: access.Supervisor, Member: "desk"})
	o.refused(err, "invite")
	code, err := o.Invite(t.Context(), boss.in().Who, account.Invitation{Role: access.Responder, Member: "duty"})
	o.must(err)
	duty := o.enrol("duty-1", code)
	if a := duty.in().Account; a.By != "desk-1" || duty.in().Who.Role != access.Responder {
		t.Errorf("got %+v", a)
	}
	o.refused(o.Close(t.Context(), op.in().Who, "duty-1", true), "invite")
	o.refused(o.Close(t.Context(), boss.in().Who, "desk-1", true), "invite")
	o.must(o.Close(t.Context(), boss.in().Who, "duty-1", true))
	if _, err := o.Whose(t.Context(), duty.token, true); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("a closed account: got %v", err)
	}
	o.refused(duty.signIn(home), "wrong")
	o.must(o.Close(t.Context(), boss.in().Who, "duty-1", false))

	// Set up anew: the old password, app and sessions end.
	code, err = o.Invite(t.Context(), boss.in().Who, account.Invitation{Name: "duty-1"})
	o.must(err)
	o.pass(time.Second)
	again := o.enrol("", code)
	if again.name != "duty-1" || string(again.secret) == string(duty.secret) {
		t.Errorf("set up anew as %s", again.name)
	}
	o.pass(time.Minute)
	token, err := o.Enter(t.Context(), "duty-1", good, home)
	o.must(err)
	_, _, err = o.Finish(t.Context(), token, duty.code(), home)
	o.refused(err, "code")
}

func TestAuthorityVouches(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("desk-1", o.invite(access.Supervisor, "desk"))
	other := o.enrol("root", o.invite(access.Operator, ""))
	me := account.Subject{Issuer: "https://id.example", Name: "12345"}
	_, err := o.Vouched(t.Context(), me, home)
	o.refused(err, "subject")
	o.must(o.Connect(t.Context(), p.in(), me))
	o.refused(o.Connect(t.Context(), other.in(), me), "subject_taken")
	p.token, err = o.Vouched(t.Context(), me, home)
	o.must(err)
	if in := p.in(); in.Who.Member.ID != "desk" || in.Session.By != "authority" {
		t.Errorf("got %+v", in.Session)
	}
	_, err = o.Vouched(t.Context(), account.Subject{Issuer: "https://evil.example", Name: "12345"}, home)
	o.refused(err, "subject")
}

func TestMemberWhoLeftSeesNothing(t *testing.T) {
	o := newOffice(t)
	p := o.enrol("gone", o.invite(access.Supervisor, "nobody-known"))
	if access.Allowed(p.in().Who, access.See, access.Thing{}).OK {
		t.Error("they may see cases")
	}
}
