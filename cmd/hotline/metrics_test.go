package main

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/transcript"
)

// smallWorld is an app on an embedded store whose clock stands at a morning.
func smallWorld(t *testing.T) *world {
	t.Helper()
	begin := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	w, err := newWorld(t.Context(), transcript.Scene{Begin: begin}, configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	return w
}

// values are the present figures whose name begins with hotline_, by name and
// label values.
func values(t *testing.T, f *figures) map[string]float64 {
	t.Helper()
	families, err := f.web.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			if strings.HasPrefix(name, "hotline_") {
				out[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return out
}

// report plays the dialogue of a report on a handset. Nobody works meanwhile.
func report(t *testing.T, a *app) {
	t.Helper()
	from, err := flows.ParsePhone(demoReporter)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range reportDialogue() {
		in := flows.Inbound{
			Provider: "africastalking", Channel: flows.USSD, Signal: flows.Input, From: from, To: a.cfg.Service.Code,
			Session: "session", Text: text, Cumulative: true, At: a.now(),
		}
		if i == 0 {
			in.Signal = flows.Begin
		}
		if _, err := a.dialog.Handle(t.Context(), in); err != nil {
			t.Fatalf("hop %d: %v", i, err)
		}
	}
}

// refuser is a provider that is down.
type refuser struct{}

func (refuser) Send(context.Context, flows.Message, flows.Phone) (flows.Sending, error) {
	return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "unreachable"}
}

// TestWatchSeesWhatWaits files a report and lets nobody work for three hours.
func TestWatchSeesWhatWaits(t *testing.T) {
	w := smallWorld(t)
	const late = 3 * time.Hour
	a := w.app
	report(t, a)
	w.Skip(late)
	a.watch.began = a.now() // as if the process had just been started
	if err := a.watch.tick(t.Context(), a.now()); err != nil {
		t.Fatal(err)
	}
	got := values(t, a.figures)
	for name, want := range map[string]float64{
		"hotline_open_cases normal open":       1,
		"hotline_open_cases urgent open":       0,
		"hotline_contacts_today begun":         1,
		"hotline_contacts_today filed":         1,
		"hotline_dead_messages":                0,
		"hotline_durability_fault embedded":    1,
		"hotline_durability_fault evicts":      0,
		"hotline_audit_findings timer_overdue": 1,
		"hotline_audit_findings no_timer":      0,
		"hotline_audit_findings not_served":    0,
		"hotline_watch_age_seconds":            0,
		"hotline_directory_age_seconds":        late.Seconds(),
		"hotline_message_overdue_seconds":      late.Seconds(),
	} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
	if got["hotline_timer_overdue_seconds"] <= 60 {
		t.Errorf("the oldest timer is %v s late, want more than 60", got["hotline_timer_overdue_seconds"])
	}
	if got["hotline_case_commits_total"] < 1 || got["hotline_escalations_total routed place_known"] != 1 {
		t.Errorf("commits and decisions were not counted: %v", got)
	}
	w.Skip(time.Minute)
	if age := values(t, a.figures)["hotline_watch_age_seconds"]; age != 60 {
		t.Errorf("after a minute the figures are %v s old", age)
	}
}

// TestReadinessShowsHowDataIsKept asks both pages of the internal listener.
func TestReadinessShowsHowDataIsKept(t *testing.T) {
	a := smallWorld(t).app
	l, err := newListeners(a, &providers{})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRecorder()
		l.internal.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return r
	}
	if err := a.watch.tick(t.Context(), a.now()); err != nil {
		t.Fatal(err)
	}
	if scraped := get("/metrics").Body.String(); !strings.Contains(scraped, `hotline_ready{check="store"} 1`) {
		t.Error("a scrape does not show readiness unless somebody asked for it before")
	}
	page := get("/readyz")
	var got struct {
		Ready   bool
		Details sight
	}
	if err := json.Unmarshal(page.Body.Bytes(), &got); err != nil || page.Code != http.StatusOK || !got.Ready {
		t.Fatalf("status %d, %v: %s", page.Code, err, page.Body)
	}
	want := []serverKeeps{{Version: "in-process", Role: "master", Faults: []string{"embedded"}}}
	if diff := cmp.Diff(want, got.Details.Durability); diff != "" || got.Details.Directory == "" {
		t.Errorf("directory %q, -want +got:\n%s", got.Details.Directory, diff)
	}
}

// TestBreakerAndSendsAreCounted lets a provider fail until it is left out.
func TestBreakerAndSendsAreCounted(t *testing.T) {
	w := smallWorld(t)
	p := &providers{senders: map[string]dispatch.Sender{"broken": refuser{}}}
	cfg := w.app.cfg
	cfg.Routes.SMS = []string{"broken"}
	r := p.router(cfg, w.Now, w.app.log, w.app.figures)
	if got := values(t, w.app.figures)["hotline_provider_breaker_open broken"]; got != 0 {
		t.Errorf("at first the breaker shows %v", got)
	}
	for range 5 {
		_, err := r.Send(t.Context(), flows.Message{Channel: flows.SMS}, flows.Phone{})
		_, failed := errors.AsType[*flows.SendError](err)
		if _, later := errors.AsType[*dispatch.Later](err); !failed && !later {
			t.Fatal(err)
		}
	}
	got := values(t, w.app.figures)
	if got["hotline_provider_breaker_open broken"] != 1 || got["hotline_sends_total sms unreachable broken"] != 5 {
		t.Errorf("breaker %v, sends %v", got["hotline_provider_breaker_open broken"], got)
	}
}

// TestReasonsAreAllThatEscalationNames reads the constants of the package: a
// reason that is missing here would show as "other".
func TestReasonsAreAllThatEscalationNames(t *testing.T) {
	var want []string
	for _, name := range []string{"reason.go", "audit.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), "../../flows/escalation/"+name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "Reason" {
				text, _ := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				want = append(want, text)
			}
			return true
		})
	}
	var got []string
	for _, r := range reasons() {
		got = append(got, string(r))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-escalation +metrics:\n%s", diff)
	}
	if knownReason("unanswered") != "unanswered" || knownReason("0901234567") != "other" {
		t.Error("the label is not from a closed set")
	}
}

func TestSkewIsMeasuredFromTheMiddle(t *testing.T) {
	asked := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		took   time.Duration
		theirs time.Duration
		want   time.Duration
	}{
		{"the same clock", 10 * time.Millisecond, 5 * time.Millisecond, 0},
		{"theirs is ahead", 10 * time.Millisecond, 3005 * time.Millisecond, 3 * time.Second},
		{"theirs is behind", 0, -time.Hour, -time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := skewOf(asked, asked.Add(c.took), asked.Add(c.theirs)); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
