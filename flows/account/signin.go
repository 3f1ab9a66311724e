package account

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/access"
)

// Caller is where an answer comes from.
type Caller struct {
	Address string // of the network; only a keyed hash of it is kept
	Known   string // what the browser keeps since somebody signed in with it; may be empty
	Device  string // what people call it
}

// counters are under which names the answers of a caller for a name are counted.
// A browser in which the name has signed in before counts by itself: nobody else's
// mistakes make it wait.
func (d *Desk) counters(name string, c Caller) map[string][]time.Duration {
	if nonce, proof, ok := strings.Cut(c.Known, "."); ok && subtle.ConstantTimeCompare([]byte(d.Vault.Lasting("known browser", name, nonce)), []byte(proof)) == 1 {
		return map[string][]time.Duration{d.Vault.Lasting("attempts", "known", name, nonce): Waits()}
	}
	return map[string][]time.Duration{
		d.Vault.Lasting("attempts", "name", name, c.Address): Waits(),
		d.Vault.Lasting("attempts", "crowd", c.Address):      crowdWaits(),
	}
}

// count refuses a caller who must wait, and counts the answer.
func (d *Desk) count(ctx context.Context, name string, c Caller) error {
	var longest time.Duration
	for key, waits := range d.counters(name, c) {
		w, err := d.Attempts.Attempt(ctx, key, d.Now(), waits, remembered)
		if err != nil {
			return err
		}
		longest = max(longest, w)
	}
	if longest > 0 {
		return &Refused{Why: "wait", Wait: longest}
	}
	return nil
}

func (d *Desk) forgive(ctx context.Context, name string, c Caller) error {
	for key := range d.counters(name, c) {
		if err := d.Attempts.Forgive(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// Enter checks a name and a password. The secret that it returns is good for the
// code alone. A name that does not exist takes as long as a wrong password, and is
// told the same.
func (d *Desk) Enter(ctx context.Context, name, password string, c Caller) (token string, err error) {
	name, _ = ParseName(name)
	if err := d.count(ctx, name, c); err != nil {
		return "", err
	}
	a, err := d.read(ctx, name)
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		return "", err
	}
	if len(password) > 4*longest {
		password = "" // hashed for the time it takes; it fits nothing
	}
	same, err := d.Vault.SamePassword(ctx, a.Password, name, password)
	if err != nil {
		return "", err
	}
	if !same || a.Password == "" || password == "" || !a.Open() {
		// The typed name is not written down: people type passwords there.
		if err := d.note(ctx, flows.DeedDenied, flows.MemberID(a.Name), "sign in", "password", ""); err != nil {
			return "", err
		}
		return "", refuse("wrong")
	}
	token, _, err = d.begin(ctx, Session{Account: a.Name, Stage: StageCode, Device: c.Device})
	return token, err
}

// Finish checks the changing code, or one of the recovery codes, and signs in. It
// returns a new secret, and what the browser shows next time to be known.
func (d *Desk) Finish(ctx context.Context, token, code string, c Caller) (next, known string, err error) {
	s, err := d.session(ctx, token, StageCode)
	if err != nil {
		return "", "", err
	}
	if err := d.count(ctx, s.Account, c); err != nil {
		return "", "", err
	}
	a, err := d.change(ctx, s.Account, func(a *Account) error { return d.useCode(ctx, a, code) })
	if refused, ok := errors.AsType[*Refused](err); ok {
		if e := d.note(ctx, flows.DeedDenied, d.id(&a), "sign in", refused.Why, s.Mark()); e != nil {
			return "", "", e
		}
	}
	if err != nil {
		return "", "", err
	}
	if err := d.forgive(ctx, s.Account, c); err != nil {
		return "", "", err
	}
	if err := d.Signed.EndSignin(ctx, s.Account, s.ID); err != nil {
		return "", "", err
	}
	if next, err = d.within(ctx, a, "", s.Device); err != nil {
		return "", "", err
	}
	known, err = d.known(a.Name)
	return next, known, err
}

// useCode takes one code of an account: it is good once.
func (d *Desk) useCode(ctx context.Context, a *Account, code string) error {
	if !a.Open() {
		return refuse("code")
	}
	if list, ok := d.cross(a, code); ok {
		a.Recovery = list
		return nil
	}
	secret, err := d.Vault.OpenUnder(ctx, sealKey, a.Name, a.Secret)
	if err != nil {
		return err
	}
	step, ok := Match(secret, code, d.Now(), a.Step)
	if !ok {
		return refuse("code")
	}
	a.Step = step
	return nil
}

// within opens a whole session and writes the sign-in down.
func (d *Desk) within(ctx context.Context, a Account, by, device string) (string, error) {
	token, s, err := d.begin(ctx, Session{Account: a.Name, Stage: StageWithin, Device: device, By: by})
	if err != nil {
		return "", err
	}
	if err := d.note(ctx, flows.DeedAccount, d.id(&a), "sign in", cmp.Or(by, "password and code"), s.Mark()); err != nil {
		return "", errors.Join(err, d.Signed.EndSignin(ctx, a.Name, s.ID))
	}
	return token, nil
}

func (d *Desk) known(name string) (string, error) {
	nonce, err := d.draw(10)
	return nonce + "." + d.Vault.Lasting("known browser", name, nonce), err
}

// touchEvery is how precisely it is kept when a session was last used.
const touchEvery = time.Minute

// Whose finds who is behind a secret. By hand says that a person asked, not a page
// that renews itself: only that keeps a session from idling out.
func (d *Desk) Whose(ctx context.Context, token string, byHand bool) (SignedIn, error) {
	s, err := d.session(ctx, token, StageWithin)
	if err != nil {
		return SignedIn{}, err
	}
	a, err := d.read(ctx, s.Account)
	if err != nil {
		return SignedIn{}, err
	}
	if !a.Open() || s.Began.Before(a.Since) {
		return SignedIn{}, flows.ErrNotFound
	}
	if now := d.Now(); byHand && now.Sub(s.Seen) >= touchEvery {
		s.Seen = now
		if err := d.keep(ctx, s, false); err != nil {
			return SignedIn{}, err
		}
	}
	return SignedIn{Who: d.who(&a, &s), Account: a, Session: s}, nil
}

func (d *Desk) who(a *Account, s *Session) access.Who {
	w := access.Who{Account: a.Name, Role: a.Role, Session: s.Mark()}
	if a.Role.OfCases() {
		w.Member, _ = d.Member(a.Member)
	}
	return w
}

// id is the name under which deeds of an account are written down.
func (d *Desk) id(a *Account) flows.MemberID {
	if a.Member != "" {
		return a.Member
	}
	return flows.MemberID(a.Name)
}

// Out ends the session of a secret.
func (d *Desk) Out(ctx context.Context, token string) error {
	in, err := d.Whose(ctx, token, false)
	if errors.Is(err, flows.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.End(ctx, in, in.Session.ID)
}
