// Package phones is the mobile network of the demo: it takes the program's texts
// and calls as a provider would, shows them on phones in the browser, and lets
// those phones be answered or switched off. It keeps everything in memory,
// bounded, and every number in it is invented. Never wire it outside the demo.
//
// [Network] is the sender; Register adds the addresses that the phones use.
package phones

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"hotline/flows"
)

// Text is one text on a phone.
type Text struct {
	At        time.Time `json:"at"`
	From      string    `json:"from"`
	Text      string    `json:"text"`
	Direction string    `json:"direction"` // "in": to this phone
}

// Call is one call to a phone.
type Call struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Text  string    `json:"text"`  // what the voice says
	State CallState `json:"state"` // where it stands

	message flows.MessageID
}

// CallState is where a call stands.
type CallState string

// The states of a call.
const (
	Ringing  CallState = "ringing"
	Answered CallState = "answered" // the voice is speaking
	Ended    CallState = "ended"
	Declined CallState = "declined"
	Missed   CallState = "missed"
)

// State is all that a phone shows.
type State struct {
	Number string `json:"number"`
	On     bool   `json:"on"`
	Texts  []Text `json:"texts"`
	Calls  []Call `json:"calls"`
}

// Event is one change of a phone, for the page that shows it.
type Event struct {
	Number string `json:"number"`
	Kind   string `json:"kind"` // "text", "call" or "power"
	Text   *Text  `json:"text,omitempty"`
	Call   *Call  `json:"call,omitempty"`
	On     bool   `json:"on"`
}

// Options are what the network needs.
type Options struct {
	Name string // of the provider, in statuses and sendings
	From string // what texts come from, as 1111
	Now  func() time.Time
	// Report is told what became of a message, as a provider's callback would.
	Report func(context.Context, flows.Status) error
	// Key is told which key was pressed in a call and returns what the voice
	// says to it; unless that ends the call, another key may follow. Nil means
	// that calls only speak.
	Key func(ctx context.Context, number flows.Phone, m flows.MessageID, key string) (flows.Reply, error)
	// Ring is how long a call rings, in real time; 0 means 25 seconds.
	Ring time.Duration
}

// The limits of memory: the oldest go first.
const (
	maxPhones   = 500
	maxTexts    = 50
	maxCalls    = 20
	maxReports  = 1024
	maxWatchers = 64
)

// Network is the demo's mobile network.
type Network struct {
	Options
	mu       sync.Mutex
	phones   map[string]*State
	order    []string // numbers, oldest first
	count    int      // of messages, for their ids
	watchers map[chan Event]bool
	reports  chan flows.Status
	done     chan struct{} // closed when Run has ended
	ended    sync.Once
}

// New makes a network with no phones in it: a number's phone appears when it is
// first used, switched on.
func New(o Options) *Network {
	if o.Ring == 0 {
		o.Ring = 25 * time.Second
	}
	return &Network{
		Options: o, phones: map[string]*State{}, watchers: map[chan Event]bool{},
		reports: make(chan flows.Status, maxReports), done: make(chan struct{}),
	}
}

// Send takes a message for a phone. The delivery is reported later, by Run.
func (n *Network) Send(_ context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if to.IsZero() {
		return flows.Sending{}, &flows.SendError{Reason: "no_phone"}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.count++
	s := flows.Sending{Provider: n.Name, ID: "demo-" + strconv.Itoa(n.count)}
	p := n.phone(to.E164())
	switch {
	case !p.On:
		n.report(flows.Status{ID: s.ID, Message: m.ID, Delivery: flows.Undelivered, Reason: "switched_off"})
	case m.Channel == flows.Voice:
		n.ring(p, Call{ID: s.ID, At: n.Now(), Text: m.Text, State: Ringing, message: m.ID})
	default:
		t := Text{At: n.Now(), From: n.From, Text: m.Text, Direction: "in"}
		p.Texts = keep(append(p.Texts, t), maxTexts)
		n.tell(Event{Number: p.Number, Kind: "text", Text: &t, On: true})
		n.report(flows.Status{ID: s.ID, Message: m.ID, Delivery: flows.Delivered})
	}
	return s, nil
}

// ring starts a call; it ends by itself when nobody picks up. A call that rang
// out reports nothing: that nobody answers is what the ladder's clock is for.
func (n *Network) ring(p *State, c Call) {
	p.Calls = keep(append(p.Calls, c), maxCalls)
	n.tell(Event{Number: p.Number, Kind: "call", Call: &c, On: true})
	time.AfterFunc(n.Ring, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if c := p.call(c.ID); c != nil && c.State == Ringing {
			n.move(p, c, Missed)
		}
	})
}

// Press answers a call: the first key picks up, a later one is an answer to the
// voice.
func (n *Network) Press(ctx context.Context, number, id, key string) (Call, error) {
	n.mu.Lock()
	c, err := n.pickUp(number, id)
	n.mu.Unlock()
	if err != nil || key == "" || n.Key == nil || c.State != Answered {
		return c, err
	}
	to, err := flows.ParsePhone(number)
	if err != nil {
		return Call{}, err
	}
	say, err := n.Key(ctx, to, c.message, key)
	if err != nil {
		return Call{}, fmt.Errorf("key press in a call: %w", err)
	}
	c.Text = say.Text
	if !say.End {
		return c, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.phones[number]; p != nil && p.call(id) != nil {
		n.move(p, p.call(id), Ended)
	}
	c.State = Ended
	return c, nil
}

func (n *Network) pickUp(number, id string) (Call, error) {
	p := n.phones[number]
	if p == nil || p.call(id) == nil {
		return Call{}, flows.ErrNotFound
	}
	c := p.call(id)
	if c.State == Ringing {
		n.move(p, c, Answered)
		n.report(flows.Status{ID: c.ID, Message: c.message, Delivery: flows.Delivered})
	}
	return *c, nil
}

// HangUp ends a call, or declines one that still rings.
func (n *Network) HangUp(number, id string) (Call, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.phones[number]
	if p == nil || p.call(id) == nil {
		return Call{}, flows.ErrNotFound
	}
	c := p.call(id)
	switch c.State {
	case Ringing:
		n.move(p, c, Declined)
		n.report(flows.Status{ID: c.ID, Message: c.message, Delivery: flows.Undelivered, Reason: "declined"})
	case Answered:
		n.move(p, c, Ended)
	}
	return *c, nil
}

// Power switches a phone on or off. What is sent to a phone that is off is
// reported undelivered.
func (n *Network) Power(number string, on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.phone(number)
	p.On = on
	for i := range p.Calls {
		if c := &p.Calls[i]; !on && c.State == Ringing {
			n.move(p, c, Missed)
		} else if !on && c.State == Answered {
			n.move(p, c, Ended)
		}
	}
	n.tell(Event{Number: number, Kind: "power", On: on})
}

// Phone is a copy of what a phone shows.
func (n *Network) Phone(number string) State {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, ok := n.phones[number]
	if !ok {
		return State{Number: number, On: true, Texts: []Text{}, Calls: []Call{}}
	}
	s := *p
	s.Texts, s.Calls = slices.Clone(p.Texts), slices.Clone(p.Calls)
	return s
}

// phone finds a phone or puts a new one on the network, in place of the oldest
// when there are too many.
func (n *Network) phone(number string) *State {
	if p, ok := n.phones[number]; ok {
		return p
	}
	if len(n.order) >= maxPhones {
		delete(n.phones, n.order[0])
		n.order = n.order[1:]
	}
	p := &State{Number: number, On: true, Texts: []Text{}, Calls: []Call{}}
	n.phones[number], n.order = p, append(n.order, number)
	return p
}

func (s *State) call(id string) *Call {
	for i := range s.Calls {
		if s.Calls[i].ID == id {
			return &s.Calls[i]
		}
	}
	return nil
}

func (n *Network) move(p *State, c *Call, to CallState) {
	c.State = to
	seen := *c
	n.tell(Event{Number: p.Number, Kind: "call", Call: &seen, On: p.On})
}

// keep is the last of a list, in memory of its own.
func keep[T any](list []T, last int) []T {
	if len(list) <= last {
		return list
	}
	return slices.Clone(list[len(list)-last:])
}
