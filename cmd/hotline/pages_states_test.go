package main

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/handlers/console"
)

// busy gives the pages something to show: a case under a legal hold, requests to a
// second person, a token, a phone that does not count yet, the hotline's own health.
func (o *office) busy() {
	o.t.Helper()
	o.file(len(matrixCases), "HAN4", func(c *flows.Case) { c.Hold = "Quyết định 12/2026 của Tòa án nhân dân" })
	for _, verb := range []access.Verb{access.Reveal, access.Export} {
		form := url.Values{"verb": {string(verb)}, "why": {"Cần biết bản nào để đến với trẻ ngay trong đêm nay"}}
		if status, _, h := o.ask("desk-2", http.MethodPost, "/cases/PAN3/requests", form); status != http.StatusSeeOther || !strings.Contains(h.Get("Location"), "asked") {
			o.t.Fatalf("ask a second person: %d %s", status, h.Get("Location"))
		}
	}
	in, err := o.accounts().Whose(o.t.Context(), o.cookies["desk"], false)
	if err != nil {
		o.t.Fatal(err)
	}
	t := account.Token{Name: "Bảng số liệu của Sở Y tế", Verbs: []access.Verb{access.Figures}, Until: o.now().AddDate(0, 0, 90)}
	code := o.codes["desk"][0]
	o.codes["desk"] = o.codes["desk"][1:]
	if _, err := o.accounts().NewToken(o.t.Context(), in, t, code, account.Caller{Address: "desk"}); err != nil {
		o.t.Fatal(err)
	}
	o.watch.guard = newGuard(o.cfg, nil, nil)
	o.echo.Pre(o.mood)
}

// mood lets the address say how the hotline is: /health?mood=red.
func (o *office) mood(next echo.HandlerFunc) echo.HandlerFunc {
	return func(x echo.Context) error {
		if x.Request().URL.Path == "/health" {
			now := o.now()
			s := &sight{At: now, open: 12, served: 4, Heartbeat: &heartbeat{At: now.Add(-20 * time.Second)}, skew: 3 * time.Millisecond}
			told := []console.Telling(nil)
			if x.QueryParam("mood") == "red" {
				s.Unwell, s.served = []string{"timer_overdue", "not_served", unwellDead}, 3
				s.worst = []console.Finding{{Reason: "timer_overdue", N: 3, Late: 4 * time.Minute}, {Reason: "not_served", N: 1, Late: 2*time.Hour + 3*time.Minute}}
				s.overdue, s.waiting, s.Dead, s.skew = 4*time.Minute, 2*time.Hour+3*time.Minute, 2, -1200*time.Millisecond
				s.Heartbeat.Fault = "the watcher answers 500"
				told = []console.Telling{{At: now.Add(-time.Minute), Reason: "timer_overdue", Reached: 2}}
			}
			o.watch.seen.Store(s)
			o.watch.guard.told.Store(&told)
		}
		return next(x)
	}
}

// states are pages that look otherwise at other times than the table of routes
// shows them.
func (o *office) states() []shownPage {
	o.t.Helper()
	_, members, _ := o.ask("desk", http.MethodGet, "/directory/files/members.csv", nil)
	if !strings.Contains(members, "Hà Thị Mơ") {
		o.t.Fatal("members.csv has changed")
	}
	other := strings.Replace(members, "Hà Thị Mơ", "Hà Thị Mới", 1) + "moi-1,Lò Thị Mới,duty member,05200@2025-07-01,1,+84960000998,,no,,,\n"
	return []shownPage{
		{Who: "desk", Path: "/settings?place=none&kind=VIOLENCE&at=2026-11-24T09:00", Name: "settings"},
		{Who: "operator", Path: "/health?mood=red", Name: "health-red"},
		{Who: "desk-2", Path: "/cases/HAN4", Name: "case-held"},
		{Who: "desk-2", Path: "/cases/HAN4/seal", Name: "seal-held"},
		{Who: "neighbour", Path: "/cases/HTH4/seal", Name: "seal-holder"},
		{Who: "desk-2", Path: "/requests", Name: "requests-own"},
		{Who: "desk", Path: "/directory?q=mai+chau", Name: "directory-all"},
		{Who: "desk", Path: "/directory?q=nobody", Name: "directory-preview", Files: []shownFile{{"members.csv", other}}},
		{Who: "desk", Path: "/directory?q=nobody", Name: "directory-bad", Files: []shownFile{{"members.csv", other + "bad-one,Ai,duty member,nowhere,1,+84960000002,,yes,,,\n"}}},
	}
}
