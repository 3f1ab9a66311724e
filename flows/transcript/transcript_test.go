package transcript_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hotline/flows"
	"hotline/flows/transcript"
)

// script is a world that answers from a list.
type script struct {
	replies []flows.Reply
	heard   []string
	sent    []transcript.Sent
	cases   []flows.Case
	silent  int
	waited  time.Duration
}

func (s *script) next(heard string) (flows.Reply, error) {
	s.heard = append(s.heard, heard)
	if len(s.replies) == 0 {
		return flows.Reply{}, nil
	}
	r := s.replies[0]
	s.replies = s.replies[1:]
	return r, nil
}

func (s *script) Dial(_ context.Context, _ flows.Phone, code string) (flows.Reply, error) {
	return s.next("dial " + code)
}

func (s *script) Answer(_ context.Context, _ flows.Phone, text string) (flows.Reply, error) {
	return s.next(text)
}

func (s *script) Text(_ context.Context, _ flows.Phone, text string) (flows.Reply, error) {
	return s.next(text)
}

func (s *script) Ring(_ context.Context, who flows.MemberID) (flows.Reply, error) {
	return s.next("ring " + string(who))
}

func (s *script) Press(_ context.Context, who flows.MemberID, key string) (flows.Reply, error) {
	return s.next("press " + string(who) + " " + key)
}

func (s *script) Ask(_ context.Context, who flows.MemberID, ref flows.Ref, key string) error {
	if key == "ask.nonsense" {
		return errors.New("case: refused: no_question")
	}
	_, err := s.next("ask " + string(who) + " " + string(ref) + " " + key)
	return err
}
func (s *script) Hangup(context.Context, flows.Phone) error         { return nil }
func (s *script) Again(context.Context) (flows.Reply, error)        { return s.next("again") }
func (s *script) Undelivered(context.Context, flows.MemberID) error { return nil }
func (s *script) Cases(context.Context) ([]flows.Case, error)       { return s.cases, nil }
func (s *script) Timeline(context.Context, flows.CaseID) ([]flows.Event, error) {
	return []flows.Event{{Kind: flows.EventDeclined, Reason: "away"}}, nil
}
func (s *script) Silent(context.Context) (int, error)              { return s.silent, nil }
func (s *script) Advance(_ context.Context, d time.Duration) error { s.waited += d; return nil }
func (s *script) Sent() []transcript.Sent                          { out := s.sent; s.sent = nil; return out }

const scene = `# A title.
place Mai Châu
duty +84900000102 group-head level 2 place Mai Châu
`

func read(t *testing.T, text string) (*transcript.Story, error) {
	t.Helper()
	return transcript.Read(fstest.MapFS{"s/a.txt": {Data: []byte(text)}, "s/town.txt": {Data: []byte(scene)}}, "s/a.txt")
}

func play(t *testing.T, text string, w transcript.World) error {
	t.Helper()
	story, err := read(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return transcript.Play(context.Background(), story, w, nil)
}

func TestNamesStandForWhatIsDrawn(t *testing.T) {
	w := &script{
		replies: []flows.Reply{
			{Text: "Hello\n1 Yes\n2 No"},
			{Text: "Ma 1111 2222, PIN 333311. Bye.", End: true},
			{Text: "W7XY la cua ban."},
			{Text: "found"},
		},
		sent:  []transcript.Sent{{To: "group-head", Via: flows.SMS, Text: "GAP W7XY. Tra loi 1 W7XY."}},
		cases: []flows.Case{{Ref: "W7XY", Status: flows.StatusOpen, NoTimer: "test", Severity: flows.Urgent, Level: 2}},
	}
	err := play(t, `use town
ussd +84900000001
< CON Hello / 1 Yes / ...
> 1
< END Ma 4821 9037, PIN 551208. ...
! sms group-head: GAP K7F4. Tra loi 1 K7F4.
sms group-head: 1 k7f4
< K7F4 la cua ban.
sms +84900000001: MA 48219037 551208
< found
asks group-head K7F4 ask.still
asks group-head K7F4 ask.nonsense refused no_question
@ +15m
= case K7F4 open, urgent, level 2
= open 1
= silent 0
`, w)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.heard, "|"); got != "dial |1|1 w7xy|MA 11112222 333311|ask group-head W7XY ask.still" {
		t.Errorf("the world heard %q", got)
	}
	if w.waited != 15*time.Minute {
		t.Errorf("waited %s", w.waited)
	}
}

func TestANameThatNoLineSetsIsToldWhereItStands(t *testing.T) {
	_, err := read(t, "place Mai Chau\nold place Bao La\nmoved Bao La to Mai Cau\nduty +84900000101 an level 1 place Nowhere\n\nussd +84900000001\n")
	want := "s/a.txt:3: no line sets the place \"Mai Cau\"\ns/a.txt:4: no line sets the place \"Nowhere\""
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWhatDiffersIsSaidWithItsLine(t *testing.T) {
	one := []flows.Case{{Ref: "W7XY", Status: flows.StatusOpen, NoTimer: "test"}}
	for _, c := range []struct {
		name, story string
		world       script
		want        []string
	}{
		{
			"another screen", "ussd +84900000001\n< CON Hello\n",
			script{replies: []flows.Reply{{Text: "Bye", End: true}}},
			[]string{"a.txt:2:", "want CON Hello", "got  END Bye"},
		},
		{"a message that did not leave", "use town\n! sms group-head: GAP\n", script{}, []string{"a.txt:2:", "nothing that left"}},
		{
			"a message that was not mentioned", "use town\nussd group-head\n",
			script{sent: []transcript.Sent{{To: "group-head", Via: flows.SMS, Text: "GAP"}}},
			[]string{"at the end", "does not mention", "GAP"},
		},
		{
			"other words in a call", "use town\nring group-head\n< One\npress group-head 1\n< Two\n",
			script{replies: []flows.Reply{{Text: "One"}, {Text: "Three"}}},
			[]string{"a.txt:5:", "want Two", "got  Three"},
		},
		{"a fact", "= case K7F4 urgent, closed\n", script{cases: one}, []string{"a.txt:1:", "want urgent", "want closed, got open"}},
		{"an unknown fact", "= case K7F4 blue\n", script{cases: one}, []string{`begins with "blue"`}},
		{"no such case", "= case K7F4 open\n", script{}, []string{"there is no case K7F4"}},
		{"a count", "= open 2\n", script{cases: one}, []string{"want 2, got 1"}},
		{
			"an open case without a timer", "= open 1\n",
			script{cases: []flows.Case{{Ref: "W7XY", Status: flows.StatusOpen}}},
			[]string{"case W7XY is open and has no timer"},
		},
		{
			"a retry with other words", "ussd +84900000001\nretry\n",
			script{replies: []flows.Reply{{Text: "A"}, {Text: "B"}}},
			[]string{"a.txt:2:", "the same reply again"},
		},
		{
			"one name for two references", "ussd +84900000001\n< CON K7F4\n> 1\n< CON K7F4\n",
			script{replies: []flows.Reply{{Text: "W7XY"}, {Text: "C4C4"}}},
			[]string{"a.txt:4:"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := play(t, c.story, &c.world)
			if err == nil {
				t.Fatal("nothing was found")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got %v\nwant it to say %q", err, w)
				}
			}
		})
	}
}

func TestFaultsOfAStoryAreSaidAllAtOnce(t *testing.T) {
	_, err := read(t, `# Faulty.
use town
duty +8490 nobody level 1 place Mai Châu
duty +84900000109 someone level one place Mai Châu
duty +84900000108 other level 1 place Atlantis
moved here
dance
@ soon
! fax group-head: x
sms group-head 1
place Too Late
press group-head
`)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"a.txt:3: not an international", `a.txt:4: expected level 0 to 5, got "one"`, "a.txt:6: expected", `a.txt:7: no story line begins with "dance"`,
		"a.txt:8: expected a time like +15m", `a.txt:9: expected "! sms`, "a.txt:10: expected", `no line sets the place "Atlantis"`, `a.txt:12: expected "press WHO KEY"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q", err, want)
		}
	}
}

func TestSceneIsADirectory(t *testing.T) {
	story, err := read(t, `# A scene.
time 2026-12-31 23:00
place Mai Châu code 05200
old place Phong Phú district Tân Lạc
moved Phong Phú, Tân Lạc to Mai Châu
duty +84900000101 a level 1 place Mai Châu role duty member language en
member +84900000102 b level 2 place Mai Châu
`)
	if err != nil {
		t.Fatal(err)
	}
	d := story.Scene.Directory
	if len(d.Members) != 2 || len(d.Shifts) != 1 || len(d.Mapping) != 1 || d.Mapping[0].New != "05200@2025-07-01" {
		t.Errorf("directory %+v", d)
	}
	if m := d.Members[0]; m.Role != "duty member" || m.Language != "en" || m.Level != 1 {
		t.Errorf("member %+v", m)
	}
	if got := story.Scene.Begin.UTC().Format("2006-01-02 15:04"); got != "2026-12-31 16:00" {
		t.Errorf("begins %s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(scene)
	f.Add("ussd +84900000001\n< CON K7F4 4821 9037 PIN 551208\n= case K7F4 open\n@ +1d\n! sms x: ...\n")
	f.Fuzz(func(_ *testing.T, text string) {
		story, err := transcript.Read(fstest.MapFS{"a.txt": {Data: []byte(text)}}, "a.txt")
		if err != nil {
			return
		}
		_ = transcript.Play(context.Background(), story, &script{}, nil)
	})
}
