package console_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/figures"
	"hotline/flows/links"
	"hotline/flows/record"
	"hotline/handlers/console"
	"hotline/handlers/console/browsertest"
	"hotline/store"
	"hotline/store/vault"
)

// office is the console on a store of its own, with the real casework and record
// behind it: one commune, its duty members and head, the desk, another commune.
type office struct {
	t     testing.TB
	echo  *echo.Echo
	store *store.Embedded
	mu    sync.Mutex
	now   time.Time
	who   flows.MemberID
	deeds []flows.Deed
	world escalation.World
	live  *console.Live
	filed []flows.CaseID
}

const officeCase flows.CaseID = "00case0000001"

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), who: "duty1", live: console.NewLive(), echo: echo.New()}
	var err error
	if o.store, err = store.OpenEmbedded(t.Context(), store.Options{Partitions: 1, OnCommit: o.live.Committed}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.store.Close() })
	keys, err := vault.Open(vault.Random())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := engine.LoadTexts(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	o.world = officeWorld(t, texts)
	catalogue, err := record.Parse("record.yaml", shippedFile(t, "record.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	guard := &access.Guard{Store: o.store, History: o, Journal: o, Places: func() *access.Places { return access.NewPlaces(o.world.Roster.Directory()) }}
	cases := &escalation.Service{Store: guard, World: func() escalation.World { return o.world }, Now: o.Now}
	forms := &record.Service{
		Cases: cases, Answers: o.store, Vault: keys, Catalogue: catalogue, Zone: o.world.Roster.Zone(),
		Hamlet: func(place flows.PlaceID, name string) string { return keys.Lasting("hamlet", string(place), name) },
		Opened: func(_ context.Context, m flows.MemberID, id flows.CaseID, form string) error {
			return o.Audit(t.Context(), flows.Deed{Case: id, Who: m, Kind: flows.DeedRead, What: "form " + form})
		},
	}
	c, err := console.New(console.Options{
		Board: o.store, Timeline: guard, Guard: guard, Texts: texts, Now: o.Now, Zone: o.world.Roster.Zone(), Live: o.live,
		Place: func(id flows.PlaceID) string {
			return map[flows.PlaceID]string{"mai@1": "Xã Mai Châu", "tan@1": "Xã Tân Lạc"}[id]
		},
		Member:   o.world.Roster.Member,
		Casework: cases, Steps: cases, Forms: forms, Referrals: forms, Catalogue: catalogue,
		Team: console.Team{
			Members:  func(*flows.Case) []flows.Member { return o.world.Roster.Directory().Members },
			Communes: func() []flows.Place { return o.world.Roster.Directory().Places[:2] },
		},
		History: guard,
		Links:   &console.Links{Key: []byte("test"), Claims: &console.MemoryClaims{}, Rand: rand.Reader},
		Related: &links.Service{Cases: cases, Shelf: o, Visible: guard.Visible, Now: o.Now, Again: 30 * 24 * time.Hour},
		Limit:   func(k *flows.Case, n flows.TimerName) time.Time { return escalation.Limit(k, n, o.world) },
		Who: func(echo.Context) (access.Who, error) {
			o.mu.Lock()
			defer o.mu.Unlock()
			m, _ := o.world.Roster.Member(o.who)
			return access.OfMember(m), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Register(o.echo)
	o.echo.HTTPErrorHandler = func(err error, x echo.Context) {
		if _, expected := errors.AsType[*echo.HTTPError](err); !expected {
			t.Error(err)
		}
		o.echo.DefaultHTTPErrorHandler(err, x)
	}
	o.file(officeCase, "K7F4", func(*flows.Case) {})
	return o
}

func shippedFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(configs.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func officeWorld(t testing.TB, texts flows.Texts) escalation.World {
	t.Helper()
	dir := flows.Directory{Version: "1", Province: "hb@1", Zone: "Asia/Ho_Chi_Minh", Places: []flows.Place{
		{ID: "mai@1", Name: "Mai Châu", Parent: "hb@1"}, {ID: "tan@1", Name: "Tân Lạc", Parent: "hb@1"}, {ID: "hb@1", Name: "Hoà Bình"},
	}}
	for i, m := range []flows.Member{
		{ID: "duty1", Name: "Lò Văn Inh", Role: "duty member", Place: "mai@1", Level: 1},
		{ID: "duty2", Name: "Vì Thị Hoa", Role: "duty member", Place: "mai@1", Level: 1},
		{ID: "head", Name: "Hà Thị Nga", Role: "group head", Place: "mai@1", Level: 2},
		{ID: "tan1", Name: "Bùi Văn Tân", Role: "duty member", Place: "tan@1", Level: 1},
		{ID: "desk", Name: "Bùi Đức Thắng", Role: "provincial desk", Place: "hb@1"},
	} {
		p, err := flows.ParsePhone("+8490000010" + string(rune('0'+i)))
		if err != nil {
			t.Fatal(err)
		}
		m.Phones = []flows.Phone{p}
		dir.Members = append(dir.Members, m)
		dir.Shifts = append(dir.Shifts, flows.Shift{
			Place: m.Place, Level: m.Level, Member: m.ID, From: 0, To: 0,
			Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6},
		})
	}
	w := escalation.World{Texts: texts}
	var err error
	if w.Roster, err = escalation.NewRoster(dir); err != nil {
		t.Fatal(err)
	}
	if w.Policy, err = escalation.ParsePolicy("escalation.yaml", shippedFile(t, "escalation.yaml")); err != nil {
		t.Fatal(err)
	}
	if w.Calendar, err = escalation.ParseCalendar("calendar.yaml", shippedFile(t, "calendar.yaml")); err != nil {
		t.Fatal(err)
	}
	return w
}

// Open and Ended are where the office looks for cases alike.
func (o *office) Open(ctx context.Context) ([]flows.Case, error) { return o.store.Open(ctx) }

func (o *office) Ended(ctx context.Context, since time.Time) ([]flows.Case, error) {
	all, err := o.store.Cases(ctx, o.filed)
	return slices.DeleteFunc(all, func(c flows.Case) bool { return c.IsOpen() || c.Closed.Before(since) }), err
}

// Facts are the past cases of the page of response times.
func (o *office) Facts(ctx context.Context, _, _ time.Time) ([]*figures.Fact, error) {
	var facts []*figures.Fact
	for _, id := range o.filed {
		k, err := o.store.Case(ctx, id)
		if err != nil {
			return nil, err
		}
		events, err := o.store.Timeline(ctx, id)
		if err != nil {
			return nil, err
		}
		facts = append(facts, figures.Learn(k, events))
	}
	return facts, nil
}

// file commits a case that is open in Mai Châu.
func (o *office) file(id flows.CaseID, ref flows.Ref, change func(*flows.Case)) {
	o.t.Helper()
	k := flows.Case{
		ID: id, Ref: ref, Status: flows.StatusIntake, Severity: flows.Normal, Kind: "VIOLENCE", Age: "6-10",
		Place: "mai@1", Opened: o.Now(), Channel: flows.SMS, Language: "vi",
	}
	change(&k)
	ch := flows.BeginChange(o.Now(), k)
	ch.Log(flows.Event{Kind: flows.EventFiled})
	if k.Status == flows.StatusIntake {
		ch = ch.Then(escalation.Route(o.Now(), ch.Case, o.world))
	}
	ch.From = 0
	o.filed = append(o.filed, id)
	if _, err := o.store.Commit(o.t.Context(), ch); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) Now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) Audit(_ context.Context, d flows.Deed) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deeds = append(o.deeds, d)
	return nil
}

func (o *office) be(who flows.MemberID) *office {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.who = who
	return o
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func (o *office) ask(method, path string, form url.Values, accept string) (int, string, http.Header) {
	o.t.Helper()
	q := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(form.Encode()))
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	}
	q.Header.Set(echo.HeaderAccept, accept)
	r := httptest.NewRecorder()
	o.echo.ServeHTTP(r, q)
	return r.Code, r.Body.String(), r.Header()
}

func (o *office) get(path string) (int, string) {
	o.t.Helper()
	status, body, _ := o.ask(http.MethodGet, path, nil, "text/html")
	return status, body
}

func (o *office) post(path string, pairs ...string) (int, string) {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	status, body, head := o.ask(http.MethodPost, path, form, "text/html")
	if to := head.Get("Location"); to != "" {
		return status, to
	}
	return status, body
}

// type1 saves a field as the page's script does.
func (o *office) types(form, field, version, text string, more ...string) map[string]any {
	o.t.Helper()
	v := url.Values{"f." + field: {text}, "v." + field: {version}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	status, body, _ := o.ask(http.MethodPost, "/cases/K7F4/forms/"+form, v, "application/json")
	if status != http.StatusOK {
		o.t.Fatalf("%s: got status %d: %s", field, status, body)
	}
	got := map[string]any{}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		o.t.Fatal(err)
	}
	return got
}

func (o *office) c(id flows.CaseID) flows.Case {
	o.t.Helper()
	k, err := o.store.Case(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return k
}

func (o *office) take() {
	o.t.Helper()
	if status, to := o.post("/cases/K7F4/take"); status != http.StatusSeeOther || !strings.Contains(to, "note=take") {
		o.t.Fatalf("take: %d %s", status, to)
	}
}

func TestAFormIsSavedFieldByField(t *testing.T) {
	o := newOffice(t)
	o.take()
	if got := o.types("01", "child_name", "0", "Lò Thị Mỷ"); got["result"] != "saved" || got["version"] != 1.0 {
		t.Errorf("%v", got)
	}
	if got := o.types("01", "child_name", "1", "<script>alert(1)</script>"); got["result"] != "saved" {
		t.Errorf("%v", got)
	}
	if got := o.types("01", "state", "0", "gọi 0912345678"); got["result"] != "fault" || !strings.Contains(got["note"].(string), "số điện thoại") {
		t.Errorf("%v", got)
	}
	_, page := o.get("/cases/K7F4/forms/01")
	has(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;", "Lò Văn Inh")
	if strings.Contains(page, "<script>alert") {
		t.Error("a script in a field is a script on the page")
	}
	for _, d := range o.deeds {
		if d.Kind == flows.DeedRead && (d.Who != "duty1" || d.What != "form 01") {
			t.Errorf("%+v", d)
		}
	}
	if len(o.deeds) != 1 {
		t.Errorf("%d deeds, want one opening of the form", len(o.deeds))
	}
}

func TestTwoPeopleInOneFieldSeeBothTexts(t *testing.T) {
	o := newOffice(t)
	o.take()
	o.types("01", "state", "0", "Vết bầm ở tay")
	got := o.be("head").types("01", "state", "0", "Đã đi khám")
	if got["result"] != "conflict" {
		t.Fatalf("%v", got)
	}
	has(t, got["html"].(string), "Lò Văn Inh", "Vết bầm ở tay", "Đã đi khám", `value="state|stands"`, `value="state|by:head"`)
	// Who goes on typing without a choice takes nothing away.
	if got = o.types("01", "state", "0", "Đã đi khám, ổn"); got["result"] != "conflict" {
		t.Fatalf("%v", got)
	}
	_, page := o.be("duty1").get("/cases/K7F4/forms/01")
	has(t, page, "Vết bầm ở tay", "Đã đi khám, ổn", `role="alert"`)
	got = o.types("01", "state", "1", "Vết bầm ở tay", "choose", "state|by:head")
	if got["result"] != "saved" || got["text"] != "Đã đi khám, ổn" || got["html"] != "" {
		t.Errorf("%v", got)
	}
}

func TestAFormWithoutScripts(t *testing.T) {
	o := newOffice(t)
	o.take()
	o.types("01", "mother", "0", "Vì Thị Sen")
	_, page := o.get("/cases/K7F4/forms/01")
	has(t, page, "<noscript><button>")
	// The other one changes the mother meanwhile; this post did not touch her.
	o.be("head").types("01", "mother", "1", "Vì Thị Sen (đã hỏi)")
	status, to := o.be("duty1").post("/cases/K7F4/forms/01",
		"f.mother", "Vì Thị Sen", "v.mother", "1", "h.mother", markOf(t, page, "mother"),
		"f.father", "Lò Văn Chung", "v.father", "0", "h.father", markOf(t, page, "father"))
	if status != http.StatusSeeOther || !strings.HasSuffix(to, "/forms/01?note=saved") {
		t.Errorf("%d %s", status, to)
	}
	_, page = o.get("/cases/K7F4/forms/01")
	has(t, page, "Lò Văn Chung", "Vì Thị Sen (đã hỏi)")
	if strings.Contains(page, `class="rivals"`) {
		t.Error("a field that nobody touched met another writing")
	}
	status, page = o.post("/cases/K7F4/forms/01", "f.child_age", "99", "v.child_age", "0", "h.child_age", "x")
	if status != http.StatusUnprocessableEntity {
		t.Errorf("got status %d", status)
	}
	has(t, page, `value="99"`, "Ghi một số từ 0 đến 18")
}

func markOf(t *testing.T, page, field string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `name="h.`+field+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no mark of %s", field)
	}
	return value
}

// fill writes all that form 01 must have.
func (o *office) fill() {
	o.t.Helper()
	for field, text := range map[string]string{
		"organ": "UBND xã Mai Châu", "number": "12/PTN", "kind": "abused", "source": "phone", "received": "2026-11-23T12:00",
		"child_name": "Lò Thị Mỷ", "child_sex": "female", "event_place": "Bản Lác, nhà bên suối", "state": "Vết bầm ở tay trái.", "officer": "Lò Văn Inh",
	} {
		o.types("01", field, "0", text)
	}
}

func TestAFormIsFinishedAndPrinted(t *testing.T) {
	o := newOffice(t)
	o.take()
	status, page := o.post("/cases/K7F4/forms/01/finish")
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("an empty form is finished: %d", status)
	}
	has(t, page, "Còn 8 ô cần điền", "Ô này cần điền")
	o.fill()
	if status, to := o.post("/cases/K7F4/forms/01/finish"); status != http.StatusSeeOther || !strings.Contains(to, "note=finished") {
		t.Fatalf("%d %s", status, to)
	}
	if o.c(officeCase).Stages[flows.StageReceived].IsZero() {
		t.Error("the stage is not entered")
	}
	text := o.pdf("/cases/K7F4/forms/01/print")
	for _, want := range []string{
		"MẪU SỐ 01 · PHIẾU TIẾP NHẬN THÔNG TIN", "UBND XÃ MAI CHÂU", "Số: 12/PTN", "Lò Thị Mỷ", "Bản Lác, nhà bên suối",
		"Vết bầm ở tay trái.", "12:00 23/11/2026", "Mã vụ việc K7F4", "không lưu trong hệ thống", "Trang 1/2",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the form does not say %q:\n%s", want, text)
		}
	}
	text = o.pdf("/cases/K7F4/print")
	for _, want := range []string{"BÌA HỒ SƠ VỤ VIỆC", "Xã Mai Châu", "Quyết định khẩn cấp", "00:00 24/11/2026", "Đã hoàn tất lúc 12:00 23/11/2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("the cover does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Mỷ") {
		t.Error("the cover names the child")
	}
}

func (o *office) pdf(path string) string {
	o.t.Helper()
	status, body, head := o.ask(http.MethodGet, path, nil, "*/*")
	if status != http.StatusOK || head.Get("Content-Type") != "application/pdf" {
		o.t.Fatalf("%s: got status %d, %s", path, status, head.Get("Content-Type"))
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		o.t.Fatal("the test needs pdftotext: apt-get install poppler-utils")
	}
	name := filepath.Join(o.t.TempDir(), "paper.pdf")
	if to := os.Getenv("PICTURES"); to != "" {
		name = filepath.Join(to, strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")+".pdf")
	}
	if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
		o.t.Fatal(err)
	}
	out, err := exec.CommandContext(o.t.Context(), tool, "-layout", name, "-").Output()
	if err != nil {
		o.t.Fatal(err)
	}
	return string(out)
}

func TestTheRecordIsForWhoLeadsTheCase(t *testing.T) {
	o := newOffice(t)
	o.take()
	o.fill()
	paths := []string{"/cases/K7F4/forms/01", "/cases/K7F4/forms/01/print"}
	for who, want := range map[flows.MemberID]int{"duty2": 404, "tan1": 404, "head": 200, "desk": 200} {
		for _, path := range paths {
			if status, _ := o.be(who).get(path); status != want {
				t.Errorf("%s gets %s: status %d, want %d", who, path, status, want)
			}
		}
	}
	if status, _ := o.be("duty1").get("/cases/K7F4/forms/99"); status != http.StatusNotFound {
		t.Errorf("a form that is none: status %d", status)
	}
	status, _, _ := o.ask(http.MethodPost, "/cases/K7F4/forms/01", url.Values{"f.state": {strings.Repeat("x", 1<<20)}, "v.state": {"0"}}, "application/json")
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("a field of 1 MB: status %d", status)
	}
	if status, to := o.be("head").post("/cases/K7F4/official"); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, to)
	}
	for _, who := range []flows.MemberID{"duty1", "head"} {
		for _, path := range append(paths, "/cases/K7F4", "/cases/K7F4/print") {
			if status, _ := o.be(who).get(path); status != http.StatusNotFound {
				t.Errorf("%s gets %s of a case about an official: status %d", who, path, status)
			}
		}
		if status, _, _ := o.ask(http.MethodPost, "/cases/K7F4/forms/01", url.Values{"f.state": {"x"}, "v.state": {"1"}}, "application/json"); status != http.StatusNotFound {
			t.Errorf("%s writes into it: status %d", who, status)
		}
	}
	if status, _ := o.be("desk").get("/cases/K7F4/forms/01"); status != http.StatusOK {
		t.Errorf("the desk: status %d", status)
	}
}

func TestDeedsOfTheHolder(t *testing.T) {
	for _, c := range []struct {
		name, deed string
		who        flows.MemberID
		form       []string
		note       string
		check      func(flows.Case) bool
	}{
		{
			"hands over", "refer", "duty1",
			[]string{"to", "police", "at", "2026-11-23T12:00", "f.person", "Đại uý Hà", "f.number", "12/BN"},
			"refer",
			func(k flows.Case) bool { return len(k.Referrals) == 1 },
		},
		{"hands over without a receiver", "refer", "duty1", []string{"to", "police", "at", "2026-11-23T12:00"}, "unfinished", func(k flows.Case) bool { return len(k.Referrals) == 0 }},
		{"hands over tomorrow", "refer", "duty1", []string{"to", "police", "at", "2026-11-24T12:00", "f.person", "x"}, "unfinished", func(k flows.Case) bool { return len(k.Referrals) == 0 }},
		{"gives it away", "assign", "duty1", []string{"to", "head"}, "assign", func(k flows.Case) bool { return k.Holder == "head" }},
		{"gives it to nobody", "assign", "duty1", []string{"to", "ghost"}, "no_member", func(k flows.Case) bool { return k.Holder == "duty1" }},
		{
			"moves it", "transfer", "head",
			[]string{"to", "tan@1"},
			"transfer",
			func(k flows.Case) bool {
				return k.Place == "tan@1" && k.Timers[flows.TimerDecision] == flows.Millis(k.Opened.Add(6*time.Hour))
			},
		},
		{"moves it to nowhere", "transfer", "head", []string{"to", "moon@1"}, "place", func(k flows.Case) bool { return k.Place == "mai@1" }},
		{"is on site", "onsite", "duty1", nil, "onsite", func(flows.Case) bool { return true }},
		{
			"closes it", "close", "duty1",
			[]string{"end", "safe|plan_done"},
			"close",
			func(k flows.Case) bool {
				return k.Status == flows.StatusClosed && k.Outcome == "safe" && k.Why == "plan_done"
			},
		},
		{"closes it without a reason", "close", "duty1", nil, "no_outcome", func(k flows.Case) bool { return k.IsOpen() }},
		{"closes it with a reason of another end", "close", "duty1", []string{"end", "safe|prank"}, "no_outcome", func(k flows.Case) bool { return k.IsOpen() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			o.take()
			status, to := o.be(c.who).post("/cases/K7F4/"+c.deed, c.form...)
			beside := slices.Contains([]string{"unfinished", "no_member", "place", "no_outcome"}, c.note)
			switch {
			case beside && (status != http.StatusUnprocessableEntity || !strings.Contains(to, `role="alert"`)):
				t.Errorf("got %d, and the form as it was sent with its fault: %v", status, strings.Contains(to, `role="alert"`))
			case !beside && (status != http.StatusSeeOther || to != "/cases/K7F4?note="+c.note):
				t.Errorf("got %d %s", status, to)
			}
			if k := o.c(officeCase); !c.check(k) {
				t.Errorf("the case is %+v", k)
			}
			if c.note != "transfer" && !beside {
				_, page := o.get(to)
				has(t, page, `role="status"`)
			}
		})
	}
}

func TestStagesShowWhatWasMissed(t *testing.T) {
	o := newOffice(t)
	o.take()
	o.pass(13 * time.Hour)
	k := o.c(officeCase)
	if _, err := o.store.Commit(t.Context(), escalation.FireAll(o.Now(), k, o.world)); err != nil {
		t.Fatal(err)
	}
	_, page := o.be("head").get("/cases/K7F4")
	has(t, page, ` missed"`, "<strong>quá hạn</strong>")
	_, page = o.get("/cases/K7F4/forms/decision")
	has(t, page, "Lý do chậm", "Thời tiết, đường sá")
	o.post("/cases/K7F4/take")
	for field, text := range map[string]string{"measure": "not_needed", "reason": "vì", "from": "2026-11-23T20:00", "decider": "Chủ tịch"} {
		o.types("decision", field, "0", text)
	}
	if status, to := o.post("/cases/K7F4/forms/decision/finish", "why", "weather"); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, to)
	}
	o.post("/cases/K7F4/refer", "to", "police", "at", "2026-11-23T13:00", "f.person", "x")
	_, page = o.get("/cases/K7F4")
	has(t, page, "Quá hạn 1:00:00 · Thời tiết, đường sá", "<p>Công an</p>", "<strong>quá hạn</strong>")
	var notes []string
	for _, e := range o.timeline() {
		if e.Kind == flows.EventBreached {
			notes = append(notes, e.Reason)
		}
	}
	if diff := cmp.Diff(notes, []string{"decision_12h"}); diff != "" {
		t.Error(diff)
	}
}

func (o *office) timeline() []flows.Event {
	o.t.Helper()
	events, err := o.store.Timeline(o.t.Context(), officeCase)
	if err != nil {
		o.t.Fatal(err)
	}
	return events
}

// TestRecordInTheBrowser is a responder's phone at night: take the case, fill form
// 01 while it saves itself, lose nothing to a colleague, finish, print.
func TestRecordInTheBrowser(t *testing.T) {
	o := newOffice(t)
	o.echo.POST("/test/be/:who", func(x echo.Context) error {
		o.be(flows.MemberID(x.Param("who")))
		return x.NoContent(http.StatusNoContent)
	})
	s := httptest.NewServer(o.echo)
	defer s.CloseClientConnections()
	defer o.live.Close()
	browsertest.Play(t, "record.mjs", s.URL, shots(t))
}
