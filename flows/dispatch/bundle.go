package dispatch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hotline/flows"
)

// Bundles makes one text of several that are not urgent and go to the same
// member, so that an official whose phone rings ten times does not mute it. Each
// message stays in its own case, with its own record and delivery. Set the
// fields before the first use.
type Bundles struct {
	// Window is how long a notice waits for others. An alert never waits; those
	// that had to wait for a provider leave together all the same.
	Window time.Duration
	// Text is what a member reads instead of messages of a purpose about cases.
	Text func(language string, p flows.Purpose, refs []flows.Ref) string
	Most int // cases in one text; 0: 6, which fit one segment
}

// bundled reports whether a message may share a text: it is not urgent, goes to
// a member, and is certain not to have left.
func (b *Bundles) bundled(m *flows.Message) bool {
	switch {
	case b == nil, m.Urgent, m.Channel != flows.SMS, m.Repeat, m.Doubt != "":
		return false
	}
	return m.Purpose == flows.PurposeNotice || m.Purpose == flows.PurposeAlert
}

// until is when a notice that has not waited yet may leave. All of a member's
// within a window get the same moment; members differ, so that not everybody's
// phone rings at once.
func (b *Bundles) until(m *flows.Message, now time.Time) (time.Time, bool) {
	if !b.bundled(m) || m.Held || m.Purpose != flows.PurposeNotice || b.Window <= 0 {
		return now, false
	}
	shift := b.Window * time.Duration(flows.Partition(string(m.To), 64)) / 64
	at := m.Due.Add(-shift).Truncate(b.Window).Add(b.Window + shift)
	return at, at.After(now)
}

// with is what messages must have in common to leave as one.
type with struct {
	to       flows.MemberID
	phone    int
	purpose  flows.Purpose
	language string
}

// sort parts a batch into what waits for others, what leaves as one text, and
// what leaves by itself.
func (b *Bundles) sort(batch []flows.Message, now time.Time) (held []Result, together [][]flows.Message, alone []flows.Message) {
	groups := map[with][]flows.Message{}
	var order []with
	for _, m := range batch {
		if at, wait := b.until(&m, now); wait {
			m.Held = true
			held = append(held, Result{Message: m, later: at})
			continue
		}
		if !b.bundled(&m) {
			alone = append(alone, m)
			continue
		}
		k := with{m.To, m.Phone, m.Purpose, m.Language}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], m)
	}
	for _, k := range order {
		for some := range slices.Chunk(groups[k], cmp.Or(b.Most, 6)) {
			if len(some) == 1 {
				alone = append(alone, some...)
				continue
			}
			together = append(together, some)
		}
	}
	return held, together, alone
}

// deliverBundle sends several messages as one text. Those that nobody needs any
// more are left out; a text of one is that message itself.
func (w *Worker) deliverBundle(ctx context.Context, messages []flows.Message, claimed time.Time) error {
	var errs []error
	var wanted []flows.Message
	for _, m := range messages {
		c, err := w.Cases.Case(ctx, m.Case)
		switch {
		case errors.Is(err, flows.ErrNotFound):
			errs = append(errs, w.orphans(ctx, m.Case, []flows.Message{m}))
		case err != nil:
			errs = append(errs, err) // it comes back when its lease is over
		case obsolete(&c, &m):
			errs = append(errs, w.keep(ctx, m.Case, []Result{{Message: m, Delivery: flows.Undelivered, Reason: ReasonObsolete}}))
		default:
			wanted = append(wanted, m)
		}
	}
	switch len(wanted) {
	case 0:
		return errors.Join(errs...)
	case 1:
		return errors.Join(append(errs, w.deliverCase(ctx, wanted[0].Case, wanted, claimed))...)
	}
	results := w.sendBundle(ctx, wanted, claimed)
	defer over(results...)
	for id, some := range byCase(results) {
		errs = append(errs, w.keep(ctx, id, some))
	}
	return errors.Join(errs...)
}

// sendBundle makes one attempt for all of them. What comes of it holds for each.
func (w *Worker) sendBundle(ctx context.Context, messages []flows.Message, claimed time.Time) []Result {
	carrier := messages[0]
	carrier.Text = w.Bundles.Text(carrier.Language, carrier.Purpose, refs(messages))
	whole := Result{Message: carrier}
	if free, ok := w.slot(&carrier); ok {
		whole = w.send(ctx, &flows.Case{Status: flows.StatusOpen}, carrier, claimed, func(ctx context.Context) error { return w.leaveTogether(ctx, messages) })
		free()
	}
	if whole.Delivery == flows.Queued { // tried again together
		whole.later = w.Now().Add(backoff(&whole.Message, w.jitter(&carrier)))
	}
	results := make([]Result, len(messages))
	for i, m := range messages {
		m.Attempts, m.Doubt, m.Tried = whole.Message.Attempts, whole.Message.Doubt, whole.Message.Tried
		if whole.Delivery == flows.Sent || whole.Delivery == flows.Unknown {
			m.Within, m.Place = carrier.Text, i
		}
		results[i] = Result{
			Message: m, Delivery: whole.Delivery, Sending: whole.Sending, Reason: whole.Reason, later: whole.later,
			gone: whole.gone && m.Lease.IsZero(),
		}
		if i == 0 {
			results[i].end = whole.end
		}
		if i > 0 && m.Within != "" {
			results[0].with = append(results[0].with, m.ID)
		}
	}
	return results
}

// leaveTogether notes that all of them are about to leave. One that somebody else
// has loses its lease here; the text does not leave then, and the others wait for
// the next.
func (w *Worker) leaveTogether(ctx context.Context, messages []flows.Message) error {
	var lost error
	for i := range messages {
		err := w.Outbox.Leave(ctx, messages[i])
		if errors.Is(err, flows.ErrNotFound) {
			messages[i].Lease, lost = time.Time{}, err
		} else if err != nil {
			return err
		}
	}
	return lost
}

// refs are the references of messages, each once.
func refs(messages []flows.Message) []flows.Ref {
	var all []flows.Ref
	for _, m := range messages {
		if !slices.Contains(all, m.Ref) {
			all = append(all, m.Ref)
		}
	}
	return all
}

func byCase(results []Result) map[flows.CaseID][]Result {
	cases := map[flows.CaseID][]Result{}
	for _, r := range results {
		cases[r.Message.Case] = append(cases[r.Message.Case], r)
	}
	return cases
}

// bundle starts a sender for each bundle of a batch, gives back what waits, and
// returns the rest.
func (w *Worker) bundle(ctx context.Context, batch []flows.Message, claimed time.Time, under *sync.WaitGroup) []flows.Message {
	if w.Bundles == nil {
		return batch
	}
	held, together, alone := w.Bundles.sort(batch, claimed)
	for _, messages := range together {
		under.Go(func() { w.warn(ctx, w.deliverBundle(ctx, messages, claimed)) })
	}
	for _, r := range held {
		w.warn(ctx, w.again(ctx, r, r.later.Sub(claimed)))
	}
	return alone
}
