package dialog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hotline/flows"
	"hotline/flows/engine"
)

// Names of flows; see configs/flows.
const (
	flowReport    = "report"
	flowResponder = "responder"
	flowResume    = "resume"
	flowAdvice    = "advice"
)

// Flows is what a dialogue needs of the engine.
type Flows interface {
	Start(s *flows.Session, flow string, run engine.Run) error
	Step(s *flows.Session, input string, run engine.Run) error
	// Resume asks whether to go on with a call that broke off.
	Resume(s *flows.Session, run engine.Run) error
	Screen(s *flows.Session) (flows.Reply, error)
}

// Settings are the waits and sizes of a conversation.
type Settings struct {
	Code       string // the service code, as *1111#
	Partitions int    // of the store
	Language   string // of a caller who has chosen none
	Zone       *time.Location

	Patience time.Duration // longest wait for the store before the caller is sent to 111 and 113
	Keep     time.Duration // how long the session of a call lives
	KeepText time.Duration // the same of a conversation by SMS
	Remember time.Duration // how long a reply is kept for retries of its webhook
	Echo     time.Duration // the same where the gateway gives a turn no identity at all
	Silence  time.Duration // when a call that has said nothing counts as silent
	Resume   time.Duration // how long after a dropped call it can be continued

	Hangup     time.Duration // how long a dropped call that filed a case has to come back before it is routed
	IntakeText time.Duration // how long a case by SMS that is not urgent waits for the next text

	Burst  time.Duration // texts within it are parts of one
	Append time.Duration // texts within it after the last belong to the same case
	Double time.Duration // the same text within it is the same report

	Hours map[flows.Hours]Span // when a reporter may be texted unasked, by what they chose

	Loop      int           // equal replies in a row by SMS that make it a talk of two machines
	LoopSpan  time.Duration // within this time
	Waits     Waits         // what wrong receipts and PINs cost
	Conflicts int           // how often a step is decided anew
}

// Defaults are the settings that a small province can start with.
func Defaults() Settings {
	return Settings{
		Code: "*1111#", Partitions: 64, Language: "vi", Zone: time.UTC,
		Patience: 1500 * time.Millisecond, Keep: time.Hour, KeepText: 24 * time.Hour, Remember: time.Hour, Echo: 2 * time.Second,
		Silence: 5 * time.Minute, Resume: 15 * time.Minute,
		Hangup: time.Minute, IntakeText: 15 * time.Minute,
		Burst: 10 * time.Second, Append: 30 * time.Minute, Double: 24 * time.Hour,
		Hours: map[flows.Hours]Span{
			flows.ByDay:     {8 * 60, 20 * 60},
			flows.Morning:   {7 * 60, 11 * 60},
			flows.Afternoon: {13 * 60, 17 * 60},
			flows.Evening:   {18 * 60, 21 * 60},
		},
		Loop: 5, LoopSpan: 30 * time.Minute,
		Waits: DefaultWaits(), Conflicts: 8,
	}
}

// Service answers every inbound of every gateway.
type Service struct {
	Conversations Conversations
	Cases         Cases
	Keys          Keys
	Vault         Vault
	Relay         Relay // nil: no number is ever kept
	Rota          Rota  // nil: nobody is asked about duty
	Draw          Draw  // nil: receipts are drawn from Random, with fast hashes
	// Hamlet is the keyed digest of a hamlet of a place, by which cases are found
	// alike without being opened; nil: none is kept.
	Hamlet func(place flows.PlaceID, name string) string
	// Postpone is told that the reporter of a case was here again, and may answer
	// with a change that keeps longer what would soon be destroyed. nil: nothing is.
	Postpone func(now time.Time, c flows.Case) (flows.Change, bool)
	Flows    Flows
	Guide    func() Guide
	Texts    flows.Texts
	Words    Words
	Random   io.Reader // cryptographic: ids, references, receipts
	Settings Settings
	// Warn is told of faults that the caller need not know of, if set.
	Warn func(error)

	refs scarcity
}

// Handle answers one inbound. The reply is fit to be sent even when there is an
// error: it then names the numbers that answer without us.
func (s *Service) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Settings.Patience)
	defer cancel()
	c := s.call(in)
	reply, err := s.answer(ctx, c)
	if err != nil {
		return Unavailable(s.Texts, c.language()), fmt.Errorf("answer a turn by %s: %w", in.Channel, err)
	}
	return reply, nil
}

// Unavailable is what a caller reads when the hotline cannot answer: the numbers
// that do. Handlers use it when even Handle takes too long.
func Unavailable(texts flows.Texts, language string) flows.Reply {
	return flows.Reply{Text: texts.Text(language, "sms.unavailable"), End: true}
}

// answer decides and writes, and does so again while somebody else was faster.
func (s *Service) answer(ctx context.Context, c call) (flows.Reply, error) {
	var again retry
	for range s.Settings.Conflicts {
		reply, err := s.try(ctx, c, again)
		switch {
		case errors.Is(err, flows.ErrTaken):
			again.taken++
			s.refs.met()
		case errors.Is(err, flows.ErrConflict):
			again.moved = true
		default:
			return reply, err
		}
	}
	return flows.Reply{}, fmt.Errorf("%d tries: %w", s.Settings.Conflicts, flows.ErrConflict)
}

// retry is what earlier tries of a step have taught.
type retry struct {
	moved bool // the session or its case has moved: read the case anew
	taken int  // references and receipts that belonged to another case
}

// try makes one attempt at a step: load, decide, write.
func (s *Service) try(ctx context.Context, c call, again retry) (flows.Reply, error) {
	sess, reply, repeated, err := s.Conversations.Turn(ctx, c.session, c.turnID)
	if err != nil {
		return flows.Reply{}, fmt.Errorf("load the session: %w", err)
	}
	if repeated {
		return reply, nil
	}
	if again.moved && sess.Case != nil {
		fresh, err := s.Cases.Case(ctx, sess.Case.ID)
		if err != nil {
			return flows.Reply{}, fmt.Errorf("read the case again: %w", err)
		}
		sess.Case = &fresh
	}
	st := s.enter(c, sess, again.taken)
	if err := st.decide(ctx); err != nil {
		return flows.Reply{}, err
	}
	return st.write(ctx)
}
