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
			s.Vars["receipt"], s.Vars["pin"] = "4821 9037", "551208"
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

// BenchmarkList draws the first page of a list of nine places, the next, and
// picks from it.
func BenchmarkList(b *testing.B) {
	set := shipped(b)
	options := make([]flows.Option, 9)
	run := func(verb string, s *flows.Session, _ string) (string, error) {
		if verb == "find_place" {
			s.Options = options
			return "list", nil
		}
		return "ok", nil
	}
	for i := range options {
		options[i] = flows.Option{Value: "04891@2025-07-01", Label: "Tan Lap, huyen Moc Chau"}
	}
	s := &flows.Session{Channel: flows.USSD, Language: "vi", Vars: map[string]string{}}
	answers := []string{"Tan Lap", "98", "7"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%len(answers) == 0 {
			b.StopTimer()
			if err := set.Start(s, "report", run); err != nil {
				b.Fatal(err)
			}
			s.State = "place"
			b.StartTimer()
		}
		if err := set.Step(s, answers[i%len(answers)], run); err != nil {
			b.Fatal(err)
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

// BenchmarkLoad reads and links all shipped flows and texts.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		shipped(b)
	}
}
