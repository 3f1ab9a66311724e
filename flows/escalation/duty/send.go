package duty

import (
	"context"
	"errors"
	"slices"
	"time"

	"hotline/flows"
)

// mostTries is how often a notice is tried, and pause how long between two.
const (
	mostTries = 5
	pause     = 2 * time.Minute
)

// send leases the notices that are due, sends them, and takes them off the book.
// A process that dies in between lets another one send them again.
func (c *Clerk) send(ctx context.Context, now time.Time) error {
	var mine []Notice
	err := c.update(ctx, func(b Book) (Book, error) {
		b, mine = b.clone(), nil
		for i := range b.Post {
			if n := &b.Post[i]; n.ready(now) {
				n.Leased = now
				mine = append(mine, *n)
			}
		}
		return b, nil
	})
	if err != nil {
		return err
	}
	results := make(map[int]error, len(mine))
	for _, n := range mine {
		results[n.ID] = c.sendOne(ctx, n)
	}
	err = c.update(context.WithoutCancel(ctx), func(b Book) (Book, error) { return settled(b.clone(), c.Now(), results), nil })
	for _, failed := range results {
		err = errors.Join(err, failed)
	}
	return err
}

// settled takes the results of sending over into the book.
func settled(b Book, now time.Time, results map[int]error) Book {
	b.Post = slices.DeleteFunc(b.Post, func(n Notice) bool {
		err, tried := results[n.ID]
		if !tried {
			return false
		}
		n.Tries++
		again := err != nil && temporary(err) && n.Tries < mostTries
		if !again {
			b.called(n.Code, now, err)
		}
		return !again
	})
	for i := range b.Post {
		if n := &b.Post[i]; results[n.ID] != nil {
			n.Tries++
			n.Leased, n.Due = time.Time{}, now.Add(pause)
		}
	}
	return b
}

// called notes when the text of a drill left, or why it did not.
func (b *Book) called(code flows.Ref, now time.Time, err error) {
	for i := range b.Drills {
		for j := range b.Drills[i].Calls {
			c := &b.Drills[i].Calls[j]
			switch {
			case code == "" || c.Code != code || !c.Sent.IsZero():
			case err != nil:
				c.Failed = reason(err)
			default:
				c.Sent = now
			}
		}
	}
}

func temporary(err error) bool {
	e, ok := errors.AsType[*flows.SendError](err)
	return !ok || e.Temporary
}

func reason(err error) string {
	if e, ok := errors.AsType[*flows.SendError](err); ok {
		return e.Reason
	}
	return "unreachable"
}

func (c *Clerk) sendOne(ctx context.Context, n Notice) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	m, ok := c.World().Roster.Member(n.To)
	phone, found := address(m, n.Mark)
	if !ok || !found {
		return &flows.SendError{Reason: "no_phone"}
	}
	_, err := c.Sender.Send(ctx, flows.Message{
		To: n.To, Channel: n.Channel, Purpose: flows.PurposeNotice, Level: m.Level, Language: n.Language, Text: n.Text, Ref: n.Code,
	}, phone)
	return err
}

// address is the first phone that counts, or the one that is to be proven.
func address(m flows.Member, mark string) (flows.Phone, bool) {
	if mark == "" {
		if len(m.Phones) == 0 {
			return flows.Phone{}, false
		}
		return m.Phones[0], true
	}
	for _, u := range m.Unproven {
		if PhoneMark(u.Phone) == mark {
			return u.Phone, true
		}
	}
	return flows.Phone{}, false
}

// Reply is Answer on the book in use.
func (c *Clerk) Reply(ctx context.Context, now time.Time, m flows.Member, code flows.Ref, yes bool) (text string, ok bool, err error) {
	err = c.update(ctx, func(b Book) (Book, error) {
		b, text, ok = Answer(now, b, c.scene(), m, code, yes)
		return b, nil
	})
	return text, ok, err
}

// Swap is AskSwap on the book in use.
func (c *Clerk) Swap(ctx context.Context, now time.Time, m flows.Member, words string) (text string, err error) {
	err = c.update(ctx, func(b Book) (Book, error) {
		b, text = AskSwap(now, b, c.scene(), m, words)
		return b, nil
	})
	return text, err
}

// Turns is Upcoming on the rota in use.
func (c *Clerk) Turns(_ context.Context, now time.Time, m flows.Member) (string, error) {
	return Upcoming(now, c.scene(), m), nil
}

// Prove takes a code that came back from a phone, and says what its owner is told.
func (c *Clerk) Prove(ctx context.Context, from flows.Phone, digits string) (text string, ok bool, err error) {
	m, known := c.World().Roster.Unproven(from)
	if !known {
		return "", false, nil
	}
	ok, err = c.ProveFor(ctx, m.ID, PhoneMark(from), digits)
	if err != nil || !ok {
		return "", false, err
	}
	return c.scene().text(m, "duty.proven"), true, nil
}

// ProveFor takes a code for a phone of a member, as somebody at the console types
// it; mark "" is any of their phones.
func (c *Clerk) ProveFor(ctx context.Context, id flows.MemberID, mark, digits string) (ok bool, err error) {
	err = c.update(ctx, func(b Book) (Book, error) {
		b, ok = Prove(b, id, mark, digits)
		return b, nil
	})
	return ok, err
}

// Resend lets a new code be sent to the phones of a member that do not count yet.
func (c *Clerk) Resend(ctx context.Context, id flows.MemberID) error {
	c.worked = time.Time{}
	return c.update(ctx, func(b Book) (Book, error) { return SendAgain(b, id), nil })
}

// Start asks for a drill now.
func (c *Clerk) Start(ctx context.Context, now time.Time, by flows.MemberID, places []flows.PlaceID, wait time.Duration) (d Drill, err error) {
	err = c.update(ctx, func(b Book) (Book, error) {
		var err error
		b, d, err = StartDrill(now, b, by, places, wait)
		return b, err
	})
	return d, err
}
