package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/dispatch"
)

func TestSupervisorsAreToldByTheSecondProviderAndNotTooOften(t *testing.T) {
	var heard []string
	down := false
	provider := func(name string, broken *bool) dispatch.Sender {
		return senderFunc(func(m flows.Message) (flows.Sending, error) {
			if broken != nil && *broken {
				return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "unreachable"}
			}
			heard = append(heard, name+" "+string(m.To)+" "+m.Text)
			return flows.Sending{}, nil
		})
	}
	all := true
	a := &dispatch.Alarm{
		Senders: []dispatch.Sender{provider("second", &down), provider("first", &all)},
		Phones:  phones{},
		Supervisors: func(time.Time) []flows.Member {
			return []flows.Member{{ID: "desk", Language: "vi"}, {ID: "ghost", Language: "vi"}}
		},
		Text: func(language, reason string) string { return language + " " + reason },
	}
	ctx := context.Background()
	n, err := a.Raise(ctx, morning, "timer_overdue")
	if n != 1 || err == nil {
		t.Errorf("reached %d, %v; the member without a phone is not mentioned", n, err)
	}
	_, _ = a.Raise(ctx, morning.Add(29*time.Minute), "timer_overdue")
	_, _ = a.Raise(ctx, morning.Add(time.Minute), "no_timer")
	_, _ = a.Raise(ctx, morning.Add(30*time.Minute), "timer_overdue")
	down = true
	if n, _ := a.Raise(ctx, morning.Add(2*time.Hour), "timer_overdue"); n != 0 {
		t.Errorf("reached %d without a provider", n)
	}
	all = false
	_, _ = a.Raise(ctx, morning.Add(2*time.Hour+time.Second), "timer_overdue")
	want := []string{
		"second desk vi timer_overdue", "second desk vi no_timer", "second desk vi timer_overdue", "first desk vi timer_overdue",
	}
	if d := cmp.Diff(want, heard); d != "" {
		t.Errorf("heard (-want +got):\n%s", d)
	}
}
