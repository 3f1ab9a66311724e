package engine_test

import (
	"testing"

	"hotline/flows"
	"hotline/flows/engine"
)

// BenchmarkStep takes one answer of the shipped report, in turn: the whole
// dialogue of six screens over and over. The verbs do nothing.
func BenchmarkStep(b *testing.B) {
	set := shipped(b)
	run := func(verb string, s *flows.Session, _ string) (string, error) {
		switch verb {
		case "find_place":
			return "found", nil
		case "finish":
			s.Vars["receipt"], s.Vars["pin"] = "4821 9037", "5512"
			return "receipt", nil
		}
		return "ok", nil
	}
	answers := []string{"2", "1", "Mai Chau", "2", "2"}
	s := &flows.Session{Channel: flows.USSD, Language: "vi"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%(len(answers)+1) == 0 {
			s.Vars = nil
			if err := set.Start(s, "report", run); err != nil {
				b.Fatal(err)
			}
			continue
		}
		if err := set.Step(s, answers[i%(len(answers)+1)-1], run); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList draws a page of a long list and picks from it.
func BenchmarkList(b *testing.B) {
	set := shipped(b)
	d := &desk{}
	s := &flows.Session{Channel: flows.USSD, Language: "vi", Vars: map[string]string{}}
	if err := set.Start(s, "report", d.run); err != nil {
		b.Fatal(err)
	}
	s.State = "place"
	run := func(string, *flows.Session, string) (string, error) {
		s.Options = make([]flows.Option, 30)
		for i := range s.Options {
			s.Options[i].Label = "Tan Lap, Moc Chau"
		}
		return "list", nil
	}
	b.ReportAllocs()
	for b.Loop() {
		s.State, s.Steps = "place", 0
		for _, a := range []string{"Tan Lap", "98", "98", "00"} {
			if err := set.Step(s, a, run); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkCheck explores all shipped flows.
func BenchmarkCheck(b *testing.B) {
	set := shipped(b)
	for b.Loop() {
		if r := set.Check(engine.Rules{}); r.Paths == 0 {
			b.Fatal("explored nothing")
		}
	}
}
