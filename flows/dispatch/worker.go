package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hotline/flows"
)

// Outbox is where messages wait.
type Outbox interface {
	// ClaimAll hands out up to n messages of each partition that are due, and
	// tells when the next one is.
	ClaimAll(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error)
	// ClaimUrgent hands out urgent alerts alone.
	ClaimUrgent(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error)
	// Leave notes that a claimed message is about to be handed over. It returns
	// flows.ErrNotFound when the claim is over: somebody else has the message.
	Leave(ctx context.Context, m flows.Message) error
	Retry(ctx context.Context, m flows.Message) error
	Bury(ctx context.Context, m flows.Message, reason string) error
}

// Cases is what dispatch needs of the store.
type Cases interface {
	Case(ctx context.Context, id flows.CaseID) (flows.Case, error)
	Commit(ctx context.Context, ch flows.Change) (flows.Outcome, error)
}

// Phones looks up a member's phone, by its place in their list.
type Phones interface {
	Phone(member flows.MemberID, index int) (flows.Phone, bool)
}

// Worker sends the messages of an outbox; any number may share one. Set the fields before the first
// use.
type Worker struct {
	Outbox   Outbox
	Cases    Cases
	Phones   Phones
	Sender   Sender
	Now      func() time.Time
	Jitter   func() float64 // from 0 up to 1, for the waits between tries; nil: by message
	Lease    time.Duration  // how long a claim holds; 0: 30 s
	Timeout  time.Duration  // of one attempt; 0: 10 s
	Parallel int            // sends under way at once; 0: 32
	// Finders are the providers, by name, that can tell whether they have a
	// message. One that may have left by another is never sent again.
	Finders map[string]Finder
	// Turns keeps few messages under way at providers that cannot be asked; nil: any
	// number may be.
	Turns *Turns
	// Bundles makes one text of several that are not urgent; nil: none.
	Bundles *Bundles
	// Warn is told of what went wrong; the worker goes on.
	Warn func(error)
	// Done is told of every result that was recorded, if set.
	Done func(Result)

	once  sync.Once
	nudge chan struct{}
	ended chan struct{} // Run was told to end: what has not begun is given back
	slots chan struct{}
	plain chan struct{} // the slots that messages may use that are not urgent alerts
}

// longest is how long a worker ever sleeps.
const longest = 250 * time.Millisecond

// conflicts is how often a result is recorded anew because the case moved.
const conflicts = 20

func (w *Worker) prepare() {
	w.nudge, w.ended = make(chan struct{}, 1), make(chan struct{})
	slots := cmp.Or(w.Parallel, 32)
	w.slots = make(chan struct{}, slots)
	w.plain = make(chan struct{}, max(1, slots-slots/4))
}

// Nudge wakes the worker: a commit in this process has queued a message.
func (w *Worker) Nudge() {
	w.once.Do(w.prepare)
	select {
	case w.nudge <- struct{}{}:
	default:
	}
}

// Run claims and sends until ctx ends. Then it gives back what it has claimed and
// not begun, so that another process need not wait for the lease, and waits for
// what is under way. A slow provider does not hold up other messages while slots
// are free.
func (w *Worker) Run(ctx context.Context) {
	w.once.Do(w.prepare)
	var under sync.WaitGroup
	defer under.Wait()
	defer close(w.ended)
	sleep := time.NewTimer(0)
	defer sleep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sleep.C:
		case <-w.nudge:
		}
		free := cap(w.slots) - len(w.slots)
		if free == 0 {
			sleep.Reset(longest / 10)
			continue
		}
		batch, next, err := w.claim(ctx, w.Now(), free)
		w.warn(ctx, err)
		w.deliver(ctx, batch, &under)
		sleep.Reset(w.pause(len(batch), next))
	}
}

// pause is how long to sleep after a claim: not at all when there may be more.
func (w *Worker) pause(n int, next time.Time) time.Duration {
	switch {
	case n > 0:
		return 0
	case next.IsZero():
		return longest
	}
	return max(time.Millisecond, min(longest, next.Sub(w.Now())))
}

// Tick sends what is due at now and returns how many messages it claimed. It
// comes back when all of them are dealt with.
func (w *Worker) Tick(ctx context.Context, now time.Time) (int, error) {
	w.once.Do(w.prepare)
	batch, _, err := w.claim(ctx, now, cap(w.slots))
	var under sync.WaitGroup
	w.deliver(ctx, batch, &under)
	under.Wait()
	return len(batch), err
}

// claim takes up to n messages of each partition, the most pressing first, and
// tells when the next one is due.
func (w *Worker) claim(ctx context.Context, now time.Time, n int) ([]flows.Message, time.Time, error) {
	batch, next, err := w.claimed(ctx, now, n)
	slices.SortStableFunc(batch, func(a, b flows.Message) int {
		return cmp.Or(cmp.Compare(order(&a), order(&b)), a.Due.Compare(b.Due))
	})
	return batch, next, err
}

func (w *Worker) claimed(ctx context.Context, now time.Time, n int) ([]flows.Message, time.Time, error) {
	if len(w.plain) == cap(w.plain) {
		return w.Outbox.ClaimUrgent(ctx, now, w.lease(), n)
	}
	return w.Outbox.ClaimAll(ctx, now, w.lease(), n)
}

func (w *Worker) lease() time.Duration { return cmp.Or(w.Lease, 30*time.Second) }

// orders is how many ways there are to press.
const orders = 4

// order is how messages press: an urgent alert before everything else.
func order(m *flows.Message) int {
	switch {
	case m.Urgent && m.Purpose == flows.PurposeAlert:
		return 0
	case m.Purpose == flows.PurposeAlert:
		return 1
	case m.Purpose == flows.PurposeReport:
		return 2
	}
	return 3
}

// deliver starts one sender for each case of the batch. What has begun is
// finished even when the program is asked to stop: a text that left must be
// recorded.
func (w *Worker) deliver(ctx context.Context, batch []flows.Message, under *sync.WaitGroup) {
	ctx = context.WithoutCancel(ctx)
	claimed := w.Now()
	var order []flows.CaseID
	cases := map[flows.CaseID][]flows.Message{}
	for _, m := range w.bundle(ctx, batch, claimed, under) {
		if cases[m.Case] == nil {
			order = append(order, m.Case)
		}
		cases[m.Case] = append(cases[m.Case], m)
	}
	for _, id := range order {
		messages := cases[id]
		under.Go(func() { w.warn(ctx, w.deliverCase(ctx, id, messages, claimed)) })
	}
}

// deliverCase sends the messages of one case side by side, and records the
// results as they come in: those that arrive together in one commit, so that
// twenty responders do not fight over the case's version.
func (w *Worker) deliverCase(ctx context.Context, id flows.CaseID, messages []flows.Message, claimed time.Time) error {
	c, err := w.Cases.Case(ctx, id)
	if errors.Is(err, flows.ErrNotFound) {
		return w.orphans(ctx, id, messages)
	}
	if err != nil {
		return fmt.Errorf("send for case %s: %w", id, err)
	}
	results := make(chan Result, len(messages))
	go func() {
		for _, m := range messages {
			free, ok := w.slot(&m)
			if !ok {
				results <- Result{Message: m}
				continue
			}
			go func() {
				defer free()
				results <- w.send(ctx, &c, m, claimed, func(ctx context.Context) error { return w.Outbox.Leave(ctx, m) })
			}()
		}
	}()
	var errs []error
	for left := len(messages); left > 0; {
		got := []Result{<-results}
		for more := true; more && len(got) < left; {
			select {
			case r := <-results:
				got = append(got, r)
			default:
				more = false
			}
		}
		left -= len(got)
		errs = append(errs, w.keep(ctx, id, got))
		over(got...)
	}
	return errors.Join(errs...)
}

// slot waits for a free slot; there is none any more once Run was told to end. A
// quarter of them is kept for urgent alerts: a provider that hangs may hold all the
// others.
func (w *Worker) slot(m *flows.Message) (free func(), ok bool) {
	if order(m) == 0 {
		return func() { <-w.slots }, w.take(w.slots)
	}
	if !w.take(w.plain) {
		return nil, false
	}
	if !w.take(w.slots) {
		<-w.plain
		return nil, false
	}
	return func() { <-w.slots; <-w.plain }, true
}

func (w *Worker) take(slots chan struct{}) bool {
	select {
	case <-w.ended:
		return false
	default:
	}
	select {
	case slots <- struct{}{}:
		return true
	case <-w.ended:
		return false
	}
}

// send makes one attempt. A message that waited too long for a free slot is given
// back untried: its lease may end and another process may send it. What did not
// get to leave before its sender died is sent by the next as if for the first time.
func (w *Worker) send(ctx context.Context, c *flows.Case, m flows.Message, claimed time.Time, leave func(context.Context) error) Result {
	r := Result{Message: m, Delivery: flows.Undelivered}
	if w.Now().Sub(claimed) > w.lease()/2 {
		return Result{Message: m}
	}
	if obsolete(c, &m) {
		r.Reason = ReasonObsolete
		return r
	}
	if at, not := tomorrow(&m, w.Now()); not {
		return Result{Message: m, later: at}
	}
	phone, ok := w.Phones.Phone(m.To, m.Phone)
	if !ok {
		r.Reason = ReasonNoPhone
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(w.Timeout, 10*time.Second))
	defer cancel()
	if done, ok := w.look(ctx, c, &m, phone); ok {
		return done
	}
	r.Message = m
	end, ok := w.Turns.take(w.ended, &m, phone)
	if !ok {
		return Result{Message: m}
	}
	if err := leave(ctx); err != nil {
		end()
		w.warn(ctx, err)
		return Result{Message: m, gone: errors.Is(err, flows.ErrNotFound), later: w.Now().Add(longest)}
	}
	began := w.Now()
	sending, err := w.Sender.Send(ctx, m, phone)
	r.Sending, r.end = sending, end
	if err == nil {
		r.Delivery = flows.Sent
		return r
	}
	if wait, ok := errors.AsType[*Later](err); ok {
		end()
		return Result{Message: m, later: wait.Until}
	}
	r.Message.Tried = began
	return w.failed(r, sendError(err))
}

// over ends the turns of messages whose results are recorded.
func over(results ...Result) {
	for _, r := range results {
		if r.end != nil {
			r.end()
		}
	}
}

// obsolete reports whether nobody needs the alert any more.
func obsolete(c *flows.Case, m *flows.Message) bool {
	return m.Purpose == flows.PurposeAlert && c.Status != flows.StatusOpen
}

// tomorrow moves a message whose hours are over to their next beginning.
func tomorrow(m *flows.Message, now time.Time) (at time.Time, not bool) {
	if m.Until.IsZero() || now.Before(m.Until) {
		return now, false
	}
	const day = 24 * time.Hour
	days := now.Sub(m.Until) / day * day
	at = m.Next.Add(days)
	m.Until, m.Next = m.Until.Add(days+day), at.Add(day)
	return at, true
}

// failed says what follows from a failure: nothing more, if the provider may
// have accepted it; the end; or another try.
func (w *Worker) failed(r Result, e *flows.SendError) Result {
	r.Reason = e.Reason
	switch {
	case e.Unknown:
		r.Delivery = flows.Unknown
		if w.Finders[r.Sending.Provider] != nil {
			r.Message.Doubt = r.Sending.Provider
		} else if order(&r.Message) == 0 {
			r.Reason = ReasonNotKnown
		}
	case e.Temporary:
		r.Message.Attempts++
		r.Delivery = flows.Queued
		if r.Message.Attempts >= tries(&r.Message) {
			r.Delivery, r.Reason = flows.Undelivered, ReasonGivenUp
		}
	}
	return r
}

func (w *Worker) warn(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil && w.Warn != nil {
		w.Warn(err)
	}
}
