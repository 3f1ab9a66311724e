package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"hotline/flows"
)

// Alarm tells supervisors that the hotline itself is unwell. It goes past the
// store and the outbox, which may be what is broken. Set the fields before the
// first use.
type Alarm struct {
	// Senders are tried in order: the second provider first, since the first may
	// be what is broken.
	Senders []Sender
	Phones  Phones
	// Supervisors are who is to be told at a moment.
	Supervisors func(at time.Time) []flows.Member
	// Text is what they read about a reason, in a language.
	Text func(language, reason string) string
	// Every is how often the same reason is told at most; 0: every 30 minutes.
	Every time.Duration

	mu   sync.Mutex
	told map[string]time.Time
}

// Raise texts every supervisor, unless they were told of this reason a moment
// ago. It reports how many were reached.
func (a *Alarm) Raise(ctx context.Context, now time.Time, reason string) (int, error) {
	if !a.due(now, reason) {
		return 0, nil
	}
	reached := 0
	var errs []error
	for _, m := range a.Supervisors(now) {
		if err := a.tell(ctx, m, reason); err != nil {
			errs = append(errs, err)
			continue
		}
		reached++
	}
	if reached == 0 {
		a.forget(reason) // nobody knows: try again at the next look
	}
	return reached, errors.Join(errs...)
}

func (a *Alarm) due(now time.Time, reason string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	every := a.Every
	if every == 0 {
		every = 30 * time.Minute
	}
	if last, ok := a.told[reason]; ok && now.Sub(last) < every {
		return false
	}
	if a.told == nil {
		a.told = map[string]time.Time{}
	}
	a.told[reason] = now
	return true
}

func (a *Alarm) forget(reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.told, reason)
}

func (a *Alarm) tell(ctx context.Context, m flows.Member, reason string) error {
	phone, ok := a.Phones.Phone(m.ID, 0)
	if !ok {
		return &flows.SendError{Reason: ReasonNoPhone}
	}
	msg := flows.Message{
		To: m.ID, Channel: flows.SMS, Purpose: flows.PurposeNotice, Urgent: true, Level: m.Level,
		Language: m.Language, Text: a.Text(m.Language, reason),
	}
	var last error = &flows.SendError{Reason: ReasonNoRoute}
	for _, s := range a.Senders {
		if _, last = s.Send(ctx, msg, phone); last == nil {
			return nil
		}
	}
	return last
}
