package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/flows"
	"hotline/store/vault"
)

// Row is one kept number.
type Row struct {
	Case flows.CaseID `json:"case"`
	// Reporter is the pseudonym of the number for this table alone, so that STOP
	// finds the rows of a number.
	Reporter string    `json:"reporter"`
	Number   []byte    `json:"number"` // sealed
	Expires  time.Time `json:"expires"`
}

// Table keeps the rows. Durable is up to it: a row that is lost costs the
// reporter an answer, a row that comes back could cost more.
type Table interface {
	// Put keeps a row in the place of the one of the same case.
	Put(ctx context.Context, r Row) error
	// Row is the row of a case, or flows.ErrNotFound.
	Row(ctx context.Context, id flows.CaseID) (Row, error)
	// Delete removes the row of a case, if there is one.
	Delete(ctx context.Context, id flows.CaseID) error
	// Of lists the cases of a pseudonym.
	Of(ctx context.Context, reporter string) ([]flows.CaseID, error)
	// Expired lists up to n cases whose rows expire at or before now.
	Expired(ctx context.Context, now time.Time, n int) ([]flows.CaseID, error)
}

// Vault is what the relay needs of the vault.
type Vault interface {
	SealUnder(ctx context.Context, key, field string, text []byte) ([]byte, error)
	OpenUnder(ctx context.Context, key, field string, sealed []byte) ([]byte, error)
	ShredKey(ctx context.Context, key string) error
	Lasting(purpose string, parts ...string) string
}

// Relay keeps numbers of reporters who asked for an answer.
type Relay struct {
	Table Table
	Vault Vault
	// Longest is how long a number is kept at most; 0: 180 days.
	Longest time.Duration
	// Grace is how long it is kept after the case was closed; 0: 30 days.
	Grace time.Duration
}

const (
	field = "number"
	day   = 24 * time.Hour
)

func keyOf(id flows.CaseID) string { return "relay/" + string(id) }

// Remember keeps the number of a reporter who said that we may text. Without
// that word it must not be called.
func (r *Relay) Remember(ctx context.Context, now time.Time, id flows.CaseID, phone flows.Phone) error {
	if phone.IsZero() {
		return errors.New("remember a reporter: there is no number")
	}
	sealed, err := r.Vault.SealUnder(ctx, keyOf(id), field, []byte(phone.E164()))
	if err != nil {
		return fmt.Errorf("remember a reporter: %w", err)
	}
	row := Row{Case: id, Reporter: r.reporter(phone), Number: sealed, Expires: now.Add(orElse(r.Longest, 180*day)).UTC()}
	if err := r.Table.Put(ctx, row); err != nil {
		return fmt.Errorf("remember a reporter: %w", err)
	}
	return nil
}

// Phone is the number of the reporter of a case, for the one who sends to it now.
// It returns flows.ErrNotFound when there is none, or none any more.
func (r *Relay) Phone(ctx context.Context, now time.Time, id flows.CaseID) (flows.Phone, error) {
	row, err := r.Table.Row(ctx, id)
	if err != nil {
		return flows.Phone{}, fmt.Errorf("find a reporter: %w", err)
	}
	if !now.Before(row.Expires) {
		return flows.Phone{}, fmt.Errorf("find a reporter: %w", flows.ErrNotFound)
	}
	text, err := r.Vault.OpenUnder(ctx, keyOf(id), field, row.Number)
	if err != nil {
		return flows.Phone{}, fmt.Errorf("find a reporter: %w", err)
	}
	phone, err := flows.ParsePhone(string(text))
	if err != nil {
		return flows.Phone{}, fmt.Errorf("find a reporter: %w", err)
	}
	return phone, nil
}

// Stop forgets a number wherever it is kept: the reporter sent the word. It
// returns the cases that lost their reporter.
func (r *Relay) Stop(ctx context.Context, phone flows.Phone) ([]flows.CaseID, error) {
	ids, err := r.Table.Of(ctx, r.reporter(phone))
	if err != nil {
		return nil, fmt.Errorf("forget a reporter: %w", err)
	}
	for i, id := range ids {
		if err := r.Forget(ctx, id); err != nil {
			return ids[:i], err
		}
	}
	return ids, nil
}

// Forget destroys the number of a case: first its key, then its row.
func (r *Relay) Forget(ctx context.Context, id flows.CaseID) error {
	if err := r.Vault.ShredKey(ctx, keyOf(id)); err != nil && !errors.Is(err, vault.ErrNoKeyStore) {
		return fmt.Errorf("forget a reporter: %w", err)
	}
	if err := r.Table.Delete(ctx, id); err != nil {
		return fmt.Errorf("forget a reporter: %w", err)
	}
	return nil
}

// Closed shortens the life of a number to the grace after its case was closed.
func (r *Relay) Closed(ctx context.Context, now time.Time, id flows.CaseID) error {
	row, err := r.Table.Row(ctx, id)
	if errors.Is(err, flows.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("shorten the life of a number: %w", err)
	}
	end := now.Add(orElse(r.Grace, 30*day)).UTC()
	if !end.Before(row.Expires) {
		return nil
	}
	row.Expires = end
	if err := r.Table.Put(ctx, row); err != nil {
		return fmt.Errorf("shorten the life of a number: %w", err)
	}
	return nil
}

// Sweep forgets up to n numbers whose time is over and returns their cases. Call
// it every minute.
func (r *Relay) Sweep(ctx context.Context, now time.Time, n int) ([]flows.CaseID, error) {
	ids, err := r.Table.Expired(ctx, now, n)
	if err != nil {
		return nil, fmt.Errorf("sweep numbers: %w", err)
	}
	for i, id := range ids {
		if err := r.Forget(ctx, id); err != nil {
			return ids[:i], err
		}
	}
	return ids, nil
}

// reporter is the pseudonym of a number in this table. It has to hold as long as
// the row does, longer than an epoch, and nothing else uses it.
func (r *Relay) reporter(phone flows.Phone) string {
	return r.Vault.Lasting("relay", phone.E164())
}

func orElse(d, other time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return other
}
