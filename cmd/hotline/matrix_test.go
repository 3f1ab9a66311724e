package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/handlers/console"
)

// matrix is every route behind the sign-in, who may use it, and how it is used
// without changing anything. A new route needs a line here and one in
// handlers/console/rights.go. An address with REF is asked for every case of
// matrixCases, and reaches those who may see that case.
var matrix = []matrixLine{
	{"GET /", "everybody", "/", nil},
	{"GET /board", "cases", "/board", nil},
	{"GET /board/live", "cases", "/board/live", nil},
	{"GET /board/several", "cases", "/board/several?deed=take&ref=REF", nil},
	{"POST /board/several", "cases", "/board/several?deed=assign&ref=REF", nil}, // to nobody
	{"GET /deliveries", "cases", "/deliveries", nil},
	{"GET /cases/:ref", "cases", "/cases/REF", nil},
	{"GET /cases/:ref/live", "cases", "/cases/REF/live", nil},
	{"POST /cases/:ref/:deed", "cases", "/cases/REF/close", nil}, // without an outcome nothing is closed
	{"POST /cases/:ref/ask", "cases but committee", "/cases/REF/ask", nil},
	{"GET /cases/:ref/print", "cases", "/cases/REF/print", nil},
	{"GET /cases/:ref/forms/:form", "who leads", "/cases/REF/forms/01", nil},
	{"POST /cases/:ref/forms/:form", "who leads", "/cases/REF/forms/01", nil},
	{"POST /cases/:ref/forms/:form/finish", "who leads", "/cases/REF/forms/01/finish", nil},
	{"GET /cases/:ref/forms/:form/print", "who leads", "/cases/REF/forms/01/print", nil},
	{"POST /cases/:ref/refer", "cases but committee", "/cases/REF/refer", nil},
	{"POST /cases/:ref/join", "cases", "/cases/REF/join", nil},
	{"GET /cases/:ref/seal", "cases", "/cases/REF/seal", nil},
	{"POST /cases/:ref/words", "who holds", "/cases/REF/words", nil},         // without a reason nothing is opened
	{"POST /cases/:ref/requests", "desk desk-2", "/cases/REF/requests", nil}, // of nothing
	{"POST /cases/:ref/hold", "desk desk-2", "/cases/REF/hold", nil},         // without an order nothing is held
	{"GET /requests", "desk desk-2", "/requests", nil},
	{"POST /requests/:id/:deed", "desk desk-2", "/requests/none/nothing", nil},
	{"GET /times", "cases", "/times", nil},
	{"GET /times.csv", "cases", "/times.csv", nil},
	{"GET /times.xlsx", "cases", "/times.xlsx", nil},
	{"GET /times.json", "cases", "/times.json", nil},
	{"GET /workload", "desk desk-2", "/workload", nil},
	{"GET /workload.csv", "desk desk-2", "/workload.csv", nil},
	{"GET /report", "cases", "/report", nil},
	{"GET /report.pdf", "cases", "/report.pdf", nil},
	{"GET /report.xlsx", "cases", "/report.xlsx", nil},
	{"GET /duty", "cases", "/duty", nil},
	{"GET /providers", "desk desk-2 operator", "/providers", nil},
	{"GET /providers/live", "desk desk-2 operator", "/providers/live", nil},
	{"POST /duty", "head chair desk desk-2", "/duty", nil},
	{"GET /drills", "cases", "/drills", nil},
	{"GET /drills.json", "cases", "/drills.json", nil},
	{"POST /drills", "desk desk-2", "/drills", nil},
	{"GET /audit", "auditor", "/audit", nil},
	{"GET /directory", "desk desk-2 operator", "/directory?q=nobody", nil},
	{"POST /directory/preview", "desk desk-2 operator", "/directory/preview", nil}, // without a file nothing is shown
	{"POST /directory/import", "desk desk-2 operator", "/directory/import", nil},
	{"POST /directory/code", "desk desk-2 operator", "/directory/code", nil},
	{"POST /directory/resend", "desk desk-2 operator", "/directory/resend", nil},
	{"GET /directory/files/:file", "desk desk-2 operator", "/directory/files/rota.csv", nil},
	{"GET /health", "desk desk-2 operator", "/health", nil},
	{"GET /ready", "desk desk-2 operator", "/ready", nil},
	{"GET /settings", "desk desk-2 operator", "/settings?place=none&kind=VIOLENCE", nil},
	{"GET /settings/flow/:file", "desk desk-2 operator", "/settings/flow/report.svg", nil},
	{"GET /accounts", "desk desk-2 operator", "/accounts", nil},
	{"POST /accounts", "desk desk-2 operator", "/accounts", nil},
	{"POST /accounts/:name/:deed", "desk desk-2 operator", "/accounts/nobody/nothing", nil},
	{"GET /papers", "everybody", "/papers", nil},
	{"GET /papers/:sheet", "everybody", "/papers/poster.pdf?in=vi", nil},
	{"GET /tokens", "desk desk-2 committee operator auditor", "/tokens", nil},
	{"POST /tokens", "desk desk-2 committee operator auditor", "/tokens", nil},
	{"POST /tokens/:id/:deed", "desk desk-2 committee operator auditor", "/tokens/none/nothing", nil},
	{"GET /account", "everybody", "/account", nil},
	{"POST /account/password", "everybody", "/account/password", nil},
	{"POST /account/recovery", "everybody", "/account/recovery", nil},
	{"POST /account/sessions/end", "everybody", "/account/sessions/end", nil},
	{"POST /account/sessions/:id/end", "everybody", "/account/sessions/none/end", nil},
	{"POST /signout", "everybody, last", "/signout", nil},
}

type matrixLine struct {
	route string
	who   string
	path  string
	form  url.Values
}

// public is what anybody may reach: the way in, links with a secret of their own,
// the API, which asks for tokens and has a matrix of its own, and what providers post with a secret or a signature.
var public = []string{
	"/signin", "/welcome", "/assets/", "/favicon.ico", "/figures", "/ical/", "/r/", "/api/", "/africastalking/", "/twilio/", "/kannel/", "/gateway/", "/gateways/",
}

// matrixPeople are one of each kind, by the name of their account.
var matrixPeople = map[string]account.Invitation{
	"duty":      {Role: access.Responder, Member: "mai-chau-duty-1"},
	"duty-2":    {Role: access.Responder, Member: "mai-chau-duty-2"},
	"head":      {Role: access.Responder, Member: "mai-chau-head"},
	"chair":     {Role: access.Responder, Member: "mai-chau-chair"},
	"neighbour": {Role: access.Responder, Member: "hoa-binh-duty-1"},
	"desk":      {Role: access.Supervisor, Member: "desk-1"},
	"desk-2":    {Role: access.Supervisor, Member: "desk-2"},
	"committee": {Role: access.Committee, Member: "committee"},
	"operator":  {Role: access.Operator},
	"auditor":   {Role: access.Auditor},
	"gone":      {Role: access.Supervisor, Member: "who-has-left"},
}

const maiChau, hoaBinh = "05200@2025-07-01", "04795@2025-07-01"

// matrixCases are the cases, and who may see each: place and conflict of interest.
var matrixCases = []struct {
	ref    flows.Ref
	change func(*flows.Case)
	seen   string
}{
	{"PAN3", func(*flows.Case) {}, "duty duty-2 head chair desk desk-2"},
	{"FAR4", func(c *flows.Case) { c.Place = hoaBinh }, "neighbour desk desk-2"},
	{"NPA4", func(c *flows.Case) { c.Place = "" }, "desk desk-2"},
	{"FFA7", func(c *flows.Case) { c.AgainstOfficial = true }, "desk desk-2"},
	{"FFH6", func(c *flows.Case) { c.AgainstOfficial, c.Status, c.Holder = true, flows.StatusTaken, "mai-chau-head" }, "desk desk-2"},
	{"PTY7", func(c *flows.Case) { c.Recused = []flows.MemberID{"mai-chau-duty-1"} }, "duty-2 head chair desk desk-2"},
	{"PTY9", func(c *flows.Case) { c.Recused = []flows.MemberID{"desk-1"} }, "duty duty-2 head chair desk-2"},
	{"HTH4", func(c *flows.Case) { c.Status, c.Holder = flows.StatusTaken, "hoa-binh-duty-1" }, "duty duty-2 head chair neighbour desk desk-2"},
	{"CMT4", func(c *flows.Case) {
		c.Alerts = []flows.Alert{{ID: "x/1", Member: "committee", Level: flows.LevelCommittee, At: c.Opened, Channel: flows.SMS, Delivery: flows.Sent}}
	}, "duty duty-2 head chair desk desk-2 committee"},
}

// canary is a reporter's number and words that no page may show.
const (
	canaryNumber = "+84912345678"
	canaryWords  = "be gai nha ben khoc suot dem"
)

// spellings are the ways in which people and programs write the number.
func spellings() []string {
	return []string{
		canaryNumber, "84912345678", "0912345678", "0912 345 678", "0912.345.678", "+84 912 345 678", "%2B84912345678", "912345678", canaryWords,
	}
}

// office is the real app with its real pages, and everybody signed in.
type office struct {
	*app
	t       *testing.T
	echo    *echo.Echo
	cookies map[string]string
	codes   map[string][]string // recovery codes that nobody has used
	asked   map[string]int      // refusals that must be in the audit, by person
}

func newOffice(t *testing.T) *office {
	t.Helper()
	live := console.NewLive()
	a := soleApp(t, t.TempDir(), func(p *parts) { p.changed = live.Committed })
	t.Cleanup(a.close)
	return openOffice(t, a, live)
}

// openOffice signs everybody in. Live hears what the app commits, as in serve: a board
// that moves only when all is read again hides what it does not hear.
func openOffice(t *testing.T, a *app, live *console.Live) *office {
	t.Helper()
	o := serveOffice(t, a, live)
	for name, in := range matrixPeople {
		o.cookies[name] = o.signUp(name, in)
	}
	return o
}

// serveOffice has the pages and nobody in it.
func serveOffice(t *testing.T, a *app, live *console.Live) *office {
	t.Helper()
	p, err := newProviders(a.cfg, a.data.texts)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newListeners(a, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.addConsole(t.Context(), l.public, live, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(live.Close)
	return &office{app: a, t: t, echo: l.public, cookies: map[string]string{}, codes: map[string][]string{}, asked: map[string]int{}}
}

// signUp makes an account as an invited person does, and returns its cookie.
func (o *office) signUp(name string, in account.Invitation) string {
	o.t.Helper()
	ctx, d, here := o.t.Context(), o.accounts(), account.Caller{Address: name}
	code, err := account.NewInvitation(o.now(), in, o.vault, d.Random)
	var token string
	if err == nil {
		token, err = d.Welcome(ctx, code, name, "ban lac co 12 mai nha", here)
	}
	var secret []byte
	if err == nil {
		_, secret, err = d.Enrolling(ctx, token)
	}
	if err == nil {
		token, _, o.codes[name], err = d.Confirm(ctx, token, account.Code(secret, account.Step(o.now())), here)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return token
}

// file commits a case with a number in the relay and sealed words.
func (o *office) file(i int, ref flows.Ref, change func(*flows.Case)) {
	o.t.Helper()
	ctx, now := o.t.Context(), o.now()
	// A reference leads to its partition.
	c := flows.Case{
		ID: flows.CaseID(fmt.Sprintf("%02dmatrix%d", flows.Partition(string(ref), o.store.Partitions()), i)), Ref: ref, Status: flows.StatusOpen, Severity: flows.Urgent,
		Kind: "VIOLENCE", Place: maiChau, Channel: flows.SMS, Provider: "test", Language: "vi", Contact: true,
		Opened: now.Add(-time.Hour), Routed: now.Add(-time.Hour), Since: now.Add(-time.Hour), Level: flows.LevelDuty,
	}
	words, err := o.vault.Seal(ctx, c.ID, "text/1", []byte(canaryWords+" "+canaryNumber))
	if err != nil {
		o.t.Fatal(err)
	}
	c.Texts = []flows.Sealed{{Field: "text/1", Data: words}}
	change(&c)
	ch := flows.BeginChange(now, c)
	ch.Arm(flows.TimerLadder, now.Add(time.Hour))
	ch.Log(flows.Event{Kind: flows.EventFiled, Via: flows.SMS})
	if _, err := o.store.Commit(ctx, ch); err != nil {
		o.t.Fatal(err)
	}
	phone, err := flows.ParsePhone(canaryNumber)
	if err == nil {
		err = o.safe.numbers.Remember(ctx, now, c.ID, phone)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// visit is an answer that the reader leaves when it is there: what stays open ends
// with its first look, however long that takes.
type visit struct {
	*httptest.ResponseRecorder
	leave context.CancelFunc
}

// Flush is what a stream does when it has said everything for now.
func (v visit) Flush() {
	v.ResponseRecorder.Flush()
	v.leave()
}

// ask sends a request as somebody. Pages that stay open are left at once.
func (o *office) ask(who, method, path string, form url.Values) (int, string, http.Header) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	q := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	}
	if c := o.cookies[who]; c != "" {
		q.AddCookie(&http.Cookie{Name: "__Host-hotline", Value: c, Secure: true})
	}
	r := httptest.NewRecorder()
	o.echo.ServeHTTP(visit{r, cancel}, q)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, s := range spellings() {
		if strings.Contains(string(body)+fmt.Sprint(r.Header()), s) {
			o.t.Errorf("%s %s shows %s the reporter's number or words", method, path, who)
		}
	}
	return r.Code, string(body), r.Header()
}

// may says who a line of the matrix is for.
func (l matrixLine) may(who string) bool {
	switch cases := who != "gone" && matrixPeople[who].Role.OfCases(); {
	case strings.HasPrefix(l.who, "everybody"):
		return true
	case l.who == "cases":
		return cases
	case l.who == "cases but committee":
		return cases && who != "committee"
	}
	return slices.Contains(strings.Fields(l.who), who)
}

// mayCase is may for one case: a duty member leads only what they hold.
func (l matrixLine) mayCase(who string, ref flows.Ref) bool {
	if l.who == "who leads" {
		return who != "committee" && matrixPeople[who].Role.OfCases() && (!strings.HasPrefix(who, "duty") && who != "neighbour" || ref == "HTH4" && who == "neighbour")
	}
	if l.who == "who holds" {
		return who == "neighbour" && ref == "HTH4"
	}
	return l.may(who)
}

// check sends one request and holds the answer against the table.
func (o *office) check(l matrixLine, who, path string, may bool) {
	o.t.Helper()
	method, _, _ := strings.Cut(l.route, " ")
	status, _, header := o.ask(who, method, path, l.form)
	forbidden := status == http.StatusForbidden || status == http.StatusNotFound
	switch {
	case may && strings.HasSuffix(l.path, "/nothing"): // a page of theirs, a deed that is none
		forbidden = status == http.StatusForbidden
		fallthrough
	case may:
		if forbidden || status == http.StatusUnauthorized || status >= 500 || strings.HasPrefix(header.Get("Location"), "/signin?") {
			o.t.Errorf("%s as %s at %s: got %d, they may", l.route, who, path, status)
		}
	case !forbidden:
		o.t.Errorf("%s as %s at %s: got %d %s, want 403 or 404", l.route, who, path, status, header.Get("Location"))
	default:
		o.asked[who]++
	}
}

// TestEveryRouteForEveryRolePlaceAndConflict is the whole matrix over the real
// routes: route × person (role, place) × case (place, conflict of interest). What
// is forbidden is 403 or 404, leaves a record, and shows nothing.
func TestEveryRouteForEveryRolePlaceAndConflict(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	o.everyRouteHasALine()
	requests := 0
	for _, l := range slices.SortedFunc(slices.Values(matrix), func(a, b matrixLine) int {
		return strings.Compare(strings.TrimSuffix(a.who, "last")+"~", strings.TrimSuffix(b.who, "last")+"~")
	}) {
		if strings.HasSuffix(l.who, "last") {
			continue
		}
		for who := range matrixPeople {
			if !strings.Contains(l.path, "REF") {
				requests++
				o.check(l, who, l.path, l.may(who))
				continue
			}
			for _, c := range matrixCases {
				requests++
				o.check(l, who, strings.Replace(l.path, "REF", string(c.ref), 1), l.mayCase(who, c.ref) && slices.Contains(strings.Fields(c.seen), who))
			}
		}
		o.nobody(l)
	}
	o.lists()
	o.everyRefusalIsWrittenDown()
	t.Logf("%d requests of %d people to %d routes and %d cases", requests, len(matrixPeople), len(matrix), len(matrixCases))
	for _, l := range matrix {
		if strings.HasSuffix(l.who, "last") {
			for who := range matrixPeople {
				o.check(l, who, l.path, l.may(who))
			}
		}
	}
}

// everyRouteHasALine holds the table against what is served.
func (o *office) everyRouteHasALine() {
	o.t.Helper()
	known := map[string]bool{}
	for _, l := range matrix {
		known[l.route] = true
	}
	served := map[string]bool{}
	for _, r := range o.echo.Routes() {
		if r.Method == echo.RouteNotFound || slices.ContainsFunc(public, func(p string) bool { return strings.HasPrefix(r.Path, p) }) {
			continue
		}
		route := r.Method + " " + r.Path
		served[route] = true
		if !known[route] {
			o.t.Errorf("%s has no line in the matrix of cmd/hotline/matrix_test.go: say there who may use it", route)
		}
		if _, ok := console.Rights()[route]; !ok {
			o.t.Errorf("%s has no line in handlers/console/rights.go: nobody may use it until it has", route)
		}
	}
	for route := range known {
		if !served[route] {
			o.t.Errorf("%s has a line in the matrix and is not served", route)
		}
	}
}

// nobody has not signed in: pages lead to the sign-in, all else is refused.
func (o *office) nobody(l matrixLine) {
	o.t.Helper()
	method, _, _ := strings.Cut(l.route, " ")
	status, _, header := o.ask("", method, strings.Replace(l.path, "REF", "PAN3", 1), l.form)
	led := status == http.StatusSeeOther && strings.HasPrefix(header.Get("Location"), "/signin?to=")
	if !led && status != http.StatusUnauthorized {
		o.t.Errorf("%s without a sign-in: got %d", l.route, status)
	}
}

// lists looks at what lists, counts and figures show of each case.
func (o *office) lists() {
	o.t.Helper()
	for who, in := range matrixPeople {
		if !in.Role.OfCases() || who == "gone" {
			continue
		}
		_, board, _ := o.ask(who, "GET", "/board?lang=en", nil)
		_, news, _ := o.ask(who, "GET", "/board/live", nil)
		seen := 0
		for _, c := range matrixCases {
			may := slices.Contains(strings.Fields(c.seen), who)
			if may {
				seen++
			}
			for name, page := range map[string]string{"board": board, "live board": news} {
				if strings.Contains(page, string(c.ref)) != may {
					o.t.Errorf("the %s of %s shows %s: %v, want %v", name, who, c.ref, !may, may)
				}
			}
		}
		if n := strings.Count(board, `id="case-`); n != seen {
			o.t.Errorf("the board of %s has %d rows, want %d", who, n, seen)
		}
	}
}

// everyRefusalIsWrittenDown counts the refusals in the journal on the disk.
func (o *office) everyRefusalIsWrittenDown() {
	o.t.Helper()
	deeds, whole, err := o.deeds.Deeds(o.t.Context(), flows.DeedFilter{Kind: flows.DeedDenied})
	if err != nil || !whole {
		o.t.Fatalf("read the audit: whole %v, %v", whole, err)
	}
	written := map[flows.MemberID]int{}
	for _, d := range deeds {
		written[d.Who]++
		if !strings.HasPrefix(d.From, "console ") || d.Why == "" || d.What == "" {
			o.t.Errorf("a refusal says too little: %+v", d)
		}
	}
	for who, in := range matrixPeople {
		id := in.Member
		if id == "" || who == "gone" {
			id = flows.MemberID(who)
		}
		if written[id] < o.asked[who] {
			o.t.Errorf("%s was refused %d times, %d are written down", who, o.asked[who], written[id])
		}
		delete(written, id)
	}
	if len(written) > 0 {
		o.t.Errorf("refusals of people who were not there: %v", written)
	}
}
