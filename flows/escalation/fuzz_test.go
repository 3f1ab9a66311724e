package escalation_test

import (
	"os"
	"testing"

	"hotline/flows"
	"hotline/flows/escalation"
)

// FuzzParsePolicy holds that a policy that is accepted can be worked with.
func FuzzParsePolicy(f *testing.F) {
	data, err := os.ReadFile("../../configs/escalation.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("intake: 3m\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := escalation.ParsePolicy("fuzz.yaml", []byte(text))
		if err != nil {
			return
		}
		w := worldOf(t, directory())
		w.Policy = p
		now := noon(t)
		ch := escalation.Route(now, filed(now, 1, flows.Normal, maiChau), w)
		for range 20 {
			if len(ch.Case.Timers) == 0 {
				t.Fatal("a case without a timer")
			}
			next := flows.Timer{}
			for name, ms := range ch.Case.Timers {
				if next.Name == "" || ms < flows.Millis(next.Due) {
					next = flows.Timer{Name: name, Due: flows.Moment(ms)}
				}
			}
			ch = escalation.Fire(next.Due, ch.Case, next, w)
		}
	})
}

// FuzzParseCalendar holds that a calendar that is accepted has a next working day.
func FuzzParseCalendar(f *testing.F) {
	data, err := os.ReadFile("../../configs/calendar.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Fuzz(func(t *testing.T, text string) {
		c, err := escalation.ParseCalendar("fuzz.yaml", []byte(text))
		if err != nil {
			return
		}
		c.End(noon(t), 7, mustZone(t, "Asia/Ho_Chi_Minh"))
	})
}
