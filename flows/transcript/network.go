package transcript

import (
	"context"
	"fmt"

	"hotline/flows"
)

// carrier is the provider of all messages on a stage.
const carrier = "twilio"

// ring is a call to a member, and the phone that it rings.
type ring struct {
	message flows.Message
	phone   flows.Phone
}

// Send is the network of the stage: every message leaves at once.
func (s *Stage) Send(_ context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sends == nil {
		s.sends, s.rings = map[flows.MemberID]flows.MessageID{}, map[flows.MemberID]ring{}
	}
	who := m.To
	if _, reporter := who.Reporter(); reporter {
		who = flows.MemberID(to.E164()) // a story knows a reporter by the phone alone
	}
	s.sent = append(s.sent, Sent{To: who, Via: m.Channel, Text: m.Text, At: now})
	s.sends[who] = m.ID
	if m.Channel == flows.Voice {
		s.rings[who] = ring{m, to}
	}
	return flows.Sending{Provider: carrier, ID: sid(m.ID)}, nil
}

// sid is the carrier's id of a message.
func sid(id flows.MessageID) string { return "S" + string(id) }

// Sent takes the messages that left since it was last asked.
func (s *Stage) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.sent
	s.sent = nil
	return sent
}

// Undelivered is the carrier's word on the last message to a member.
func (s *Stage) Undelivered(ctx context.Context, who flows.MemberID) error {
	s.mu.Lock()
	id, ok := s.sends[who]
	s.mu.Unlock()
	if !ok {
		return fmt.Errorf("nothing was sent to %s", who)
	}
	return s.status(ctx, flows.Status{ID: sid(id), Delivery: flows.Undelivered, Reason: "unreachable"})
}

func (s *Stage) status(ctx context.Context, st flows.Status) error {
	st.Provider, st.At = carrier, s.Now()
	if err := s.Hotline.Status(ctx, st); err != nil {
		return err
	}
	return s.Work(ctx)
}

// Ring lets a member pick up the last call to them. Nothing is decided by it: the
// carrier's word that the call was heard comes when it ends.
func (s *Stage) Ring(_ context.Context, who flows.MemberID) (flows.Reply, error) {
	r, err := s.calling(who)
	return flows.Reply{Text: r.message.Text, End: true}, err
}

// Press is a key in that call, as it comes from the carrier: 1 to 4 become the
// words of the hotline, and any other key hears the call again.
func (s *Stage) Press(ctx context.Context, who flows.MemberID, key string) (flows.Reply, error) {
	r, err := s.calling(who)
	if err != nil {
		return flows.Reply{}, err
	}
	word, ok := map[string]string{"1": "1 ", "2": "0 ", "3": "3 ", "4": "4 "}[key]
	if !ok {
		return s.Ring(ctx, who)
	}
	reply, err := s.Hotline.Handle(ctx, flows.Inbound{
		Provider: carrier, Channel: flows.Voice, Signal: flows.Input, From: r.phone, To: s.Short,
		ID: string(r.message.ID) + "/" + key, Text: word + string(r.message.Ref), At: s.Now(),
	})
	if err != nil {
		return reply, err
	}
	id := r.message.ID
	return reply, s.status(ctx, flows.Status{ID: sid(id), Message: id, Delivery: flows.Delivered})
}

func (s *Stage) calling(who flows.MemberID) (ring, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rings[who]
	if !ok {
		return r, fmt.Errorf("%s was not called", who)
	}
	return r, nil
}
