package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/dispatch"
)

func TestRouterFallsBackAndComesBack(t *testing.T) {
	now := morning
	var tried []string
	down := true
	provider := func(name string) dispatch.Sender {
		return senderFunc(func(flows.Message) (flows.Sending, error) {
			tried = append(tried, name)
			if name == "first" && down {
				return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "busy"}
			}
			return flows.Sending{ID: "1"}, nil
		})
	}
	var moved []string
	r := &dispatch.Router{
		Senders: map[string]dispatch.Sender{"first": provider("first"), "second": provider("second")},
		Routes:  []dispatch.Route{{Channel: flows.SMS, Providers: []string{"first", "second"}}},
		Now:     func() time.Time { return now }, Trip: 2, Rest: 30 * time.Second,
		Moved: func(p string, away bool) {
			if away {
				p += " away"
			}
			moved = append(moved, p)
		},
	}
	send := func() string {
		s, err := r.Send(context.Background(), flows.Message{Channel: flows.SMS}, flows.Phone{})
		if err != nil {
			return err.Error()
		}
		return s.Provider
	}
	for range 3 {
		if got := send(); got != "second" {
			t.Errorf("sent by %s", got)
		}
	}
	now = now.Add(31 * time.Second)
	send() // the probe fails
	send()
	now, down = now.Add(31*time.Second), false
	if got := send(); got != "first" {
		t.Errorf("after the probe: sent by %s", got)
	}
	want := []string{"first", "second", "first", "second", "second", "first", "second", "second", "first"}
	if d := cmp.Diff(want, tried); d != "" {
		t.Errorf("tried (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"first away", "first"}, moved); d != "" {
		t.Errorf("moved (-want +got):\n%s", d)
	}
	if _, err := r.Send(context.Background(), flows.Message{Channel: flows.Voice}, flows.Phone{}); err == nil || err.Error() != "send: no_route" {
		t.Errorf("no route: %v", err)
	}
}

func TestRouterDoesNotSendTwice(t *testing.T) {
	for _, c := range []struct {
		name string
		err  *flows.SendError
		want int
	}{
		{"refused for good", &flows.SendError{Reason: "refused"}, 0},
		{"may have left", &flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"}, 0},
		{"certainly not sent", &flows.SendError{Temporary: true, Reason: "unreachable"}, 1},
	} {
		second := 0
		r := &dispatch.Router{
			Senders: map[string]dispatch.Sender{
				"a": senderFunc(func(flows.Message) (flows.Sending, error) { return flows.Sending{}, c.err }),
				"b": senderFunc(func(flows.Message) (flows.Sending, error) { second++; return flows.Sending{}, nil }),
			},
			Routes: []dispatch.Route{{Channel: flows.SMS, Providers: []string{"a", "b"}}},
			Now:    func() time.Time { return morning }, Trip: 9,
		}
		_, _ = r.Send(context.Background(), flows.Message{Channel: flows.SMS}, flows.Phone{})
		if second != c.want {
			t.Errorf("%s: the second provider was asked %d times", c.name, second)
		}
	}
}

// TestRouterKnowsWhoseTurnItIs: the provider that would get a message now.
func TestRouterKnowsWhoseTurnItIs(t *testing.T) {
	now := morning
	busy := senderFunc(func(flows.Message) (flows.Sending, error) {
		return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "busy"}
	})
	r := &dispatch.Router{
		Senders: map[string]dispatch.Sender{"mute": busy, "knows": busy},
		Routes: []dispatch.Route{
			{Channel: flows.SMS, Purpose: flows.PurposeAlert, Providers: []string{"gone", "mute", "knows"}},
			{Channel: flows.SMS, Providers: []string{"knows", "mute"}},
		},
		AtOnce: map[string]int{"mute": 1},
		Now:    func() time.Time { return now }, Trip: 1, Rest: 30 * time.Second,
	}
	turn := func(what string, p flows.Purpose, provider string, atOnce int) {
		t.Helper()
		if name, n := r.Turn(&flows.Message{Channel: flows.SMS, Purpose: p}, flows.Phone{}); name != provider || n != atOnce {
			t.Errorf("%s: %q, %d at once; want %q, %d", what, name, n, provider, atOnce)
		}
	}
	turn("an alert", flows.PurposeAlert, "mute", 1)
	turn("another", flows.PurposeNotice, "knows", 0)
	_, _ = r.Send(t.Context(), flows.Message{Channel: flows.SMS, Purpose: flows.PurposeAlert}, flows.Phone{})
	turn("while both rest", flows.PurposeAlert, "mute", 1)
	r.Senders["knows"] = senderFunc(accepted)
	now = now.Add(31 * time.Second)
	_, _ = r.Send(t.Context(), flows.Message{Channel: flows.SMS}, flows.Phone{})
	turn("while one rests", flows.PurposeAlert, "knows", 0)
}
