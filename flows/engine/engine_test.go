package engine_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/sms"
)

// verbs are the verbs of the shipped flows, as the dialogue declares them.
var verbs = []engine.VerbSpec{
	{Name: "file", Outcomes: []string{"ok"}},
	{Name: "note", Outcomes: []string{"ok"}},
	{Name: "stray", Outcomes: []string{"ok"}},
	{Name: "find_place", Outcomes: []string{"found", "confirm", "list", "none"}},
	{Name: "place_yes", Outcomes: []string{"ok"}},
	{Name: "pick_place", Outcomes: []string{"ok", "none"}},
	{Name: "no_place", Outcomes: []string{"ok"}},
	{Name: "finish", Outcomes: []string{"receipt", "nothing"}},
	{Name: "look_up", Outcomes: []string{"found", "unknown", "question"}},
	{Name: "answer", Outcomes: []string{"ok", "gone"}},
	{Name: "my_alerts", Outcomes: []string{"none", "some"}},
	{Name: "take", Outcomes: []string{"taken", "already", "refused"}},
	{Name: "decline", Outcomes: []string{"declined", "already", "refused"}},
	{Name: "my_cases", Outcomes: []string{"none", "some"}},
	{Name: "find_case", Outcomes: []string{"open", "taken", "none"}},
	{Name: "on_site", Outcomes: []string{"ok", "above", "refused"}},
	{Name: "raise", Outcomes: []string{"ok", "above", "refused"}},
	{Name: "lower", Outcomes: []string{"ok", "above", "refused"}},
	{Name: "colleagues", Outcomes: []string{"some", "none", "refused"}},
	{Name: "hand_over", Outcomes: []string{"ok", "above", "refused"}},
	{Name: "close", Outcomes: []string{"ok", "above", "refused"}},
	{Name: "near", Outcomes: []string{"found", "none", "unlisted"}},
	{Name: "as_reporter", Outcomes: []string{"ok"}},
	{Name: "resume", Outcomes: []string{"ok"}},
	{Name: "anew", Outcomes: []string{"ok"}},
}

// shipped loads the flows and texts of the repository.
func shipped(t testing.TB) *engine.Set {
	t.Helper()
	files := os.DirFS("../../configs")
	texts, err := engine.LoadPlainTexts(files, sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	set, err := engine.Load(files, texts, verbs)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// desk stands in for the dialogue: it notes the verbs that were run and answers
// as a small province would.
type desk struct{ ran []string }

func (d *desk) run(verb string, s *flows.Session, input string) (string, error) {
	d.ran = append(d.ran, strings.TrimSpace(verb+" "+input))
	switch verb {
	case "find_place":
		switch {
		case strings.EqualFold(input, "mai chau"):
			return "found", nil
		case strings.EqualFold(input, "mai chu"):
			s.Vars["place_name"] = "Mai Chau"
			return "confirm", nil
		case strings.EqualFold(input, "tan lap"):
			s.Options = []flows.Option{{Value: "1@a", Label: "Tan Lap, Moc Chau"}, {Value: "2@a", Label: "Tan Lap, Lac Son"}}
			return "list", nil
		}
		return "none", nil
	case "finish":
		if s.Vars["danger"] != "yes" && s.Vars["kind"] == "" {
			return "nothing", nil
		}
		s.Vars["receipt"], s.Vars["pin"] = "4821 9037", "551208"
		return "receipt", nil
	case "look_up":
		if s.Vars["number"] == "48219033" && s.Vars["code"] == "551208" {
			s.Vars["status"] = "Da co nguoi phu trach."
			return "found", nil
		}
		return "unknown", nil
	case "my_alerts", "my_cases":
		s.Options = []flows.Option{{Value: "K7F4", Label: "K7F4 GAP Mai Chau"}}
		return "some", nil
	case "take":
		return "taken", nil
	case "decline":
		return "declined", nil
	}
	return "ok", nil
}

// play starts a flow and gives it answers, and returns every screen.
func play(t *testing.T, set *engine.Set, d *desk, flow string, answers ...string) (*flows.Session, []string) {
	t.Helper()
	s := &flows.Session{Channel: flows.USSD, Language: "vi", Vars: map[string]string{}}
	if err := set.Start(s, flow, d.run); err != nil {
		t.Fatal(err)
	}
	screens := []string{screen(s)}
	for _, a := range answers {
		if err := set.Step(s, a, d.run); err != nil {
			t.Fatal(err)
		}
		screens = append(screens, screen(s))
	}
	return s, screens
}

func screen(s *flows.Session) string {
	prefix := "CON "
	if s.Screen.End {
		prefix = "END "
	}
	return prefix + strings.ReplaceAll(s.Screen.Text, "\n", " / ")
}

func TestReportToTheLetter(t *testing.T) {
	d := &desk{}
	s, got := play(t, shipped(t), d, "report", "2", "1", "Mai Chau", "2", "2")
	want := []string{
		"CON Co tre em dang gap nguy hiem ngay bay gio khong? / 1 Co, ngay bay gio / 2 Khong / 3 Hoi tin da bao / 4 Loi khuyen, so khan cap / 9 English",
		"CON Chuyen gi dang xay ra? / 1 Bi danh, bi thuong / 2 Xam hai tinh duc / 3 Bat lao dong, mua ban tre / 4 Bo roi, bo mac / 5 Cuoi som, tao hon / 6 Viec khac / 00 Quay lai",
		"CON O xa, phuong nao? Go ten, khong can dau. / 0 Toi khong ro / 00 Quay lai",
		"CON Tre bao nhieu tuoi? / 1 Duoi 6 tuoi / 2 6-10 tuoi / 3 11-15 tuoi / 4 16-17 tuoi / 5 Khong ro / 00 Quay lai",
		"CON Chung toi nhan tin lai cho ban duoc khong? / 1 Duoc, 8-20 gio / 2 Khong / 3 Chi sang, 7-11 gio / 4 Chi chieu, 13-17 gio / 5 Chi toi, 18-21 gio / 00 Quay lai",
		"END Da nhan. Ma 4821 9037, PIN 551208. Hay nho ma nay. Hoi tiep, goi lai so nay, bam 3. Can gap, goi 111, 113, 115.",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("screens (-got +want):\n%s", diff)
	}
	if diff := cmp.Diff(d.ran, []string{"file 2", "file VIOLENCE", "find_place Mai Chau", "file 6-10", "finish no"}); diff != "" {
		t.Errorf("verbs (-got +want):\n%s", diff)
	}
	if !s.Ended || s.Vars["age"] != "6-10" || s.Vars["contact"] != "no" || s.Vars["kind"] != "VIOLENCE" {
		t.Errorf("session at the end: ended %v, vars %v", s.Ended, s.Vars)
	}
}

func TestReport(t *testing.T) {
	tests := []struct {
		name    string
		answers []string
		last    string // how the last screen begins
		ran     string // the verbs, joined by a comma
	}{
		{"danger now is filed at once and the questions go on", []string{"1"}, "CON Chuyen gi", "file 1"},
		{"nine turns the language and keeps the question", []string{"9"}, "CON Is a child in danger", ""},
		{"nine twice comes back", []string{"9", "9"}, "CON Co tre em", ""},
		{"a slip of the thumb around the key is forgiven", []string{" 2. "}, "CON Chuyen gi", "file 2"},
		{"the words of a line count as its number", []string{"khong"}, "CON Chuyen gi", "file 2"},
		{"a near match is confirmed", []string{"2", "1", "Mai chu", "1"}, "CON Tre bao nhieu", "file 2,file VIOLENCE,find_place Mai chu,place_yes 1"},
		{"a wrong match is typed again", []string{"2", "1", "Mai chu", "2"}, "CON O xa", "file 2,file VIOLENCE,find_place Mai chu"},
		{"a list is chosen from by number", []string{"2", "1", "Tan Lap", "2"}, "CON Tre bao nhieu", "file 2,file VIOLENCE,find_place Tan Lap,pick_place 2@a"},
		{"a number beyond the list asks again", []string{"2", "1", "Tan Lap", "3"}, "CON Bam so o dau dong", "file 2,file VIOLENCE,find_place Tan Lap,stray 3"},
		{"zero is I don't know", []string{"2", "1", "0"}, "CON Tre bao nhieu", "file 2,file VIOLENCE,no_place 0"},
		{"an unknown place is asked again in simpler words", []string{"2", "1", "xyz"}, "CON Chua ro noi nao", "file 2,file VIOLENCE,find_place xyz"},
		{"an unknown place four times goes on without", []string{"2", "1", "x", "y", "z", "w"}, "CON Tre bao nhieu", "file 2,file VIOLENCE,find_place x,find_place y,find_place z,find_place w,no_place"},
		{"a wrong key asks again", []string{"7"}, "CON Bam 1 so", "stray 7"},
		{"three wrong keys still ask", []string{"7", "8", "x"}, "CON Bam 1 so", "stray 7,stray 8,stray x"},
		{"the fourth ends kindly, and nothing was filed", []string{"7", "8", "x", "7"}, "END Cam on ban da goi", "stray 7,stray 8,stray x,stray 7,finish"},
		{"four wrong keys after danger end with a receipt", []string{"1", "7", "7", "7", "7"}, "END Da nhan, dang bao", "file 1,stray 7,stray 7,stray 7,stray 7,finish"},
		{"back returns to the question before", []string{"2", "00"}, "CON Co tre em", "file 2"},
		{"a word for help leads to advice from anywhere", []string{"2", "1", "Tro  Giup"}, "CON Ban can gi", "file 2,file VIOLENCE"},
		{"and back leads to the question", []string{"2", "1", "HELP", "00"}, "CON O xa", "file 2,file VIOLENCE"},
		{"home returns to the first question", []string{"2", "1", "99"}, "CON Co tre em", "file 2,file VIOLENCE"},
		{"three asks about an earlier report", []string{"3", "4821 9033", "551208"}, "END Da co nguoi phu trach.", "look_up 551208"},
		{"a wrong PIN says no more than a wrong number", []string{"3", "48219033", "111111"}, "CON Ma hoac PIN khong dung", "look_up 111111"},
		{"four is advice, and one leads back to a report", []string{"4", "2", "1"}, "CON Co tre em", ""},
	}
	set := shipped(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &desk{}
			_, screens := play(t, set, d, "report", tt.answers...)
			if got := screens[len(screens)-1]; !strings.HasPrefix(got, tt.last) {
				t.Errorf("last screen %q, want it to begin %q", got, tt.last)
			}
			if got := strings.Join(d.ran, ","); got != tt.ran {
				t.Errorf("verbs %q, want %q", got, tt.ran)
			}
		})
	}
}

func TestNothingHappensAfterTheEnd(t *testing.T) {
	d := &desk{}
	set := shipped(t)
	s, screens := play(t, set, d, "report", "4", "2", "0", "1", "hello")
	if last := screens[len(screens)-1]; last != screens[3] || !s.Ended {
		t.Errorf("after the end the screen moved from %q to %q", screens[3], last)
	}
	if r, err := set.Screen(s); err != nil || r != s.Screen {
		t.Errorf("Screen gives %v, %v", r, err)
	}
}

func TestResumeOffersToGoOn(t *testing.T) {
	d := &desk{}
	set := shipped(t)
	for _, tt := range []struct{ name, answer, want string }{
		{"one goes on with the open question", "1", "CON O xa"},
		{"two starts anew", "2", "CON Co tre em"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// The line dropped while a list of places was on the screen: the list
			// may not be shown to whoever holds the phone now.
			s, _ := play(t, set, d, "report", "1", "1", "Tan Lap")
			if err := set.Resume(s, d.run); err != nil {
				t.Fatal(err)
			}
			if got := screen(s); got != "CON Ban muon lam gi? / 1 Tiep tuc tin dang bao / 2 Bat dau lai" {
				t.Errorf("offer is %q", got)
			}
			if err := set.Step(s, tt.answer, d.run); err != nil {
				t.Fatal(err)
			}
			if got := screen(s); !strings.HasPrefix(got, tt.want) {
				t.Errorf("after %s: %q, want %q", tt.answer, got, tt.want)
			}
		})
	}
}

func TestResponderMenu(t *testing.T) {
	d := &desk{}
	set := shipped(t)
	s, screens := play(t, set, d, "responder", "1", "1", "1")
	if got := screens[len(screens)-1]; got != "END Tin K7F4 la cua ban. Mo he thong de xem va ghi ket qua." {
		t.Errorf("last screen %q", got)
	}
	if s.Vars["ref"] != "K7F4" {
		t.Errorf("ref is %q", s.Vars["ref"])
	}
}

func TestResponderClosesACase(t *testing.T) {
	d := &desk{}
	s, screens := play(t, shipped(t), d, "responder", "2", "1", "2", "1")
	if got := screens[len(screens)-1]; got != "END Tin K7F4 da dong. Cam on." {
		t.Errorf("last screen %q", got)
	}
	if s.Vars["result"] != "safe" || d.ran[len(d.ran)-1] != "close safe" {
		t.Errorf("result %q, verbs %v", s.Vars["result"], d.ran)
	}
}

func TestManyCallersShareOneSet(t *testing.T) {
	set := shipped(t)
	var callers sync.WaitGroup
	for range 16 {
		callers.Go(func() {
			d := &desk{}
			s := &flows.Session{Channel: flows.USSD, Language: "vi", Vars: map[string]string{}}
			err := set.Start(s, "report", d.run)
			for _, a := range []string{"2", "1", "Tan Lap", "1", "2", "1"} {
				err = errors.Join(err, set.Step(s, a, d.run))
			}
			if err != nil || !s.Ended {
				t.Errorf("ended %v, %v", s.Ended, err)
			}
		})
	}
	callers.Wait()
}

func TestAVerbThatFailsStopsTheStep(t *testing.T) {
	set := shipped(t)
	s := &flows.Session{Channel: flows.USSD}
	broken := errors.New("no store")
	run := func(string, *flows.Session, string) (string, error) { return "", broken }
	if err := set.Start(s, "report", run); err != nil {
		t.Fatal(err)
	}
	if err := set.Step(s, "1", run); !errors.Is(err, broken) {
		t.Errorf("error is %v, want %v", err, broken)
	}
	if err := set.Start(s, "nowhere", run); !errors.Is(err, engine.ErrState) {
		t.Errorf("unknown flow: %v", err)
	}
	s.Flow = "gone"
	if err := set.Step(s, "1", run); !errors.Is(err, engine.ErrState) {
		t.Errorf("unknown flow of a session: %v", err)
	}
}

func TestAStateThatIsGoneBeginsAnew(t *testing.T) {
	set, d := shipped(t), &desk{}
	s, _ := play(t, set, d, "report", "2")
	s.State = "gone"
	if err := set.Step(s, "1", d.run); err != nil {
		t.Fatal(err)
	}
	if got := screen(s); !strings.HasPrefix(got, "CON Co tre em") || len(d.ran) != 1 {
		t.Errorf("the caller reads %q, verbs %v", got, d.ran)
	}
}
