package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/handlers/api"
)

// bureau is an office with programs: every answer that they get is held against
// the document, and every request that is meant to be right too.
type bureau struct {
	*office
	doc   routers.Router
	asked map[string]bool // operations that were answered with 200
}

func newBureau(t *testing.T) *bureau {
	t.Helper()
	b := &bureau{office: newOffice(t), asked: map[string]bool{}}
	r := httptest.NewRecorder()
	b.echo.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil))
	doc, err := openapi3.NewLoader().LoadFromData(r.Body.Bytes())
	if err == nil {
		err = doc.Validate(t.Context())
	}
	if err == nil {
		b.doc, err = legacy.NewRouter(doc)
	}
	if err != nil {
		t.Fatalf("the document is no OpenAPI: %v", err)
	}
	return b
}

// documented holds a request and its answer against the document.
func (b *bureau) documented(q *http.Request, status int, header http.Header, body []byte) (request, answer error) {
	route, params, err := b.doc.FindRoute(q)
	if err != nil {
		return err, err
	}
	in := &openapi3filter.RequestValidationInput{
		Request: q, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	request = openapi3filter.ValidateRequest(b.t.Context(), in)
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: header, Options: in.Options}
	return request, openapi3filter.ValidateResponse(b.t.Context(), out.SetBodyBytes(body))
}

// token makes a token of a person for some verbs, as the page does.
func (b *bureau) token(who string, within []flows.PlaceID, verbs ...access.Verb) string {
	b.t.Helper()
	ctx, d := b.t.Context(), b.accounts()
	in, err := d.Whose(ctx, b.cookies[who], false)
	if err != nil {
		b.t.Fatal(err)
	}
	code := b.codes[who][0]
	b.codes[who] = b.codes[who][1:]
	t := account.Token{Name: "test", Verbs: verbs, Within: within, Until: b.now().Add(time.Hour)}
	secret, err := d.NewToken(ctx, in, t, code, account.Caller{Address: who})
	if err != nil {
		b.t.Fatal(err)
	}
	return secret
}

// try is a request of a program.
type try struct {
	method, path, body string
	header             map[string]string
}

// do sends a request and holds the answer against the document.
func (b *bureau) do(token string, q try) (int, map[string]any, http.Header) {
	b.t.Helper()
	request := func() *http.Request {
		r := httptest.NewRequestWithContext(b.t.Context(), q.method, "/api/v1"+q.path, strings.NewReader(q.body))
		if q.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		for k, v := range q.header {
			r.Header.Set(k, v)
		}
		return r
	}
	w := httptest.NewRecorder()
	b.echo.ServeHTTP(w, request())
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, s := range spellings() {
		if strings.Contains(string(body)+fmt.Sprint(res.Header), s) {
			b.t.Errorf("%s %s shows the reporter's number or words", q.method, q.path)
		}
	}
	if strings.Contains(string(body), "matrix") {
		b.t.Errorf("%s %s shows the id of a case: %s", q.method, q.path, body)
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		b.t.Fatalf("%s %s: %d is no JSON: %s", q.method, q.path, w.Code, body)
	}
	if w.Code != http.StatusMethodNotAllowed && got["code"] != "no_route" {
		in, out := b.documented(request(), w.Code, res.Header, body)
		if out != nil {
			b.t.Errorf("%s %s: the answer %d is not as documented: %v\n%s", q.method, q.path, w.Code, out, body)
		}
		if in != nil && w.Code == http.StatusOK {
			b.t.Errorf("%s %s: a request that is not as documented is answered: %v", q.method, q.path, in)
		}
	}
	if w.Code >= 400 && res.Header.Get("Content-Type") != "application/problem+json" {
		b.t.Errorf("%s %s: a problem of type %s", q.method, q.path, res.Header.Get("Content-Type"))
	}
	return w.Code, got, res.Header
}

// ok is do for what must be answered; the operation counts as tried.
func (b *bureau) ok(operation, token string, q try) map[string]any {
	b.t.Helper()
	status, got, _ := b.do(token, q)
	if status != http.StatusOK {
		b.t.Errorf("%s: got %d %v", operation, status, got)
	}
	b.asked[operation] = true
	return got
}

// no is do for what must be refused with a status and a code.
func (b *bureau) no(status int, code, token string, q try) http.Header {
	b.t.Helper()
	s, got, h := b.do(token, q)
	if s != status || got["code"] != code || got["status"] != float64(status) {
		b.t.Errorf("%s %s: got %d %v, want %d %s", q.method, q.path, s, got, status, code)
	}
	return h
}

func get(path string) try        { return try{method: http.MethodGet, path: path} }
func post(path, body string) try { return try{method: http.MethodPost, path: path, body: body} }

func list(v any) []any { l, _ := v.([]any); return l }

// TestAPIAnswersAsItsDocumentSays asks for everything once, over the real routes of
// the real program, and holds each request and answer against the document.
func TestAPIAnswersAsItsDocumentSays(t *testing.T) {
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, func(k *flows.Case) {
			c.change(k)
			k.Receipt = "receipt of " + string(c.ref) // without one nobody could read a question
		})
	}
	desk := b.token("desk", nil, access.Grantable(access.Supervisor)...)
	auditor := b.token("auditor", nil, access.Audit)

	b.ok("GET /openapi.json", "", get("/openapi.json"))
	if me := b.ok("GET /me", desk, get("/me")); me["account"] != "desk" || me["role"] != "supervisor" {
		t.Errorf("the token works for %v", me)
	}
	if n := len(list(b.ok("GET /cases", desk, get("/cases"))["cases"])); n != 8 { // all but the one they are party to
		t.Errorf("%d cases are listed, want 8", n)
	}
	whole := b.ok("GET /cases/{ref}", desk, get("/cases/CMT4"))
	if len(list(whole["messages"])) != 1 || len(list(whole["forms"])) == 0 || len(list(whole["timers"])) == 0 {
		t.Errorf("a case without its messages, forms or clocks: %v", whole)
	}
	if n := len(list(b.ok("GET /cases/{ref}/timeline", desk, get("/cases/PAN3/timeline"))["events"])); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	b.work(desk)
	b.ok("GET /duty", desk, get("/duty"))
	if n := len(list(b.ok("GET /duty", desk, get("/duty?place="+maiChau))["turns"])); n == 0 {
		t.Error("a place without turns")
	}
	from, to := b.now().Add(time.Hour).UTC().Format(time.RFC3339), b.now().Add(3*time.Hour).UTC().Format(time.RFC3339)
	b.ok("POST /duty/overrides", desk, post("/duty/overrides", `{"place":"`+maiChau+`","level":1,"member":"mai-chau-duty-2","from":"`+from+`","to":"`+to+`"}`))
	turns := b.ok("GET /duty", desk, get("/duty?place="+maiChau+"&from="+from+"&to="+to))
	if first, _ := json.Marshal(list(turns["turns"])[0]); !strings.Contains(string(first), "mai-chau-duty-2") {
		t.Errorf("after the override: %s", first)
	}
	if n := len(list(b.ok("GET /places", desk, get("/places"))["places"])); n == 0 {
		t.Error("no places")
	}
	b.ok("GET /groups", desk, get("/groups?limit=3"))
	b.ok("GET /drills", desk, get("/drills"))
	if err := b.counted.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	figures := b.ok("GET /figures", desk, get("/figures?by=severity"))
	if total, _ := figures["total"].(map[string]any); total["cases"] != float64(8) {
		t.Errorf("figures of %v cases, want 8", total["cases"])
	}
	b.ok("GET /deliveries", desk, get("/deliveries"))
	if n := len(list(b.ok("GET /audit", auditor, get("/audit?kind=account"))["deeds"])); n == 0 {
		t.Error("an audit without deeds")
	}
	all, err := api.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for op := range all {
		if !b.asked[op] {
			t.Errorf("%s was never asked for", op)
		}
	}
}

// work carries cases from the first answer to their end, as the desk and as the
// department, which may make a case less urgent.
func (b *bureau) work(desk string) {
	b.t.Helper()
	b.cookies["department"] = b.signUp("department", account.Invitation{Role: access.Supervisor, Member: "department-1"})
	department := b.token("department", nil, access.See, access.Lead)
	held := b.ok("POST /cases/{ref}/take", desk, post("/cases/PAN3/take", ""))
	if holder, _ := held["holder"].(map[string]any); held["status"] != "taken" || holder["id"] != "desk-1" {
		b.t.Errorf("after the take: %v", held)
	}
	b.no(http.StatusConflict, "held", desk, post("/cases/PAN3/take", "{}"))
	b.ok("POST /cases/{ref}/on-site", desk, post("/cases/PAN3/on-site", ""))
	if got := b.ok("POST /cases/{ref}/lower", department, post("/cases/PAN3/lower", "")); got["severity"] != "normal" {
		b.t.Errorf("after the lowering: %v", got)
	}
	b.no(http.StatusConflict, "level", desk, post("/cases/FAR4/lower", ""))
	b.ok("POST /cases/{ref}/raise", desk, post("/cases/PAN3/raise", ""))
	questions := list(b.ok("GET /cases/{ref}/questions", desk, get("/cases/PAN3/questions"))["questions"])
	if len(questions) == 0 {
		b.t.Fatal("no questions may be asked")
	}
	first, _ := questions[0].(map[string]any)
	b.ok("POST /cases/{ref}/questions", desk, post("/cases/PAN3/questions", fmt.Sprintf(`{"question":%q}`, first["question"])))
	b.ok("POST /cases/{ref}/hand-over", desk, post("/cases/PAN3/hand-over", `{"member":"mai-chau-head"}`))
	b.no(http.StatusUnprocessableEntity, "no_member", desk, post("/cases/PAN3/hand-over", `{"member":"hoa-binh-duty-1"}`))
	b.ok("POST /cases/{ref}/take", desk, post("/cases/FAR4/take", ""))
	b.ok("POST /cases/{ref}/decline", desk, post("/cases/FAR4/decline", ""))
	b.no(http.StatusUnprocessableEntity, "no_outcome", desk, post("/cases/PAN3/close", `{"outcome":"safe","why":"tired"}`))
	if got := b.ok("POST /cases/{ref}/close", desk, post("/cases/PAN3/close", `{"outcome":"safe","why":"plan_done"}`)); got["status"] != "closed" {
		b.t.Errorf("after the close: %v", got)
	}
	ended := list(b.ok("GET /cases", desk, get("/cases?closed_since="+b.now().Add(-time.Hour).UTC().Format(time.RFC3339)))["cases"])
	if len(ended) != 1 {
		b.t.Errorf("%d closed cases, want 1", len(ended))
	}
	whole := b.ok("GET /cases/{ref}", desk, get("/cases/PAN3"))
	if len(list(whole["questions"])) != 1 {
		b.t.Errorf("questions of the case: %v", whole["questions"])
	}
	primero, _ := b.ok("GET /cases/{ref}/primero", desk, get("/cases/PAN3/primero"))["data"].(map[string]any)
	if primero["status"] != "closed" || primero["closure_reason"] != "formal_closing" || primero["risk_level"] != "high" {
		b.t.Errorf("for Primero: %v", primero)
	}
}

// TestAPIShowsEachTokenWhatItsOwnerMay tries every operation with a token of
// everybody who can have one, made for all that they may, and for every case.
func TestAPIShowsEachTokenWhatItsOwnerMay(t *testing.T) {
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, c.change)
	}
	all, err := api.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for who, in := range matrixPeople {
		if who == "gone" || in.Role == access.Responder {
			continue
		}
		verbs := access.Grantable(in.Role)
		token := b.token(who, nil, verbs...)
		for op, verb := range all {
			method, path, _ := strings.Cut(op, " ")
			may := verb == "" || slices.Contains(verbs, verb)
			if !strings.Contains(path, "{ref}") {
				if status, got, _ := b.do(token, try{method: method, path: path}); (status == http.StatusForbidden) == may {
					t.Errorf("%s as %s: got %d %v, may %v", op, who, status, got, may)
				}
				continue
			}
			for _, c := range matrixCases {
				q := try{method: method, path: strings.Replace(path, "{ref}", string(c.ref), 1)}
				if method == http.MethodPost {
					q.body = `{"nothing":"that fits"}` // refused before anything changes
				}
				status, got, _ := b.do(token, q)
				seen := may && slices.Contains(strings.Fields(c.seen), who)
				switch {
				case !may && status != http.StatusForbidden,
					may && !seen && method == http.MethodGet && status != http.StatusNotFound,
					seen && method == http.MethodGet && status != http.StatusOK,
					may && method == http.MethodPost && status != http.StatusBadRequest:
					t.Errorf("%s as %s: got %d %v, may %v, seen %v", q.path, who, status, got, may, seen)
				}
			}
		}
		_, got, _ := b.do(token, get("/cases"))
		for _, c := range matrixCases {
			listed, _ := json.Marshal(got)
			if may := in.Role.OfCases() && slices.Contains(strings.Fields(c.seen), who); strings.Contains(string(listed), `"`+string(c.ref)+`"`) != may {
				t.Errorf("the list of %s shows %s: %v, want %v", who, c.ref, !may, may)
			}
		}
	}
}

// TestAPITokenReachesNoFurtherThanItWasMadeFor narrows a token to a place and a verb.
func TestAPITokenReachesNoFurtherThanItWasMadeFor(t *testing.T) {
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, c.change)
	}
	token := b.token("desk", []flows.PlaceID{hoaBinh}, access.See, access.Answer)
	if n := len(list(b.ok("", token, get("/cases"))["cases"])); n != 1 {
		t.Errorf("%d cases of the place, want 1", n)
	}
	b.ok("", token, get("/cases/FAR4"))
	b.no(http.StatusNotFound, "not_found", token, get("/cases/PAN3"))
	b.no(http.StatusNotFound, "not_found", token, post("/cases/PAN3/take", ""))
	b.no(http.StatusNotFound, "not_found", token, get("/cases/PTY9"))
	b.no(http.StatusForbidden, "denied", token, post("/cases/FAR4/lower", ""))
	b.no(http.StatusForbidden, "denied", token, get("/duty"))
	b.ok("", token, post("/cases/FAR4/take", ""))
	k, err := b.store.CaseByRef(t.Context(), "FAR4")
	if err != nil || k.Holder != "desk-1" {
		t.Errorf("the holder is %s, %v", k.Holder, err)
	}
	deeds, _, err := b.office.deeds.Deeds(t.Context(), flows.DeedFilter{Kind: flows.DeedDenied})
	if err != nil || len(deeds) != 5 {
		t.Fatalf("%d refusals are written down, want 5 (%v)", len(deeds), err)
	}
	for _, d := range deeds {
		if !strings.HasPrefix(d.From, "api ") || d.Who != "desk-1" {
			t.Errorf("written down: %+v", d)
		}
	}
}

// TestAPIRefusesWhatIsNotMeant sends what no program should.
func TestAPIRefusesWhatIsNotMeant(t *testing.T) {
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, c.change)
	}
	desk := b.token("desk", nil, access.Grantable(access.Supervisor)...)
	for _, test := range []struct {
		status int
		code   string
		token  string
		q      try
	}{
		{401, "token", "", get("/cases")},
		{401, "token", "hotline_aaaaaaaa_" + strings.Repeat("a", 32), get("/cases")},
		{401, "token", desk + "x", get("/cases")},
		{404, "no_route", desk, get("/children")},
		{405, "method", desk, try{method: http.MethodDelete, path: "/cases/PAN3"}},
		{404, "not_found", desk, get("/cases/KKKK")},
		{400, "parameter", desk, get("/cases?sort=age")},
		{400, "parameter", desk, get("/cases?status=lost")},
		{400, "parameter", desk, get("/cases?limit=201")},
		{400, "parameter", desk, get("/duty?from=tomorrow")},
		{422, "too_long", desk, get("/duty?to=2099-01-01T00:00:00Z")},
		{422, "too_far", desk, get("/cases?closed_since=2020-01-01T00:00:00Z")},
		{400, "body", desk, post("/cases/PAN3/close", `{"outcome":"safe","note":"x"}`)},
		{400, "body", desk, post("/cases/PAN3/close", `[1]`)},
		{400, "body", desk, post("/cases/PAN3/close", `{"outcome":"safe"} {}`)},
		{413, "body_size", desk, post("/cases/PAN3/close", `{"outcome":"`+strings.Repeat("a", 1<<20)+`"}`)},
		{415, "body_type", desk, try{method: "POST", path: "/cases/PAN3/close", body: "outcome=safe", header: map[string]string{"Content-Type": "text/plain"}}},
		{409, "no_question", desk, post("/cases/PAN3/questions", `{"question":"ask.who_are_you"}`)},
		{422, "order", desk, post("/duty/overrides", `{"place":"`+maiChau+`","level":1,"member":"mai-chau-duty-2","from":"2026-11-24T00:00:00Z","to":"2026-11-24T00:00:00Z"}`)},
	} {
		b.no(test.status, test.code, test.token, test.q)
	}
	if h := b.no(401, "token", "", get("/me")); h.Get("WWW-Authenticate") == "" {
		t.Error("a 401 without its scheme")
	}
}

// TestAPICursorsCannotBeTampered pages through a list and tries to leave it.
func TestAPICursorsCannotBeTampered(t *testing.T) {
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, c.change)
	}
	desk, other := b.token("desk", nil, access.See, access.Directory), b.token("desk", nil, access.See)
	seen, path := map[string]int{}, "/cases?limit=3"
	var cursors []string
	for path != "" {
		got := b.ok("", desk, get(path))
		for _, k := range list(got["cases"]) {
			k, _ := k.(map[string]any)
			seen[fmt.Sprint(k["ref"])]++
		}
		path = ""
		if next, more := got["next"].(string); more {
			cursors = append(cursors, next)
			path = "/cases?limit=3&cursor=" + next
		}
	}
	if len(seen) != 8 || len(cursors) != 2 {
		t.Errorf("%d cases on %d pages", len(seen), len(cursors)+1)
	}
	first := cursors[0]
	text, proof, _ := strings.Cut(first, ".")
	for name, q := range map[string]try{
		"another list":    get("/places?cursor=" + first),
		"another filter":  get("/cases?severity=urgent&cursor=" + first),
		"another place":   get("/cases?cursor=" + "MDAwMDAwMDAwMDAwMDAwMA." + proof),
		"without a proof": get("/cases?cursor=" + text),
		"no cursor":       get("/cases?cursor=x"),
	} {
		if status, got, _ := b.do(desk, q); status != http.StatusBadRequest || got["code"] != "cursor" {
			t.Errorf("%s: got %d %v", name, status, got)
		}
	}
	b.no(http.StatusBadRequest, "cursor", other, get("/cases?cursor="+first))
}

// TestAPIDoesOnceWhatOneKeyAsksFor repeats posts as a program with a bad line does.
func TestAPIDoesOnceWhatOneKeyAsksFor(t *testing.T) {
	b := newBureau(t)
	for i, c := range matrixCases {
		b.file(i, c.ref, c.change)
	}
	desk, other := b.token("desk", nil, access.See, access.Answer, access.Lead), b.token("desk-2", nil, access.See, access.Answer)
	with := func(q try, key string) try {
		q.header = map[string]string{"Idempotency-Key": key}
		return q
	}
	take := with(post("/cases/PAN3/take", ""), "one")
	first := b.ok("", desk, take)
	status, second, header := b.do(desk, take)
	if status != http.StatusOK || fmt.Sprint(first) != fmt.Sprint(second) || header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the repeat got %d %v, want %v", status, second, first)
	}
	b.no(http.StatusUnprocessableEntity, "idempotency_key", desk, with(post("/cases/FAR4/take", ""), "one"))
	b.no(http.StatusUnprocessableEntity, "idempotency_key", desk, with(post("/cases/PAN3/take", "{}"), "one"))
	b.no(http.StatusConflict, "taken", other, take) // another token has keys of its own
	b.no(http.StatusConflict, "held", desk, with(post("/cases/PAN3/take", ""), "two"))
	b.no(http.StatusConflict, "held", desk, with(post("/cases/PAN3/take", ""), "two"))
	// Who becomes party to the case gets no earlier answer either.
	k, err := b.store.CaseByRef(t.Context(), "PAN3")
	if err != nil {
		t.Fatal(err)
	}
	ch := flows.BeginChange(b.now(), k)
	ch.Case.Recused = append(ch.Case.Recused, "desk-1")
	if _, err := b.store.Commit(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	b.no(http.StatusNotFound, "not_found", desk, take)
}

// TestAPIRefusesTooMany uses up what a minute allows.
func TestAPIRefusesTooMany(t *testing.T) {
	b := newBureau(t)
	desk := b.token("desk", nil, access.See)
	var header http.Header
	for n := 0; ; n++ {
		status, got, h := b.do(desk, get("/me"))
		if status == http.StatusTooManyRequests {
			if n < b.cfg.API.PerMinute || got["code"] != "too_many" {
				t.Errorf("refused after %d: %v", n, got)
			}
			header = h
			break
		}
		if n > 2*b.cfg.API.PerMinute {
			t.Fatal("nothing is refused")
		}
	}
	if header.Get("Retry-After") == "" {
		t.Error("a 429 that does not say when")
	}
	b.no(http.StatusUnauthorized, "token", "", get("/me"))
}
