package access

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
)

// Request is something that needs two people: one asks, another one agrees, and
// the first does it once.
type Request struct {
	ID     string         `json:"id"`
	Verb   Verb           `json:"verb"`
	Case   flows.CaseID   `json:"case"`
	Ref    flows.Ref      `json:"ref"`
	Reason string         `json:"reason"` // in the words of whoever asks
	By     flows.MemberID `json:"by"`
	At     time.Time      `json:"at"`
	Second flows.MemberID `json:"second,omitempty"` // who agreed or refused
	Agreed time.Time      `json:"agreed,omitzero"`
	Denied time.Time      `json:"denied,omitzero"`
	Used   time.Time      `json:"used,omitzero"`

	version int64
}

// requestLife is how long a request may be agreed to and used.
const requestLife = 24 * time.Hour

// Ends is when a request can no longer be agreed to or used.
func (r Request) Ends() time.Time { return r.At.Add(requestLife) }

// State is what has become of a request: open, agreed, denied, used or over.
func (r Request) State(now time.Time) string {
	switch {
	case !r.Used.IsZero():
		return "used"
	case !r.Denied.IsZero():
		return "denied"
	case now.Sub(r.At) >= requestLife:
		return "over"
	case !r.Agreed.IsZero():
		return "agreed"
	}
	return "open"
}

// Approval proves that two people want something done to a case, now and once.
// Only [Pairs.Use] makes one, so that whatever takes it cannot be called without.
type Approval struct{ request Request }

// Covers reports whether the approval is for a verb.
func (a Approval) Covers(v Verb) bool { return a.request.Verb == v && !a.request.Used.IsZero() }

// Request is what was agreed to.
func (a Approval) Request() Request { return a.request }

// Papers is where requests lie: documents that are replaced by version.
type Papers interface {
	Paper(ctx context.Context, name string) (body []byte, version int64, err error)
	SavePaper(ctx context.Context, name string, from int64, body []byte) error
	Papers(ctx context.Context, prefix string) ([]string, error)
}

// Pairs keeps the requests. Each step is written down before it is taken.
type Pairs struct {
	Papers Papers
	Guard  *Guard
	Now    func() time.Time
}

const paperRequest = "request:"

// The refusals of a request. They are words that have a text in every language.
var (
	ErrReason  = errors.New("no_reason")
	ErrOwn     = errors.New("own_request")
	ErrNotOpen = errors.New("not_open")
	errNotTwo  = errors.New("this needs no second person")
)

// reasonLimit is how long a reason may be, in bytes.
const reasonLimit = 500

// Ask writes a request of the person behind ctx.
func (p *Pairs) Ask(ctx context.Context, v Verb, c *flows.Case, reason string) (Request, error) {
	if !v.TwoPeople() {
		return Request{}, errNotTwo
	}
	if err := p.Guard.MayCase(ctx, v, c); err != nil {
		return Request{}, err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > reasonLimit {
		return Request{}, ErrReason
	}
	r := Request{ID: strings.ToLower(rand.Text())[:12], Verb: v, Case: c.ID, Ref: c.Ref, Reason: flows.MaskNumbers(reason), By: From(ctx).ID(), At: p.Now()}
	return r, p.save(ctx, r, string(v)+" asked", r.Reason, "")
}

// Decide agrees to a request of another person, or refuses it. The reader must be
// allowed to agree for this very case, now.
func (p *Pairs) Decide(ctx context.Context, id string, agree bool) (Request, error) {
	r, c, err := p.open(ctx, id)
	if err != nil {
		return r, err
	}
	me := From(ctx).ID()
	switch {
	case r.By == me:
		return r, ErrOwn
	case r.State(p.Now()) != "open":
		return r, ErrNotOpen
	}
	if err := p.Guard.MayCase(ctx, Agree, &c); err != nil {
		return r, err
	}
	r.Second = me
	if what := string(r.Verb) + " agreed"; agree {
		r.Agreed = p.Now()
		return r, p.save(ctx, r, what, r.Reason, r.By)
	}
	r.Denied = p.Now()
	return r, p.save(ctx, r, string(r.Verb)+" refused", r.Reason, r.By)
}

// Use takes the approval of a request of one's own. It can be taken once.
func (p *Pairs) Use(ctx context.Context, id string) (Approval, error) {
	r, c, err := p.open(ctx, id)
	if err != nil {
		return Approval{}, err
	}
	if r.By != From(ctx).ID() || r.State(p.Now()) != "agreed" {
		return Approval{}, ErrNotOpen
	}
	if err := p.Guard.MayCase(ctx, r.Verb, &c); err != nil {
		return Approval{}, err
	}
	r.Used = p.Now()
	if err := p.save(ctx, r, string(r.Verb)+" used", r.Reason, r.Second); err != nil {
		return Approval{}, err
	}
	return Approval{r}, nil
}

// open reads a request with its case, as far as the person behind ctx may see it.
func (p *Pairs) open(ctx context.Context, id string) (Request, flows.Case, error) {
	r, err := p.read(ctx, paperRequest+id)
	if err != nil {
		return r, flows.Case{}, err
	}
	c, err := p.Guard.Case(ctx, r.Case)
	return r, c, err
}

func (p *Pairs) read(ctx context.Context, name string) (Request, error) {
	var r Request
	body, version, err := p.Papers.Paper(ctx, name)
	if err == nil && version == 0 {
		err = flows.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil {
		return r, fmt.Errorf("read a request: %w", err)
	}
	r.version = version
	return r, nil
}

func (p *Pairs) save(ctx context.Context, r Request, what, why string, other flows.MemberID) error {
	err := p.Guard.Journal.Audit(ctx, flows.Deed{
		Case: r.Case, Who: From(ctx).ID(), Kind: flows.DeedRequest, What: what, Why: why, From: Mark(ctx), Second: other,
	})
	if err != nil {
		return fmt.Errorf("write the request down: %w", err)
	}
	body, err := json.Marshal(r)
	if err == nil {
		err = p.Papers.SavePaper(ctx, paperRequest+r.ID, r.version, body)
	}
	if errors.Is(err, flows.ErrConflict) {
		return ErrNotOpen // somebody else was faster
	}
	if err != nil {
		return fmt.Errorf("save a request: %w", err)
	}
	return nil
}

// List are the requests of the last days that the person behind ctx made or may
// agree to, the latest first.
func (p *Pairs) List(ctx context.Context) ([]Request, error) {
	names, err := p.Papers.Papers(ctx, paperRequest)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	w, now := From(ctx), p.Now()
	var list []Request
	for _, name := range names {
		r, err := p.read(ctx, name)
		if err != nil {
			return nil, err
		}
		if now.Sub(r.At) > 7*requestLife {
			continue
		}
		c, err := p.Guard.Store.Case(ctx, r.Case)
		if errors.Is(err, flows.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if t := p.Guard.Places().OfCase(&c); r.By == w.ID() && Allowed(w, See, t).OK || Allowed(w, Agree, t).OK {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b Request) int { return b.At.Compare(a.At) })
	return list, nil
}
