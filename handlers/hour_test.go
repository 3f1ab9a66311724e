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
	send := func(provider string, took time.Duration, err error) {
		_, _ = m.Measure(provider, slow{&now, took, err}, func() time.Time { return now }).Send(t.Context(), flows.Message{Channel: flows.SMS}, flows.Phone{})
	}
	send("twilio", 5*time.Second, nil) // more than an hour ago, in the end
	now = now.Add(30 * time.Minute)
	for range 3 {
		send("twilio", 100*time.Millisecond, nil)
	}
	send("twilio", 10*time.Second, &flows.SendError{Reason: "timeout"})
	send("kannel", time.Millisecond, &flows.SendError{Reason: "busy"})
	now = now.Add(31 * time.Minute)
	got := m.LastHour(now)
	if len(got) != 2 || got[1].Median < 75*time.Millisecond || got[1].Median > 125*time.Millisecond {
		t.Fatalf("got %+v", got)
	}
	got[0].Median, got[1].Median = 0, 0
	want := []flows.Traffic{
		{Provider: "kannel", Failed: map[string]int{"busy": 1}},
		{Provider: "twilio", Sent: 3, Failed: map[string]int{"timeout": 1}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the last hour (-want +got):\n%s", d)
	}
	if got := m.LastHour(now.Add(time.Hour)); got[1].Sent != 0 || got[1].Median != 0 {
		t.Errorf("an hour later: %+v", got)
	}
}
