package account

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// Token lets a program work in the name of its owner, for a part of what the owner
// may do. It ends with the owner's account, and with their place in the directory.
// Of its secret only a hash is kept.
type Token struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"` // what people call the program
	Owner  string          `json:"owner"`
	Hash   string          `json:"hash"`
	Verbs  []access.Verb   `json:"verbs"`
	Within []flows.PlaceID `json:"within,omitempty"` // empty: all places of the owner

	Made    time.Time `json:"made"`
	Until   time.Time `json:"until"`
	Used    time.Time `json:"used,omitzero"` // the last time, to the day
	Revoked time.Time `json:"revoked,omitzero"`
	By      string    `json:"by,omitempty"` // who revoked it

	version int64
}

const (
	paperToken = "token:"
	// tokenPrefix is what tokens begin with, so that people and programs that look
	// for secrets in files know one.
	tokenPrefix = "hotline_"
	// TokenLongest is how long a token may be used, and tokenMost how many an owner
	// can have at a time.
	TokenLongest = 366 * 24 * time.Hour
	tokenMost    = 20
	tokenName    = 64 // bytes
)

// Live reports whether a token still opens anything.
func (t *Token) Live(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Until) }

// NewToken makes a token of a signed-in person and returns it as it is shown once.
// It asks for a changing code: a browser left open must not become a key that
// outlives it.
func (d *Desk) NewToken(ctx context.Context, in SignedIn, t Token, code string, c Caller) (secret string, err error) {
	if err := d.fits(ctx, in.Who, &t); err != nil {
		return "", err
	}
	if err := d.count(ctx, in.Account.Name, c); err != nil {
		return "", err
	}
	if _, err := d.change(ctx, in.Account.Name, func(a *Account) error { return d.useCode(ctx, a, code) }); err != nil {
		return "", err
	}
	if err := d.forgive(ctx, in.Account.Name, c); err != nil {
		return "", err
	}
	if t.ID, err = d.draw(5); err != nil {
		return "", err
	}
	key, err := d.draw(20)
	if err != nil {
		return "", err
	}
	t.Owner, t.Made, t.Hash = in.Account.Name, d.Now(), hash(key)
	what := fmt.Sprintf("make token %s for %s", t.ID, verbsOf(t.Verbs))
	if err := d.note(ctx, flows.DeedAccount, in.Who.ID(), what, "", in.Session.Mark()); err != nil {
		return "", err
	}
	return tokenPrefix + t.ID + "_" + key, d.writeToken(ctx, t)
}

// fits refuses a token for more than its owner may do.
func (d *Desk) fits(ctx context.Context, w access.Who, t *Token) error {
	t.Name = strings.TrimSpace(t.Name)
	grantable := access.Grantable(w.Role)
	beyond := func(v access.Verb) bool { return !slices.Contains(grantable, v) }
	away := func(p flows.PlaceID) bool { return !access.Allowed(w, access.Rota, d.Places().Of(p)).OK }
	switch {
	case w.Narrow != nil || !access.Allowed(w, access.Tokens, access.Thing{}).OK:
		return refuse("token_may")
	case t.Name == "" || len(t.Name) > tokenName:
		return refuse("token_name")
	case len(t.Verbs) == 0 || slices.ContainsFunc(t.Verbs, beyond):
		return refuse("token_verbs")
	case slices.ContainsFunc(t.Within, away):
		return refuse("token_place")
	case !t.Until.After(d.Now()) || t.Until.After(d.Now().Add(TokenLongest)):
		return refuse("token_until")
	}
	all, err := d.tokens(ctx)
	if err != nil {
		return err
	}
	n := 0
	for i := range all {
		if all[i].Owner == w.Account && all[i].Live(d.Now()) {
			n++
		}
	}
	if n >= tokenMost {
		return refuse("token_many")
	}
	return nil
}

func verbsOf(list []access.Verb) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

// Tokens are those that somebody may revoke: their own, and those of the accounts
// that they manage. The latest come first.
func (d *Desk) Tokens(ctx context.Context, w access.Who) ([]Token, error) {
	all, err := d.tokens(ctx)
	if err != nil {
		return nil, err
	}
	var list []Token
	for i := range all {
		if ok, err := d.mayRevoke(ctx, w, &all[i]); err != nil {
			return nil, err
		} else if ok {
			list = append(list, all[i])
		}
	}
	slices.SortFunc(list, func(a, b Token) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

func (d *Desk) mayRevoke(ctx context.Context, w access.Who, t *Token) (bool, error) {
	if t.Owner == w.Account {
		return true, nil
	}
	owner, err := d.read(ctx, t.Owner)
	if errors.Is(err, flows.ErrNotFound) {
		return false, nil
	}
	return err == nil && d.MayManage(w, owner), err
}

// RevokeToken ends a token for good.
func (d *Desk) RevokeToken(ctx context.Context, w access.Who, id string) error {
	for range tries {
		t, err := d.readToken(ctx, id)
		if err != nil {
			return err
		}
		if ok, err := d.mayRevoke(ctx, w, &t); err != nil || !ok {
			return errors.Join(err, flows.ErrNotFound)
		}
		if !t.Revoked.IsZero() {
			return nil
		}
		if err := d.note(ctx, flows.DeedAccount, w.ID(), "revoke token "+t.ID, "", w.Session); err != nil {
			return err
		}
		t.Revoked, t.By = d.Now(), w.Account
		if err = d.writeToken(ctx, t); !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("revoke a token: %w", flows.ErrConflict)
}

// ByToken is who a token works for, and what it leaves of what they may. It
// returns flows.ErrNotFound for one that opens nothing, whatever the reason.
func (d *Desk) ByToken(ctx context.Context, secret string) (access.Who, Token, error) {
	id, key, ok := strings.Cut(strings.TrimPrefix(secret, tokenPrefix), "_")
	if !ok || !strings.HasPrefix(secret, tokenPrefix) || len(id) != 8 || len(key) != 32 {
		return access.Who{}, Token{}, flows.ErrNotFound
	}
	t, err := d.readToken(ctx, id)
	if err != nil {
		return access.Who{}, Token{}, err
	}
	if subtle.ConstantTimeCompare([]byte(hash(key)), []byte(t.Hash)) != 1 || !t.Live(d.Now()) {
		return access.Who{}, Token{}, flows.ErrNotFound
	}
	a, err := d.read(ctx, t.Owner)
	if err != nil {
		return access.Who{}, Token{}, err
	}
	if !a.Open() {
		return access.Who{}, Token{}, flows.ErrNotFound
	}
	w := d.who(&a, &Session{ID: t.ID})
	w.Narrow = &access.Narrow{Verbs: t.Verbs, Within: t.Within}
	d.used(ctx, t)
	return w, t, nil
}

// used notes the day on which a token was used, so that people see which ones
// nobody needs. That it could not be noted stops nobody.
func (d *Desk) used(ctx context.Context, t Token) {
	if d.Now().Sub(t.Used) < 24*time.Hour {
		return
	}
	t.Used = d.Now()
	_ = d.writeToken(ctx, t)
}

func (d *Desk) tokens(ctx context.Context) ([]Token, error) {
	names, err := d.Papers.Papers(ctx, paperToken)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	list := make([]Token, 0, len(names))
	for _, n := range names {
		t, err := d.readToken(ctx, strings.TrimPrefix(n, paperToken))
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func (d *Desk) readToken(ctx context.Context, id string) (t Token, err error) {
	body, version, err := d.Papers.Paper(ctx, paperToken+id)
	if err == nil && version == 0 {
		err = flows.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(body, &t)
	}
	if err != nil {
		return Token{}, fmt.Errorf("read a token: %w", err)
	}
	t.version = version
	return t, nil
}

func (d *Desk) writeToken(ctx context.Context, t Token) error {
	body, err := json.Marshal(t)
	if err == nil {
		err = d.Papers.SavePaper(ctx, paperToken+t.ID, t.version, body)
	}
	if err != nil {
		return fmt.Errorf("write a token: %w", err)
	}
	return nil
}
