package handlers_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
)

// slow takes its time on the test's clock.
type slow struct {
	now  *time.Time
	took time.Duration
	err  error
}

func (s slow) Send(context.Context, flows.Message, flows.Phone) (flows.Sending, error) {
	*s.now = s.now.Add(s.took)
	return flows.Sending{}, s.err
}

func TestTheLastHourOfEachProvider(t *testing.T) {
	now := handlertest.Now
	m := handlers.NewMetrics()
	bill := func(_ string, m flows.Message, _ flows.Phone) (string, int, int64) {
		return "GSM-7", len(m.Text), 250_000
	}
	send := func(provider string, took time.Duration, err error) {
		_, _ = m.Measure(provider, slow{&now, took, err}, func() time.Time { return now }, bill).Send(t.Context(), flows.Message{Channel: flows.SMS, Text: "xx"}, flows.Phone{})
	}
	send("twilio", 5*time.Second, nil) // more than an hour ago, in the end
	now = now.Add(30 * time.Minute)
	for range 3 {
		send("twilio", 100*time.Millisecond, nil)
	}
	send("twilio", 10*time.Second, &flows.SendError{Reason: "timeout"})
	send("twilio", 10*time.Second, &flows.SendError{Reason: "timeout", Unknown: true})
	send("kannel", time.Millisecond, &flows.SendError{Reason: "busy"})
	for _, d := range []flows.Delivery{flows.Delivered, flows.Undelivered, flows.Sent} {
		m.Delivered(flows.Status{Provider: "twilio", Delivery: d}, now)
	}
	now = now.Add(31 * time.Minute)
	got := m.LastHour(now)
	if len(got) != 2 || got[1].Median < 75*time.Millisecond || got[1].Median > 125*time.Millisecond {
		t.Fatalf("got %+v", got)
	}
	if got[1].Slow < 7*time.Second || got[1].Slow > 13*time.Second {
		t.Errorf("the slowest in twenty took %s", got[1].Slow)
	}
	for i := range got {
		got[i].Median, got[i].Slow = 0, 0
	}
	none := map[string]int{}
	want := []flows.Traffic{
		{Provider: "kannel", Failed: map[string]int{"busy": 1}, Segments: none, Strangers: none},
		{
			Provider: "twilio", Sent: 3, Failed: map[string]int{"timeout": 1}, Unknown: 1, Delivered: 1, Undelivered: 1,
			Segments: map[string]int{"GSM-7": 8}, Cost: 1_000_000, Strangers: none,
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the last hour (-want +got):\n%s", d)
	}
	if got := m.LastHour(now.Add(time.Hour)); got[1].Sent != 0 || got[1].Median != 0 {
		t.Errorf("an hour later: %+v", got)
	}
}
