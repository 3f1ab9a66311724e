package engine_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"hotline/flows"
	"hotline/flows/engine"
)

// FuzzLoad reads any bytes as a flow file: it is refused with places in the
// file, or it can be played.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/broken/*.yaml", "../../configs/flows/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	base := beside(f, "broken.yaml", nil)
	texts, err := engine.LoadTexts(base)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := fstest.MapFS{
			"flows/schema.json": base["flows/schema.json"],
			"flows/broken.yaml": {Data: data},
		}
		set, err := engine.Load(files, texts, brokenVerbs)
		if faults, refused := errors.AsType[engine.Faults](err); refused {
			if len(faults) == 0 || !strings.HasPrefix(faults[0].String(), "flows") {
				t.Errorf("refused without a reason: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		s := &flows.Session{Channel: flows.USSD}
		run := func(string, *flows.Session, string) (string, error) { return "ok", nil }
		if err := set.Start(s, "broken", run); err != nil {
			return // another name, or a verb whose outcome is not ok
		}
		for range 3 {
			if err := set.Step(s, "1", run); err != nil && !strings.Contains(err.Error(), "leads nowhere") {
				t.Fatal(err)
			}
		}
	})
}

// FuzzStep gives a caller's bytes to the shipped flows. Two bytes choose the
// flow and what the verbs make of the day.
func FuzzStep(f *testing.F) {
	set := shipped(f)
	starts := []string{"report", "status", "advice", "responder", "resume"}
	for _, talk := range []string{
		"2*1*Mai Chau*2*2", "1", "3*48219037*551208", "4*2*1", "9*9*9", "7*8*x*7", "2*1*Tân Lập*98*98*00*1",
		"2*1*\x00\xff\U0001F469\u200d\U0001F467*٣*١", "2*1*" + strings.Repeat("a", 10000) + "*0*1",
	} {
		f.Add(uint8(0), uint8(0), talk)
		f.Add(uint8(3), uint8(7), talk)
	}
	f.Fuzz(func(t *testing.T, flow, luck uint8, talk string) {
		answers := strings.Split(talk, "*")
		turn := 0
		answer := func() string {
			turn++
			return answers[(turn-1)%len(answers)]
		}
		rolls := uint(luck)
		c := chance{
			outcome: func(n int) int { rolls = rolls*31 + 7; return int(rolls % 8191 % uint(n)) },
			word:    func() string { return answers[(turn+int(rolls%97))%len(answers)] },
		}
		s := flows.Session{Channel: []flows.Channel{flows.USSD, flows.SMS}[luck%2], Language: "vi"}
		converse(t, set, s, starts[int(flow)%len(starts)], c.run, answer)
	})
}
