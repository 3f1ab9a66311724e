package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"hotline/flows"
)

// Subject is who somebody is to their authority: the issuer and its name for
// them, which never changes (OpenID Connect Core §5.7). Only a keyed hash is kept.
type Subject struct{ Issuer, Name string }

// Connect lets an account sign in with its authority from now on.
func (d *Desk) Connect(ctx context.Context, in SignedIn, s Subject) error {
	key := d.Vault.Lasting("subject", s.Issuer, s.Name)
	body, version, err := d.Papers.Paper(ctx, paperSubject+key)
	if err != nil {
		return fmt.Errorf("connect an account: %w", err)
	}
	var owner string
	if version > 0 {
		if err := json.Unmarshal(body, &owner); err != nil {
			return fmt.Errorf("connect an account: %w", err)
		}
	}
	if owner != "" && owner != in.Account.Name {
		return refuse("subject_taken")
	}
	if err := d.note(ctx, flows.DeedAccount, in.Who.ID(), "connect with the authority", "", in.Session.Mark()); err != nil {
		return err
	}
	if body, err = json.Marshal(in.Account.Name); err != nil {
		return err
	}
	if err := d.Papers.SavePaper(ctx, paperSubject+key, version, body); err != nil {
		return fmt.Errorf("connect an account: %w", err)
	}
	_, err = d.change(ctx, in.Account.Name, func(a *Account) error { a.Subject = key; return nil })
	return err
}

// Vouched signs in somebody for whom their authority has just vouched.
func (d *Desk) Vouched(ctx context.Context, s Subject, c Caller) (token string, err error) {
	key := d.Vault.Lasting("subject", s.Issuer, s.Name)
	body, version, err := d.Papers.Paper(ctx, paperSubject+key)
	if err != nil {
		return "", fmt.Errorf("find an account: %w", err)
	}
	var name string
	if version > 0 {
		err = json.Unmarshal(body, &name)
	}
	var a Account
	if err == nil {
		a, err = d.read(ctx, name)
	}
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return "", err
	}
	if err != nil || !a.Open() || a.Subject != key {
		if err := d.note(ctx, flows.DeedDenied, flows.MemberID(a.Name), "sign in", "authority", ""); err != nil {
			return "", err
		}
		return "", refuse("subject")
	}
	return d.within(ctx, a, "authority", c.Device)
}
