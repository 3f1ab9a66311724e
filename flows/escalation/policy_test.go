package escalation_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

func shippedPolicy(t testing.TB) *escalation.Policy {
	t.Helper()
	data, err := os.ReadFile("../../configs/escalation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := escalation.ParsePolicy("escalation.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShippedPolicyKeepsTheWaitsOfTheDomain(t *testing.T) {
	p := shippedPolicy(t)
	for _, c := range []struct {
		severity flows.Severity
		level    flows.Level
		want     time.Duration
	}{
		{flows.Urgent, 1, 15 * time.Minute},
		{flows.Urgent, 2, 30 * time.Minute},
		{flows.Urgent, 3, time.Hour},
		{flows.Urgent, 4, 3 * time.Hour},
		{flows.Normal, 1, 2 * time.Hour},
		{flows.Normal, 2, 8 * time.Hour},
		{flows.Normal, 3, 24 * time.Hour},
		{flows.Normal, 4, 48 * time.Hour},
		{flows.Urgent, 0, 5 * time.Minute},
		{flows.Normal, 0, 30 * time.Minute},
	} {
		if got := p.Rules[c.severity].Levels[c.level].Wait; got != c.want {
			t.Errorf("%s level %d waits %s, want %s", c.severity, c.level, got, c.want)
		}
	}
	if p.Intake != 3*time.Minute || len(p.Version) != 12 {
		t.Errorf("intake %s, version %q", p.Intake, p.Version)
	}
}

func TestParsePolicyNamesEveryFaultWithItsLine(t *testing.T) {
	data, err := os.ReadFile("../../configs/escalation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	for _, c := range []struct {
		name     string
		from, to string
		want     []string
	}{
		{"two waits that are none", "intake: 3m", "intake: soon", []string{`bad.yaml:10: intake: expected a length of time like 15m or 12h, got "soon"`}},
		{"an unknown key", "nobody: 5m", "nobdy: 5m", []string{"bad.yaml:25: "}},
		{"a channel that cannot ask", "after: 2m, channel: voice", "after: 2m, channel: ussd", []string{`expected sms or voice, got "ussd"`}},
		{"a step after the wait is over", "after: 2m, channel: voice", "after: 9m, channel: voice", []string{"after 9m is not before the wait of 5m is over"}},
		{"a commune level on the official path", "official: [0, 4, 5]", "official: [0, 2, 7]", []string{"level 2 belongs to the commune", `got "7"`}},
		{"hours for urgent", "ask: everyone", `{ask: everyone, hours: {from: "06:00", to: "22:00"}}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := escalation.ParsePolicy("bad.yaml", []byte(strings.Replace(good, c.from, c.to, 1)))
			if err == nil {
				t.Fatal("accepted")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got  %v\nwant a line with %q", err, w)
				}
			}
		})
	}
}

func TestHoursCountOnlyWhileTheyAreOpen(t *testing.T) {
	zone := mustZone(t, "Asia/Ho_Chi_Minh")
	h := escalation.Hours{From: 6 * 60, To: 22 * 60}
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name, start string
		add         time.Duration
		want        string
	}{
		{"in the middle of the day", "2026-11-23 10:00", 2 * time.Hour, "2026-11-23 12:00"},
		{"until the close", "2026-11-23 20:00", 2 * time.Hour, "2026-11-23 22:00"},
		{"over the night", "2026-11-23 21:00", 2 * time.Hour, "2026-11-24 07:00"},
		{"from the night", "2026-11-23 23:30", 2 * time.Hour, "2026-11-24 08:00"},
		{"before the opening", "2026-11-23 03:00", 2 * time.Hour, "2026-11-23 08:00"},
		{"over three days", "2026-02-27 12:00", 40 * time.Hour, "2026-03-01 20:00"},
	} {
		if got := h.Add(at(c.start), c.add, zone); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
