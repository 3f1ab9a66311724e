package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"hotline/flows"
	"hotline/flows/dialog"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
)

// op is one call that leaves an actor.
type op struct {
	name   string
	writes bool // in Redis
	// waits reports whether the store waits for a replica before it gives the
	// answer; nil: never.
	waits func(value any) bool
	sends *flows.Message
	do    func(ctx context.Context, s *server) (any, error)
}

// answer is what an actor was told, and when.
type answer struct {
	at    time.Time
	value any
	err   error
}

// errLost is the answer that never came; errStop ends a run that is ahead of its
// answers. Neither is flows.ErrUnavailable, for which workers would wait in real
// time.
var (
	errLost = errors.New("the answer was lost")
	errStop = errors.New("it has come as far as it is known")
	// errTurned is what a hotline says that is choosy.
	errTurned = errors.New("we do not take that")
)

// port is all that an actor sees of the world. It plays the answers back and
// notes the first call beyond them.
type port struct {
	mu      sync.Mutex
	begun   time.Time
	answers []answer
	used    int
	next    *op
	broken  mutation
	random  *dice
}

func ask[T any](p *port, o op) (T, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var none T
	if p.used == len(p.answers) {
		if p.next == nil {
			p.next = &o
		}
		return none, errStop
	}
	a := p.answers[p.used]
	p.used++
	v, _ := a.value.(T)
	return v, a.err
}

func (p *port) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used == 0 {
		return p.begun
	}
	return p.answers[p.used-1].at
}

type loaded struct {
	Session  flows.Session
	Reply    flows.Reply
	Repeated bool
}

// Turn and the methods below are the store as the real code knows it.
func (p *port) Turn(_ context.Context, id flows.SessionID, turn string) (flows.Session, flows.Reply, bool, error) {
	l, err := ask[loaded](p, op{name: "load the conversation", waits: repeats(p), do: func(ctx context.Context, s *server) (any, error) {
		session, reply, repeated, err := s.store.Turn(ctx, id, turn)
		return loaded{session, reply, repeated}, err
	}})
	if l.Session.Case != nil { // the actor may change it
		c := l.Session.Case.Clone()
		l.Session.Case = &c
	}
	return l.Session, l.Reply, l.Repeated, err
}

// repeats is for a reply that was given before: it is as good as a commit.
func repeats(p *port) func(any) bool {
	if p.broken.forgetful {
		return nil
	}
	return func(v any) bool { l, _ := v.(loaded); return l.Repeated }
}

func (p *port) SaveTurn(_ context.Context, now time.Time, t flows.Turn) (flows.Outcome, error) {
	return ask[flows.Outcome](p, op{name: "save the turn", writes: true, do: func(ctx context.Context, s *server) (any, error) {
		return s.store.SaveTurn(ctx, now, t)
	}})
}

func (p *port) Case(_ context.Context, id flows.CaseID) (flows.Case, error) {
	c, err := ask[flows.Case](p, op{name: "read the case", do: func(ctx context.Context, s *server) (any, error) { return s.store.Case(ctx, id) }})
	return c.Clone(), err
}

func (p *port) CaseByRef(_ context.Context, ref flows.Ref) (flows.Case, error) {
	c, err := ask[flows.Case](p, op{name: "find the case", do: func(ctx context.Context, s *server) (any, error) { return s.store.CaseByRef(ctx, ref) }})
	return c.Clone(), err
}

func (p *port) CaseByReceipt(context.Context, string, string) (flows.Case, error) {
	return flows.Case{}, flows.ErrNotFound
}

func (p *port) Concerning(context.Context, flows.MemberID) ([]flows.Case, error) { return nil, nil }

func (p *port) Commit(_ context.Context, ch flows.Change) (flows.Outcome, error) {
	if p.broken.unsettled {
		ch.Settle = nil
	}
	if p.broken.unnamed {
		ch.CommandID = ""
	}
	p.broken.write(&ch)
	if p.broken.choosy && ch.Case.Place == "" {
		return flows.Outcome{}, errTurned
	}
	if p.broken.unarmed && len(ch.Send) > 0 && ch.From > 0 {
		ch.Case.Timers = flows.Timers{}
	}
	told := func(any) bool { return ch.Turn != nil || ch.Case.Status == flows.StatusTaken }
	if p.broken.impatient {
		told = nil
	}
	return ask[flows.Outcome](p, op{name: fmt.Sprintf("commit version %d", ch.From+1), writes: true, waits: told, do: func(ctx context.Context, s *server) (any, error) {
		return s.store.Commit(ctx, ch)
	}})
}

func (p *port) Due(_ context.Context, partition int, now time.Time, n int) ([]flows.DueCase, error) {
	return ask[[]flows.DueCase](p, op{name: "read due timers", writes: p.broken.takesTimers, do: func(ctx context.Context, s *server) (any, error) {
		due, err := s.store.Due(ctx, partition, now, n)
		for _, d := range due {
			if p.broken.takesTimers {
				_, _ = s.mini.ZRem("hl:{p00}:timers", string(d.Case))
			}
		}
		return due, err
	}})
}

func (p *port) ClaimAll(_ context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	messages, err := ask[[]flows.Message](p, op{name: "claim messages", writes: true, do: func(ctx context.Context, s *server) (any, error) {
		messages, _, err := s.store.ClaimAll(ctx, now, lease, n)
		return messages, err
	}})
	return messages, time.Time{}, err
}

func (p *port) ClaimUrgent(ctx context.Context, now time.Time, lease time.Duration, n int) ([]flows.Message, time.Time, error) {
	return p.ClaimAll(ctx, now, lease, n)
}

func (p *port) Leave(_ context.Context, m flows.Message) error {
	_, err := ask[any](p, op{name: "note that the message leaves", writes: true, do: func(ctx context.Context, s *server) (any, error) { return nil, s.store.Leave(ctx, m) }})
	return err
}

func (p *port) Retry(_ context.Context, m flows.Message) error {
	_, err := ask[any](p, op{name: "put the message back", writes: true, do: func(ctx context.Context, s *server) (any, error) { return nil, s.store.Retry(ctx, m) }})
	return err
}

func (p *port) Bury(_ context.Context, m flows.Message, reason string) error {
	_, err := ask[any](p, op{name: "give the message up", writes: true, do: func(ctx context.Context, s *server) (any, error) { return nil, s.store.Bury(ctx, m, reason) }})
	return err
}

func (p *port) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	_, err := ask[any](p, op{name: "hand to the provider", sends: &m})
	return flows.Sending{Provider: "fake", ID: "S" + string(m.ID)}, err
}

// program is the code of an actor. It returns what a person is told by it, as
// "filed …" or "taken …", or nothing.
type program func(ctx context.Context, p *port) (string, error)

// texts delivers one text of a reporter, as a gateway does.
func texts(phone string) program { return says(phone, fromMaiChau) }

// says delivers other words.
func says(phone, words string) program {
	return func(ctx context.Context, p *port) (string, error) {
		s := service(p)
		from, err := flows.ParsePhone(phone)
		if err != nil {
			return "", err
		}
		reply, err := s.Handle(ctx, flows.Inbound{
			Provider: "fake", Channel: flows.SMS, Signal: flows.Input, From: from, To: "1111", ID: "text " + phone,
			Text: words, At: p.now(),
		})
		if errors.Is(err, errTurned) {
			return "turned away", nil
		}
		if err != nil {
			return "", err
		}
		return "filed by " + phone + ": " + reply.Text, nil
	}
}

// climbs is one tick of the worker that fires timers.
func climbs(ctx context.Context, p *port) (string, error) {
	w := &escalation.Worker{Timers: p, Cases: p, World: func() escalation.World { return town().World }, Now: p.now, Partitions: []int{0}, Parallel: 1}
	_, err := w.Tick(ctx, p.now().Add(p.broken.early))
	return "", err
}

// sends is one tick of the worker that sends messages.
func sends(ctx context.Context, p *port) (string, error) {
	var warned error
	w := &dispatch.Worker{
		Outbox: p, Cases: p, Phones: town().World.Roster, Sender: p, Now: p.now, Lease: lease, Parallel: 1,
		Warn: func(err error) { warned = err },
	}
	_, err := w.Tick(ctx, p.now())
	return "", errors.Join(err, warned)
}

// takes is a member who answers an alert.
func takes(member flows.MemberID) program {
	return func(ctx context.Context, p *port) (string, error) {
		s := &escalation.Service{Store: p, World: func() escalation.World { return town().World }, Now: p.now}
		_, err := s.Take(ctx, member, filed().Case.ID, flows.SMS)
		if _, refused := errors.AsType[*escalation.Refused](err); refused {
			return "refused to " + string(member), nil
		}
		if err != nil {
			return "", err
		}
		return "taken by " + string(member), nil
	}
}

// service is the conversation of every phone, on the port.
func service(p *port) *dialog.Service {
	t := town()
	settings := dialog.Defaults()
	settings.Partitions, settings.Zone, settings.Patience = 1, t.World.Roster.Zone(), time.Minute
	return &dialog.Service{
		Conversations: p, Cases: p, Keys: plain{p.broken.bare}, Vault: plain{p.broken.unsealed}, Flows: t.set, Guide: func() dialog.Guide { return t.Guide },
		Texts: t.World.Texts, Words: t.words, Random: p.random, Settings: settings,
	}
}

// dice draw the same for the same actor and its same draw. With shared, all but
// the first draw, which is the case id, are the same for all actors, so that
// references collide.
type dice struct {
	seed, n uint64
	shared  bool
}

func (d *dice) Read(b []byte) (int, error) {
	seed := d.seed
	if d.shared && d.n > 0 {
		seed = 0
	}
	r := rand.New(rand.NewPCG(seed, d.n)) //nolint:gosec // a test
	d.n++
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return len(b), nil
}

// shown is a value in a form in which equal ones are equal.
func shown(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%#v", v)
	}
	return string(b)
}
