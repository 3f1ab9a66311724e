package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// A case about an official, and one that a member is party to, exist nowhere for
// those who must not know of them. There are two cases: K7F4, which the commune
// may see, and H9MA, which is hidden from the readers named.
func TestAHiddenCaseIsNowhere(t *testing.T) {
	for _, c := range []struct {
		name   string
		hide   func(*office)
		from   []flows.MemberID
		seenBy []flows.MemberID
	}{
		{
			"the reporter said that the person is an official",
			func(o *office) { o.file(sister, "H9MA", func(k *flows.Case) { k.AgainstOfficial = true }) },
			[]flows.MemberID{"duty1", "duty2", "head", "tan1"},
			[]flows.MemberID{"desk"},
		},
		{
			"a head marked it so, later",
			func(o *office) {
				o.file(sister, "H9MA", func(*flows.Case) {})
				if _, to := o.be("head").post("/cases/H9MA/official"); !strings.Contains(to, "note=official") {
					o.t.Fatal(to)
				}
			},
			[]flows.MemberID{"duty1", "duty2", "head", "tan1"},
			[]flows.MemberID{"desk"},
		},
		{
			"a member stepped back from it",
			func(o *office) {
				o.file(sister, "H9MA", func(*flows.Case) {})
				if _, to := o.be("head").post("/cases/H9MA/recuse"); to != "/board" {
					o.t.Fatal(to)
				}
			},
			[]flows.MemberID{"head"},
			[]flows.MemberID{"duty1", "desk"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			c.hide(o)
			for _, who := range c.from {
				o.be(who).knowsNothing(t, who)
			}
			for _, who := range c.seenBy {
				if status, page := o.be(who).get("/cases/H9MA"); status != http.StatusOK || !strings.Contains(page, "H9MA") {
					t.Errorf("%s does not see it: status %d", who, status)
				}
				if _, page := o.get("/board"); !strings.Contains(page, "H9MA") {
					t.Errorf("%s does not see it on the board", who)
				}
			}
		})
	}
}

var waiting = regexp.MustCompile(`data-waiting="(\d+)"`)

// knowsNothing looks for H9MA wherever a reader can look.
func (o *office) knowsNothing(t *testing.T, who flows.MemberID) {
	t.Helper()
	lists := []string{
		"/", "/board", "/board?wall=1", "/board?severity=urgent", "/board?state=waiting", "/board?place=mai%401", // lists, filters
		"/cases/K7F4", "/cases/K7F4/print", // suggestions, links
		"/times", "/times.csv", "/times.json", "/report", // figures and their export
	}
	for _, path := range lists {
		if _, page := o.get(path); strings.Contains(page, "H9MA") {
			t.Errorf("%s finds it in %s", who, path)
		}
	}
	_, page := o.get("/board")
	open := "1" // K7F4 waits too
	if who == "tan1" {
		open = "0"
	}
	if got := waiting.FindStringSubmatch(page); got == nil || got[1] != open {
		t.Errorf("%s counts it: %v waiting, want %s", who, got, open)
	}
	if live := o.hear(t, "/board/live"); strings.Contains(live, "H9MA") {
		t.Errorf("%s hears of it on the live board", who)
	}
	if live := o.hear(t, "/cases/H9MA/live"); strings.Contains(live, "data:") {
		t.Errorf("%s hears the case itself", who)
	}
	for _, path := range []string{"/cases/H9MA", "/cases/H9MA/print", "/cases/H9MA/forms/01", "/cases/H9MA/forms/01/print"} {
		if status, body := o.get(path); status != http.StatusNotFound || strings.Contains(body, "Lạc") {
			t.Errorf("%s gets %s: status %d", who, path, status)
		}
	}
	_, none, _ := o.ask(http.MethodGet, "/cases/ZZZ9", nil, "text/html")
	_, hidden, _ := o.ask(http.MethodGet, "/cases/H9MA", nil, "text/html")
	if strings.ReplaceAll(hidden, "H9MA", "ZZZ9") != none {
		t.Errorf("to %s the hidden case does not look like one that is not there", who)
	}
	before := o.c(sister).Version
	for _, deed := range []string{"take", "decline", "raise", "lower", "onsite", "recuse", "official", "close", "assign", "transfer", "refer", "join", "tag", "again"} {
		status, _, _ := o.ask(http.MethodPost, "/cases/H9MA/"+deed, url.Values{"end": {"safe|plan_done"}, "to": {"duty1"}, "other": {"K7F4"}, "how": {"link"}, "tag": {"test"}}, "text/html")
		if status != http.StatusNotFound {
			t.Errorf("%s does %s: status %d", who, deed, status)
		}
	}
	if after := o.c(sister).Version; after != before {
		t.Errorf("%s changed it", who)
	}
}

// left is the answer to a reader who leaves a stream when they have its first look.
type left struct {
	*httptest.ResponseRecorder
	leave context.CancelFunc
}

// Flush is what a stream does when it has said everything for now.
func (l left) Flush() {
	l.ResponseRecorder.Flush()
	l.leave()
}

// hear is what a live page is sent at first.
func (o *office) hear(t *testing.T, path string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	r := httptest.NewRecorder()
	o.echo.ServeHTTP(left{r, stop}, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	return r.Body.String()
}

// Whatever its clocks do over a week, nobody of the commune is told a word.
func TestNobodyOfTheCommuneIsToldOfACaseAboutAnOfficial(t *testing.T) {
	o := newOffice(t)
	o.file(sister, "H9MA", func(k *flows.Case) { k.AgainstOfficial = true })
	var told []flows.MemberID
	for range 7 * 24 * 4 {
		o.pass(15 * time.Minute)
		ch := escalation.FireAll(o.Now(), o.c(sister), o.world)
		if ch.Case.ID == "" {
			continue
		}
		for _, m := range ch.Send {
			if !slices.Contains(told, m.To) {
				told = append(told, m.To)
			}
		}
		if _, err := o.store.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
	}
	k := o.c(sister)
	if !slices.Equal(told, []flows.MemberID{"desk"}) || !slices.Equal(k.Asked(), []flows.MemberID{"desk"}) {
		t.Errorf("told %v, asked %v", told, k.Asked())
	}
	for _, who := range []flows.MemberID{"duty1", "duty2", "head", "tan1"} {
		asked, err := o.store.Asked(t.Context(), who)
		if err != nil || slices.ContainsFunc(asked, func(k flows.Case) bool { return k.ID == sister }) {
			t.Errorf("it is among the cases that %s may answer by text: %v", who, err)
		}
	}
}
