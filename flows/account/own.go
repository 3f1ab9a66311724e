package account

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hotline/flows"
	"hotline/flows/access"
)

// Sessions are the sessions of an account that still count, the latest first.
func (d *Desk) Sessions(ctx context.Context, name string) ([]Session, error) {
	bodies, err := d.Signed.SigninList(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	var list []Session
	for _, b := range bodies {
		var s Session
		if json.Unmarshal(b, &s) == nil && s.Stage == StageWithin && s.Alive(d.Now(), d.Limits) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(b.Seen.Compare(a.Seen), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// End ends a session of one's own account.
func (d *Desk) End(ctx context.Context, in SignedIn, id string) error {
	s := Session{ID: id}
	what := "end session " + s.Mark()
	if id == in.Session.ID {
		what = "sign out"
	}
	if err := d.note(ctx, flows.DeedAccount, in.Who.ID(), what, "", in.Session.Mark()); err != nil {
		return err
	}
	return d.Signed.EndSignin(ctx, in.Account.Name, id)
}

// EndOthers ends all sessions of one's own account but this one.
func (d *Desk) EndOthers(ctx context.Context, in SignedIn) error {
	list, err := d.Sessions(ctx, in.Account.Name)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.ID != in.Session.ID {
			err = errors.Join(err, d.End(ctx, in, s.ID))
		}
	}
	return err
}

// ChangePassword sets another password. It asks for the old one and ends all other
// sessions.
func (d *Desk) ChangePassword(ctx context.Context, in SignedIn, old, password string, c Caller) error {
	name := in.Account.Name
	if err := d.count(ctx, name, c); err != nil {
		return err
	}
	same, err := d.Vault.SamePassword(ctx, in.Account.Password, name, old)
	if err != nil {
		return err
	}
	if !same {
		return refuse("old")
	}
	if why := Weak(password, name); why != "" {
		return refuse(why)
	}
	stored, err := d.Vault.NewPassword(ctx, name, password)
	if err != nil {
		return err
	}
	if err := d.note(ctx, flows.DeedAccount, in.Who.ID(), "change the password", "", in.Session.Mark()); err != nil {
		return err
	}
	if _, err := d.change(ctx, name, func(a *Account) error { a.Password = stored; return nil }); err != nil {
		return err
	}
	return errors.Join(d.forgive(ctx, name, c), d.EndOthers(ctx, in))
}

// Recover draws new recovery codes; the old ones end. It asks for a changing code.
func (d *Desk) Recover(ctx context.Context, in SignedIn, code string, c Caller) ([]string, error) {
	name := in.Account.Name
	if err := d.count(ctx, name, c); err != nil {
		return nil, err
	}
	show, kept, err := d.newRecovery(name)
	if err != nil {
		return nil, err
	}
	if err := d.note(ctx, flows.DeedAccount, in.Who.ID(), "draw recovery codes", "", in.Session.Mark()); err != nil {
		return nil, err
	}
	_, err = d.change(ctx, name, func(a *Account) error {
		if err := d.useCode(ctx, a, code); err != nil {
			return err
		}
		a.Recovery = kept
		return nil
	})
	if err != nil {
		return nil, err
	}
	return show, d.forgive(ctx, name, c)
}

// Accounts are all accounts, by name.
func (d *Desk) Accounts(ctx context.Context) ([]Account, error) {
	names, err := d.Papers.Papers(ctx, paperAccount)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	var list []Account
	for _, n := range names {
		a, err := d.read(ctx, strings.TrimPrefix(n, paperAccount))
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// Invite writes an invitation for a member, for a role that sees no case, or to
// set up an account anew.
func (d *Desk) Invite(ctx context.Context, w access.Who, in Invitation) (code string, err error) {
	if in.Name != "" {
		a, err := d.read(ctx, in.Name)
		if err != nil {
			return "", err
		}
		in.Role, in.Member = a.Role, a.Member
	}
	if !MayInvite(w, in.Role, d.placeOf(in.Role, in.Member)) {
		return "", refuse("invite")
	}
	in.By = w.Account
	what := "invite " + string(in.Role) + " " + string(in.Member) + in.Name
	if err := d.note(ctx, flows.DeedAccount, w.ID(), what, "", w.Session); err != nil {
		return "", err
	}
	return NewInvitation(d.Now(), in, d.Vault, d.Random)
}

// MayManage reports whether somebody may close or set up an account.
func (d *Desk) MayManage(w access.Who, a Account) bool {
	return a.Name != w.Account && MayInvite(w, a.Role, d.placeOf(a.Role, a.Member))
}

// placeOf is the place of a member; one who is not in the directory is the
// province's.
func (d *Desk) placeOf(role access.Role, id flows.MemberID) access.Thing {
	if !role.OfCases() {
		return access.Thing{}
	}
	m, _ := d.Member(id)
	return d.Places().Of(m.Place)
}

// Close ends an account and its sessions, or opens it again.
func (d *Desk) Close(ctx context.Context, w access.Who, name string, closed bool) error {
	a, err := d.read(ctx, name)
	if err != nil {
		return err
	}
	if !d.MayManage(w, a) {
		return refuse("invite")
	}
	what := "open account " + name
	if closed {
		what = "close account " + name
	}
	if err := d.note(ctx, flows.DeedAccount, w.ID(), what, "", w.Session); err != nil {
		return err
	}
	_, err = d.change(ctx, name, func(a *Account) error {
		a.Closed, a.Since = Account{}.Closed, d.Now()
		if closed {
			a.Closed = d.Now()
		}
		return nil
	})
	return err
}
