package account

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// Papers is where accounts lie: documents that are replaced by version.
type Papers interface {
	Paper(ctx context.Context, name string) (body []byte, version int64, err error)
	SavePaper(ctx context.Context, name string, from int64, body []byte) error
	Papers(ctx context.Context, prefix string) ([]string, error)
}

// SigninStore is where sessions lie, under hashes of their secrets.
type SigninStore interface {
	// SaveSignin keeps a session. One that is not fresh must still be there:
	// flows.ErrNotFound, when it was ended meanwhile.
	SaveSignin(ctx context.Context, account, id string, body []byte, fresh bool, keep time.Duration) error
	Signin(ctx context.Context, id string) ([]byte, error)
	SigninList(ctx context.Context, account string) ([][]byte, error)
	EndSignin(ctx context.Context, account, id string) error
}

// Attempts count answers that may be wrong.
type Attempts interface {
	// Attempt counts one answer before it is looked at, and returns how long it
	// must wait; 0: it may be looked at now. One that must wait is not counted.
	Attempt(ctx context.Context, key string, now time.Time, waits []time.Duration, keep time.Duration) (time.Duration, error)
	// Forgive forgets the count, since the answer was right.
	Forgive(ctx context.Context, key string) error
}

// Vault keeps what must not be read.
type Vault interface {
	Signer
	NewPassword(ctx context.Context, name, password string) (string, error)
	// SamePassword takes as long for no stored password as for a wrong one.
	SamePassword(ctx context.Context, stored, name, password string) (bool, error)
	SealUnder(ctx context.Context, key, field string, text []byte) ([]byte, error)
	OpenUnder(ctx context.Context, key, field string, sealed []byte) ([]byte, error)
}

// Desk is where people sign in. Set the fields before the first use.
type Desk struct {
	Papers   Papers
	Signed   SigninStore
	Attempts Attempts
	Vault    Vault
	Journal  access.Journal
	Member   func(flows.MemberID) (flows.Member, bool)
	Places   func() *access.Places
	Now      func() time.Time
	Random   io.Reader
	Limits   Limits
}

// Refused says why an answer was not accepted, as a word that has a text in every
// language.
type Refused struct {
	Why  string
	Wait time.Duration // with "wait": how long
}

func (r *Refused) Error() string { return "refused: " + r.Why }

func refuse(why string) error { return &Refused{Why: why} }

// The names of papers.
const (
	paperAccount = "account:"
	paperSubject = "account-subject:"
	paperInvited = "account-invited:"
)

// read reads an account; flows.ErrNotFound when there is none of the name.
func (d *Desk) read(ctx context.Context, name string) (Account, error) {
	body, version, err := d.Papers.Paper(ctx, paperAccount+name)
	if err != nil {
		return Account{}, fmt.Errorf("read an account: %w", err)
	}
	if version == 0 {
		return Account{}, fmt.Errorf("read an account: %w", flows.ErrNotFound)
	}
	var a Account
	if err := json.Unmarshal(body, &a); err != nil {
		return Account{}, fmt.Errorf("read an account: %w", err)
	}
	a.version = version
	return a, nil
}

// tries is how often a change of an account is made anew because it has moved on.
const tries = 8

// change reads an account, lets f change it, and writes it.
func (d *Desk) change(ctx context.Context, name string, f func(*Account) error) (Account, error) {
	for range tries {
		a, err := d.read(ctx, name)
		if err != nil {
			return a, err
		}
		if err := f(&a); err != nil {
			return a, err
		}
		if err = d.write(ctx, a); !errors.Is(err, flows.ErrConflict) {
			return a, err
		}
	}
	return Account{}, fmt.Errorf("change an account: %w", flows.ErrConflict)
}

func (d *Desk) write(ctx context.Context, a Account) error {
	body, err := json.Marshal(a)
	if err == nil {
		err = d.Papers.SavePaper(ctx, paperAccount+a.Name, a.version, body)
	}
	if err != nil {
		return fmt.Errorf("write an account: %w", err)
	}
	return nil
}

// draw takes n random bytes as small letters and digits.
func (d *Desk) draw(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(d.Random, b); err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	return letters.EncodeToString(b), nil
}

// hash is what the store keeps of a session's secret.
func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return letters.EncodeToString(sum[:20])
}

// begin opens a session and returns the secret that the browser keeps.
func (d *Desk) begin(ctx context.Context, s Session) (token string, _ Session, err error) {
	if token, err = d.draw(32); err != nil {
		return "", s, err
	}
	s.ID, s.Began, s.Seen = hash(token), d.Now(), d.Now()
	return token, s, d.keep(ctx, s, true)
}

func (d *Desk) keep(ctx context.Context, s Session, fresh bool) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	last := unfinished
	if s.Stage == StageWithin {
		last = d.Limits.Longest
	}
	return d.Signed.SaveSignin(ctx, s.Account, s.ID, body, fresh, max(s.Began.Add(last).Sub(d.Now()), time.Second))
}

// session finds the session of a secret at a stage.
func (d *Desk) session(ctx context.Context, token string, stage Stage) (Session, error) {
	var s Session
	if token == "" {
		return s, flows.ErrNotFound
	}
	body, err := d.Signed.Signin(ctx, hash(token))
	if err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return s, fmt.Errorf("read a session: %w", err)
	}
	if s.Stage != stage || !s.Alive(d.Now(), d.Limits) {
		return Session{}, fmt.Errorf("read a session: %w", flows.ErrNotFound)
	}
	return s, nil
}

// ownAccord stands in the audit for what somebody does by their right to, who says no
// more.
const ownAccord = "of their own accord"

// note writes down what somebody does to an account, before it is done.
func (d *Desk) note(ctx context.Context, kind flows.DeedKind, who flows.MemberID, what, why, mark string) error {
	from := "console"
	if mark != "" {
		from += " " + mark
	}
	if err := d.Journal.Audit(ctx, flows.Deed{Who: who, Kind: kind, What: what, Why: cmp.Or(why, ownAccord), From: from}); err != nil {
		return fmt.Errorf("write it down: %w", err)
	}
	return nil
}
