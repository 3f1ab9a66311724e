package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/handlers/hook"
)

// ways are what leads out of a hotline beside the pages of the demo: everybody's
// pages and files, the API for programs, and what is told to programs elsewhere.
type ways struct {
	*bureau
	house    *house
	receiver *hook.Worker
	told     int // requests to the program elsewhere
}

// openWays signs everybody in beside the demo, and lets a program elsewhere listen.
func openWays(t *testing.T, h *house) *ways {
	t.Helper()
	w := &ways{house: h, bureau: &bureau{office: openOffice(t, h.app, h.live), asked: map[string]bool{}}}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		fmt.Fprintf(&h.seen, "told %s %v %s\n", q.URL, q.Header, body)
		w.told++
	}))
	t.Cleanup(s.Close)
	w.receiver = h.hook(configs.Webhook{Name: "elsewhere", URL: s.URL, Member: "desk-1"}, []byte(strings.Repeat("k", 32)))
	w.tell()
	return w
}

// tell looks once for what moved.
func (w *ways) tell() {
	w.t.Helper()
	if err := w.receiver.Tick(w.t.Context()); err != nil {
		w.t.Error(err)
	}
}

// keep remembers an answer for the search.
func (w *ways) keep(status int, header http.Header, body string) {
	fmt.Fprintf(&w.house.seen, "%d %v\n%s\n", status, header, body)
	if strings.HasPrefix(body, "%PDF") || strings.HasPrefix(body, "PK") {
		w.house.papers = append(w.house.papers, []byte(body))
	}
}

// look asks for every route of the signed-in as one of each role, the desk for every
// open case, then for everything that a program may read. A number in an address must
// not come into the log; that answer shows whoever typed it what they typed.
func (w *ways) look(number string) (pages, calls int) {
	w.t.Helper()
	open, err := w.store.Open(w.t.Context())
	if err != nil || len(open) == 0 {
		w.t.Fatalf("%d open cases, %v", len(open), err)
	}
	reached := map[string]bool{}
	for _, who := range []string{"duty", "desk", "committee", "operator", "auditor"} {
		for _, l := range matrix {
			if strings.Contains(l.route, "signout") || strings.Contains(l.route, "/end") {
				continue
			}
			method, _, _ := strings.Cut(l.route, " ")
			cases := open
			if who != "desk" || !strings.Contains(l.path, "REF") {
				cases = open[:1]
			}
			for _, c := range cases {
				path := strings.Replace(l.path, "REF", string(c.Ref), 1)
				status, body, header := w.ask(who, method, path, l.form)
				w.keep(status, header, body)
				reached[l.route] = reached[l.route] || status == http.StatusOK || l.route == "GET /"
				pages++
			}
			w.ask(who, method, l.path+sign(l.path)+"x="+url.QueryEscape(number), url.Values{"why": {number}})
		}
	}
	for _, l := range matrix {
		if strings.HasPrefix(l.route, "GET ") && !reached[l.route] {
			w.t.Errorf("%s shows nobody anything: for it this tests nothing", l.route)
		}
	}
	return pages, w.programs(open)
}

func sign(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

var operation = regexp.MustCompile(`\{[a-z]+\}`)

// programs reads everything of the API, that of every case too, as Primero takes it.
func (w *ways) programs(open []flows.Case) (calls int) {
	w.t.Helper()
	desk := w.token("desk", nil, access.Grantable(access.Supervisor)...)
	auditor := w.token("auditor", nil, access.Audit)
	answered := map[string]bool{}
	for _, path := range []string{
		"/openapi.json", "/me", "/cases", "/cases/{ref}", "/cases/{ref}/timeline", "/cases/{ref}/primero", "/cases/{ref}/questions",
		"/duty", "/places", "/groups", "/drills", "/figures", "/deliveries", "/audit",
	} {
		for _, token := range []string{desk, auditor} {
			for _, c := range open {
				r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/api/v1"+operation.ReplaceAllString(path, string(c.Ref)), nil)
				r.Header.Set("Authorization", "Bearer "+token)
				a := httptest.NewRecorder()
				w.echo.ServeHTTP(a, r)
				w.keep(a.Code, a.Header(), a.Body.String())
				answered[path] = answered[path] || a.Code == http.StatusOK
				calls++
			}
		}
		if !answered[path] {
			w.t.Errorf("the API answers nobody at %s: for it this tests nothing", path)
		}
	}
	return calls
}

// printed prints what a commune hangs up, on the settings of the house.
func (w *ways) printed() {
	w.t.Helper()
	for _, sheet := range []string{"poster", "responder", "supervisor", "operator"} {
		out := filepath.Join(w.t.TempDir(), sheet+".pdf")
		code, said, errs := command(w.t, "", []string{
			"HOTLINE_JOURNAL_DIR=" + w.cfg.Journal.Dir, "HOTLINE_KEY_FILE=" + w.cfg.KeyFile, "HOTLINE_SERVICE_SMS=1111",
		}, "paper", sheet, "-o", out, "--place", "xã Mai Châu")
		if code != 0 {
			w.t.Errorf("hotline paper %s exits with %d: %s", sheet, code, errs)
			continue
		}
		data, err := os.ReadFile(out)
		if err != nil {
			w.t.Fatal(err)
		}
		w.house.papers = append(w.house.papers, data)
		fmt.Fprintln(&w.house.seen, said, errs)
	}
}
