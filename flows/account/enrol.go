package account

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hotline/flows"
)

// sealKey is the vault's key of what accounts hold.
const sealKey = "accounts"

// invitation is under which name answers on the page of invitations are counted.
const invitation = "an invitation"

// recoveryCodes is how many there are, and recoverySize how long in bytes: 50 bits
// behind a growing delay.
const (
	recoveryCodes = 10
	recoverySize  = 6
)

// Welcome takes an invitation, a name and a password. What it returns is good for
// setting up the code; nothing is made before that is done.
func (d *Desk) Welcome(ctx context.Context, code, name, password string, c Caller) (token string, err error) {
	if err := d.count(ctx, invitation, c); err != nil {
		return "", err
	}
	in, ok := ParseInvitation(d.Now(), code, d.Vault)
	if !ok {
		return "", refuse("invitation")
	}
	if _, used, err := d.Papers.Paper(ctx, paperInvited+in.Nonce); err != nil || used > 0 {
		return "", errors.Join(err, refuse("invitation"))
	}
	if in.Name != "" {
		name = in.Name
	}
	name, ok = ParseName(name)
	if !ok {
		return "", refuse("name_form")
	}
	if err := d.nameFree(ctx, name, in); err != nil {
		return "", err
	}
	if why := Weak(password, name); why != "" {
		return "", refuse(why)
	}
	draft := &Draft{Invitation: in}
	if draft.Password, err = d.Vault.NewPassword(ctx, name, password); err != nil {
		return "", err
	}
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(d.Random, secret); err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	if draft.Secret, err = d.Vault.SealUnder(ctx, sealKey, name, secret); err != nil {
		return "", err
	}
	token, _, err = d.begin(ctx, Session{Account: name, Stage: StageEnrol, Device: c.Device, Draft: draft})
	return token, err
}

// nameFree refuses a name that somebody else has.
func (d *Desk) nameFree(ctx context.Context, name string, in Invitation) error {
	_, err := d.read(ctx, name)
	switch {
	case errors.Is(err, flows.ErrNotFound) == (in.Name == ""):
		return nil
	case err == nil:
		return refuse("name_taken")
	case errors.Is(err, flows.ErrNotFound):
		return refuse("invitation")
	}
	return err
}

// Enrolling is the name and the secret that is being set up, for the page that
// shows it as a picture.
func (d *Desk) Enrolling(ctx context.Context, token string) (name string, secret []byte, err error) {
	s, err := d.session(ctx, token, StageEnrol)
	if err != nil {
		return "", nil, err
	}
	secret, err = d.Vault.OpenUnder(ctx, sealKey, s.Account, s.Draft.Secret)
	return s.Account, secret, err
}

// Confirm checks the first code, makes the account and signs in. The recovery
// codes that it returns are shown once.
func (d *Desk) Confirm(ctx context.Context, token, code string, c Caller) (next, known string, recovery []string, err error) {
	s, err := d.session(ctx, token, StageEnrol)
	if err != nil {
		return "", "", nil, err
	}
	if err := d.count(ctx, invitation, c); err != nil {
		return "", "", nil, err
	}
	secret, err := d.Vault.OpenUnder(ctx, sealKey, s.Account, s.Draft.Secret)
	if err != nil {
		return "", "", nil, err
	}
	step, ok := Match(secret, code, d.Now(), 0)
	if !ok {
		return "", "", nil, refuse("code")
	}
	recovery, kept, err := d.newRecovery(s.Account)
	if err != nil {
		return "", "", nil, err
	}
	a, err := d.make(ctx, s, func(a *Account) { a.Step, a.Recovery = step, kept })
	if err != nil {
		return "", "", nil, err
	}
	if err := errors.Join(d.forgive(ctx, invitation, c), d.Signed.EndSignin(ctx, s.Account, s.ID)); err != nil {
		return "", "", nil, err
	}
	if next, err = d.within(ctx, a, "", s.Device); err != nil {
		return "", "", nil, err
	}
	known, err = d.known(a.Name)
	return next, known, recovery, err
}

// make uses the invitation up and writes the account.
func (d *Desk) make(ctx context.Context, s Session, f func(*Account)) (Account, error) {
	in := s.Draft.Invitation
	a := Account{Name: s.Account, Role: in.Role, Member: in.Member, Made: d.Now(), By: in.By}
	if in.Name != "" {
		var err error
		if a, err = d.read(ctx, in.Name); err != nil {
			return a, err
		}
	}
	a.Password, a.Secret, a.Since, a.Closed = s.Draft.Password, s.Draft.Secret, d.Now(), Account{}.Closed
	f(&a)
	what := "make account " + a.Name + " (" + string(a.Role) + ")"
	if in.Name != "" {
		what = "set up account " + a.Name + " anew"
	}
	if err := d.note(ctx, flows.DeedAccount, d.id(&a), what, "invited by "+invitedBy(in), s.Mark()); err != nil {
		return a, err
	}
	used, err := json.Marshal(a.Name)
	if err != nil {
		return a, err
	}
	// Whoever writes this paper first has used the invitation.
	err = d.Papers.SavePaper(ctx, paperInvited+in.Nonce, 0, used)
	if errors.Is(err, flows.ErrConflict) {
		return a, refuse("invitation")
	}
	if err != nil {
		return a, err
	}
	err = d.write(ctx, a)
	if errors.Is(err, flows.ErrConflict) {
		return a, refuse("name_taken")
	}
	return a, err
}

func invitedBy(in Invitation) string {
	if in.By == "" {
		return "the operator's shell"
	}
	return in.By
}

// newRecovery draws recovery codes: as people keep them, and as they are stored.
func (d *Desk) newRecovery(name string) (show, kept []string, err error) {
	for range recoveryCodes {
		code, err := d.draw(recoverySize)
		if err != nil {
			return nil, nil, err
		}
		show = append(show, groups(code, 5, "-"))
		kept = append(kept, d.Vault.Lasting("recovery", name, code))
	}
	return show, kept, nil
}

// cross takes a recovery code off the list of an account.
func (d *Desk) cross(a *Account, code string) ([]string, bool) {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	want := d.Vault.Lasting("recovery", a.Name, code)
	found := -1
	for i, have := range a.Recovery {
		if subtle.ConstantTimeCompare([]byte(have), []byte(want)) == 1 {
			found = i
		}
	}
	if found < 0 {
		return a.Recovery, false
	}
	return slices.Delete(slices.Clone(a.Recovery), found, found+1), true
}
