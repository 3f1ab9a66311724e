package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/handlers/console"
)

// reasons are those of the events of a kind in the timeline of a case.
func (o *office) reasons(id flows.CaseID, kind flows.EventKind) []string {
	o.t.Helper()
	events, err := o.store.Timeline(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	var whys []string
	for _, e := range events {
		if e.Kind == kind {
			whys = append(whys, e.Reason)
		}
	}
	return whys
}

// The console takes the reasons of the phone, word for word of the code.
func TestDecliningOnThePageGivesAReason(t *testing.T) {
	for why, want := range map[string]string{"occupied": "decline", "away": "decline", "ill": "decline", "other": "decline", "": "decline", "gossip": "no_reason"} {
		o := newOffice(t)
		o.take()
		_, page := o.get("/cases/K7F4")
		has(t, page, `action="/cases/K7F4/decline"`, `name="why" value="occupied">Đang bận<`, `value="related">Có liên quan hoặc người nhà<`)
		if _, to := o.post("/cases/K7F4/decline", "why", why); to != "/cases/K7F4?note="+want {
			t.Errorf("%q: led to %s", why, to)
		}
		got := o.reasons(officeCase, flows.EventDeclined)
		if want == "decline" && (len(got) != 1 || got[0] != why) || want != "decline" && len(got) != 0 {
			t.Errorf("%q: declined for %q", why, got)
		}
		if held := o.c(officeCase).Holder != ""; held != (want == "no_reason") {
			t.Errorf("%q: held afterwards: %v", why, held)
		}
	}
}

func TestDecliningAsAPartyIsRecusal(t *testing.T) {
	o := newOffice(t)
	o.take()
	if _, to := o.post("/cases/K7F4/decline", "why", "related"); to != "/board" {
		t.Errorf("led to %s", to)
	}
	if k := o.c(officeCase); len(k.Recused) != 1 || k.Recused[0] != "duty1" {
		t.Errorf("recused are %v", k.Recused)
	}
}

const linkCase flows.CaseID = "00linked000001"

// alerted is the office with the link of the alert that a member got, opened.
func alerted(t *testing.T, who flows.MemberID, level flows.Level, change func(*flows.Case)) (*office, string, *http.Cookie) {
	t.Helper()
	o := newOffice(t)
	o.file(linkCase, "U4AA", func(k *flows.Case) {
		k.Status, k.Alerts = flows.StatusOpen, []flows.Alert{{ID: "l/1", Member: who, Level: level, Channel: flows.SMS, At: o.Now()}}
		change(k)
	})
	path := (&console.Links{Key: []byte("test")}).Path("U4AA", "l/1")
	_, _, head := o.ask(http.MethodPost, path+"/open", nil, "")
	for _, k := range (&http.Response{Header: head}).Cookies() {
		if k.Name == "link" {
			return o, path, k
		}
	}
	t.Fatal("the link did not open")
	return nil, "", nil
}

// Whatever the page of a link offers is carried out by the casework behind every
// other channel.
func TestEveryDeedOfALinkIsCarriedOut(t *testing.T) {
	held := func(who flows.MemberID) func(*flows.Case) {
		return func(k *flows.Case) { k.Status, k.Holder, k.Severity = flows.StatusTaken, who, flows.Urgent }
	}
	seen := map[string]bool{}
	for _, c := range []struct {
		name   string
		who    flows.MemberID
		level  flows.Level
		change func(*flows.Case)
		does   map[string]func(*office, flows.Case) bool // deed → whether it is done
	}{
		{"asked", "duty1", 1, func(*flows.Case) {}, map[string]func(*office, flows.Case) bool{
			"take":    func(_ *office, k flows.Case) bool { return k.Holder == "duty1" },
			"decline": func(_ *office, k flows.Case) bool { return !k.Alerts[0].Declined.IsZero() },
			"raise":   func(_ *office, k flows.Case) bool { return k.Severity == flows.Urgent },
		}},
		{"holds it and leads", "head", 2, held("head"), map[string]func(*office, flows.Case) bool{
			"onsite":  func(o *office, _ flows.Case) bool { return len(o.reasons(linkCase, flows.EventOnSite)) == 1 },
			"lower":   func(_ *office, k flows.Case) bool { return k.Severity == flows.Normal },
			"decline": func(_ *office, k flows.Case) bool { return k.Holder == "" },
		}},
	} {
		o, path, cookie := alerted(t, c.who, c.level, c.change)
		page := o.linked(http.MethodGet, path, cookie, "")
		offered := 0
		for part := range strings.SplitSeq(page, `action="`+path+"/") {
			deed, _, _ := strings.Cut(part, `"`)
			if done := c.does[deed]; done != nil {
				offered++
				o, path, cookie := alerted(t, c.who, c.level, c.change)
				to := o.linked(http.MethodPost, path+"/"+deed, cookie, "why=ill")
				if k := o.c(linkCase); to != path+"?note="+deed || !done(o, k) {
					t.Errorf("%s: %s led to %s and left %s, held by %q, %s", c.name, deed, to, k.Status, k.Holder, k.Severity)
				}
				seen[deed] = true
			}
		}
		if offered != len(c.does) || strings.Count(page, `class="deed`) != offered {
			t.Errorf("%s: %d deeds of %d are offered, among %d forms", c.name, offered, len(c.does), strings.Count(page, `class="deed`))
		}
	}
	if len(seen) != 5 {
		t.Errorf("tried %v", seen)
	}
}

// What is not on the page of a link is not behind it either.
func TestALinkCarriesOutNothingElse(t *testing.T) {
	for _, deed := range []string{"close", "assign", "transfer", "recuse", "official", "tag", "again", "refer", "x"} {
		o, path, cookie := alerted(t, "head", 2, func(k *flows.Case) { k.Status, k.Holder = flows.StatusTaken, "head" })
		before := o.c(linkCase).Version
		o.linked(http.MethodPost, path+"/"+deed, cookie, "end=safe|plan_done&to=duty1&tag=test")
		if k := o.c(linkCase); k.Version != before {
			t.Errorf("%s is carried out", deed)
		}
	}
}

func TestWhoIsPartyLeavesByTheLinkForGood(t *testing.T) {
	o, path, cookie := alerted(t, "duty1", 1, func(*flows.Case) {})
	page := o.linked(http.MethodPost, path+"/decline", cookie, "why=related")
	has(t, page, "U4AA", "Bạn không còn thấy vụ việc này")
	if strings.Contains(page, "Mai Châu") || strings.Contains(page, "action=") {
		t.Error("the last page still shows the case")
	}
	if page := o.linked(http.MethodGet, path, cookie, ""); strings.Contains(page, "U4AA") {
		t.Error("the link still leads to the case")
	}
}

// linked asks the page of a link from the phone that opened it, and returns where
// it led to, or what it shows.
func (o *office) linked(method, path string, cookie *http.Cookie, form string) string {
	o.t.Helper()
	q := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(form))
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	q.AddCookie(cookie)
	r := httptest.NewRecorder()
	o.echo.ServeHTTP(r, q)
	if to := r.Header().Get("Location"); to != "" {
		return to
	}
	return r.Body.String()
}
