package engine_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hotline/flows"
	"hotline/flows/engine"
)

// most is the number of answers after which any conversation is over: the limit
// that flows have unless they say otherwise, and the answer that meets it.
const most = 61

// chance is what a verb does when nobody knows: any outcome, any list, any words.
type chance struct {
	outcome func(n int) int
	word    func() string
}

func (c chance) run(verb string, s *flows.Session, _ string) (string, error) {
	i := slices.IndexFunc(verbs, func(v engine.VerbSpec) bool { return v.Name == verb })
	outcomes := verbs[i].Outcomes
	if s.Vars == nil {
		s.Vars = map[string]string{}
	}
	for _, name := range []string{"place_name", "receipt", "pin", "status", "ref", "who", "at"} {
		s.Vars[name] = c.word()
	}
	s.Options = nil
	for range c.outcome(40) {
		s.Options = append(s.Options, flows.Option{Value: c.word(), Label: c.word()})
	}
	return outcomes[c.outcome(len(outcomes))], nil
}

// converse holds a conversation and checks what must always be true of it. The
// session is written out and read back before every answer.
func converse(t interface {
	Fatalf(format string, args ...any)
}, set *engine.Set, s flows.Session, flow string, run engine.Run, answer func() string,
) {
	if err := set.Start(&s, flow, run); err != nil {
		t.Fatalf("start %s: %v", flow, err)
	}
	for n := 0; ; n++ {
		if s.Screen.Text == "" || s.Screen.End != s.Ended {
			t.Fatalf("screen %+v of a session that has ended: %v", s.Screen, s.Ended)
		}
		if units, fits := engine.Measured(s.Screen.Text); !fits {
			t.Fatalf("%d characters at %s/%s: %q", units, s.Flow, s.State, s.Screen.Text)
		}
		if s.Ended {
			return
		}
		if n > most {
			t.Fatalf("not over after %d answers, at %s/%s", n, s.Flow, s.State)
		}
		saved, err := json.Marshal(s)
		if err != nil {
			t.Fatalf("save: %v", err)
		}
		s = flows.Session{}
		if err := json.Unmarshal(saved, &s); err != nil {
			t.Fatalf("load: %v", err)
		}
		said := s.Screen
		if again, err := set.Screen(&s); err != nil || again != said {
			t.Fatalf("Screen gives %q, %v after %q", again.Text, err, said.Text)
		}
		if err := set.Step(&s, answer(), run); err != nil {
			t.Fatalf("step at %s/%s: %v", s.Flow, s.State, err)
		}
	}
}

func TestEveryConversationEndsAndFits(t *testing.T) {
	set := shipped(t)
	starts := []string{"report", "status", "advice", "responder", "resume"}
	keys := []string{"0", "1", "2", "3", "4", "5", "6", "9", "00", "98", "99", "48219033", "Mai Chau", "", "xx"}
	rapid.Check(t, func(t *rapid.T) {
		c := chance{
			outcome: func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "outcome") },
			word:    func() string { return rapid.OneOf(rapid.StringN(0, 60, -1), rapid.SampledFrom(keys)).Draw(t, "word") },
		}
		s := flows.Session{
			Channel:  rapid.SampledFrom([]flows.Channel{flows.USSD, flows.SMS}).Draw(t, "channel"),
			Language: rapid.SampledFrom([]string{"vi", "en", "", "fr"}).Draw(t, "language"),
		}
		answer := func() string {
			return rapid.OneOf(rapid.SampledFrom(keys), rapid.String()).Draw(t, "answer")
		}
		converse(t, set, s, rapid.SampledFrom(starts).Draw(t, "flow"), c.run, answer)
	})
}
