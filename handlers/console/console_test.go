package console_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/flows"
)

// get asks the town for a page.
func (w *town) get(t testing.TB, path string) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRecorder()
	w.echo.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.Code, string(body), r.Header()
}

// file puts a case on the board.
func (w *town) file(ref flows.Ref, change func(*flows.Case)) {
	k := flows.Case{
		ID: flows.CaseID("00" + ref), Ref: ref, Version: 1, Status: flows.StatusOpen, Severity: flows.Normal, Channel: flows.SMS,
		Opened: start, Routed: start, Level: 1, Place: "mai-chau", Timers: flows.Timers{flows.TimerLadder: flows.Millis(start.Add(time.Hour))},
	}
	change(&k)
	w.mu.Lock()
	w.cases = append(w.cases, k)
	w.mu.Unlock()
	w.live.Changed()
}

func has(t testing.TB, page string, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(page, s) {
			t.Errorf("the page lacks %q", s)
		}
	}
}

func TestBoardPutsWhoNeedsSomebodyFirst(t *testing.T) {
	w := newTown(t, false)
	in := func(d time.Duration) flows.Timers { return flows.Timers{flows.TimerLadder: flows.Millis(start.Add(d))} }
	w.file("T4AA", func(k *flows.Case) { k.Status, k.Holder, k.Severity = flows.StatusTaken, "m1", flows.Urgent })
	w.file("W4AA", func(k *flows.Case) { k.Timers = in(time.Minute) })
	w.file("U4AA", func(k *flows.Case) { k.Severity, k.Timers = flows.Urgent, in(10*time.Minute) })
	w.file("U4CC", func(k *flows.Case) { k.Severity, k.Timers = flows.Urgent, in(5*time.Minute) })
	w.file("H4AA", func(k *flows.Case) { k.Status, k.Holder, k.Timers = flows.StatusTaken, "m1", in(-time.Minute) })
	_, page, _ := w.get(t, "/")
	at := -1
	for _, ref := range []string{"U4CC", "U4AA", "H4AA", "W4AA", "T4AA"} {
		i := strings.Index(page, `id="case-`+ref)
		if i < at {
			t.Errorf("case %s is out of order", ref)
		}
		at = i
	}
	has(t, page, `data-mood="urgent"`, "2 tin khẩn cấp đang chờ người nhận", "Lò Văn Inh", "Xã Mai Châu", ">5:00<", "&#43;1:00<")
}

func TestBoardSaysWhenAllIsWell(t *testing.T) {
	w := newTown(t, false)
	_, page, _ := w.get(t, "/?lang=en")
	has(t, page, `data-mood="empty"`, "No child is waiting", `<html lang="en"`)
	w.file("T4AA", func(k *flows.Case) { k.Status, k.Holder = flows.StatusTaken, "m1" })
	_, page, _ = w.get(t, "/")
	has(t, page, `data-mood="calm"`, "Mọi vụ việc đều đã có người nhận")
}

func TestBoardWithoutStoreNeverLooksCalm(t *testing.T) {
	w := newTown(t, false)
	w.broken = errors.New("gone")
	status, page, _ := w.get(t, "/")
	if status != http.StatusOK {
		t.Fatalf("got status %d", status)
	}
	has(t, page, `data-mood="blind"`, "gọi 111 hoặc 113")

	w.broken = nil
	w.file("U4AA", func(k *flows.Case) { k.Severity = flows.Urgent })
	w.get(t, "/")
	w.broken = errors.New("gone")
	w.live.Changed()
	_, page, _ = w.get(t, "/")
	has(t, page, `data-mood="urgent"`, "U4AA", "Đây là bảng lúc 09:30:00")
}

func TestCaseWithoutClockIsAFault(t *testing.T) {
	w := newTown(t, false)
	w.file("U4AA", func(k *flows.Case) { k.Timers = nil })
	_, page, _ := w.get(t, "/")
	has(t, page, "thiếu đồng hồ", `class="case normal late open"`)
}

func TestMembersWhomNothingReachedAreMarked(t *testing.T) {
	w := newTown(t, false)
	w.file("U4AA", func(k *flows.Case) {
		k.Alerts = []flows.Alert{
			{ID: "x/1", Member: "m1", Level: 1, Channel: flows.SMS, At: start, Delivery: flows.Undelivered},
			{ID: "x/2", Member: "m1", Level: 1, Channel: flows.Voice, At: start, Delivery: flows.Undelivered},
			{ID: "x/3", Member: "m2", Level: 1, Channel: flows.SMS, At: start, Delivery: flows.Delivered},
			{ID: "x/4", Member: "m2", Level: 1, Channel: flows.Voice, At: start, Delivery: flows.Undelivered},
		}
	})
	_, page, _ := w.get(t, "/")
	has(t, page, "1 người chưa liên lạc được", "Đã báo Lò Văn Inh và 1 người nữa")
}

func TestCasePageTellsTheStory(t *testing.T) {
	w := newTown(t, false)
	w.file("U4AA", func(k *flows.Case) {
		k.Alerts = []flows.Alert{{ID: "x/1", Member: "m1", Level: 1, Channel: flows.SMS, At: start, Delivery: flows.Delivered}}
		k.Texts = []flows.Sealed{{Field: "text/1", Data: []byte("be gai bi danh")}}
		k.Kind = "VIOLENCE"
	})
	w.events["00U4AA"] = []flows.Event{
		{At: start, Kind: flows.EventFiled, Via: flows.SMS},
		{At: start, Kind: flows.EventAlerted, Level: 1, Message: "x/1", Via: flows.SMS, Reason: "place_known"},
	}
	status, page, _ := w.get(t, "/cases/u4aa")
	if status != http.StatusOK {
		t.Fatalf("got status %d", status)
	}
	has(t, page, "Nhận tin đầu tiên", "Lò Văn Inh", "báo nhóm thường trực của xã", "đã tới", "Bị đánh", "niêm phong (1 đoạn)")
	if strings.Contains(page, "be gai") {
		t.Error("the page shows what the reporter wrote")
	}
}

func TestUnknownCase(t *testing.T) {
	w := newTown(t, false)
	for _, path := range []string{"/cases/K7F4", "/cases/nothing-like-it"} {
		if status, page, _ := w.get(t, path); status != http.StatusNotFound || !strings.Contains(page, "Không tìm thấy") {
			t.Errorf("%s: got status %d", path, status)
		}
	}
}

func TestPagesAllowNothingFromElsewhere(t *testing.T) {
	w := newTown(t, true)
	for _, path := range []string{"/", "/board", "/demo", "/cases/K7F4"} {
		_, page, h := w.get(t, path)
		if p := h.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'self';") || strings.Contains(p, "unsafe") {
			t.Errorf("%s: got policy %q", path, p)
		}
		for _, bad := range []string{"<style", " style=", "javascript:", " onclick=", "<script>", "http://", "https://"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page holds %q", path, bad)
			}
		}
	}
}

func TestNamesOfPlacesAreShownAsText(t *testing.T) {
	w := newTown(t, false)
	w.file("U4AA", func(k *flows.Case) { k.NoTimer, k.Timers = "<script>alert(1)</script>", nil })
	if _, page, _ := w.get(t, "/"); strings.Contains(page, "<script>alert") {
		t.Error("a script got into the page")
	}
}

func TestEveryTextIsThereInBothLanguages(t *testing.T) {
	all := texts(t)
	for key := range all["vi"] {
		if _, ok := all["en"][key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
	for key := range all["en"] {
		if _, ok := all["vi"][key]; !ok {
			t.Errorf("vi lacks %s", key)
		}
	}
	w := newTown(t, true)
	w.file("U4AA", func(k *flows.Case) { k.Danger = true })
	for _, path := range []string{"/", "/board", "/cases/U4AA", "/?lang=en", "/cases/U4AA?lang=en"} {
		if _, page, _ := w.get(t, path); strings.Contains(page, "[console.") {
			t.Errorf("%s shows the key of a text that is missing", path)
		}
	}
}

func TestAssetsAreKeptByBrowsers(t *testing.T) {
	w := newTown(t, false)
	_, page, _ := w.get(t, "/")
	i := strings.Index(page, "/assets/")
	address := page[i : i+strings.IndexByte(page[i:], '"')]
	status, _, h := w.get(t, address)
	if status != http.StatusOK || !strings.Contains(h.Get("Cache-Control"), "immutable") {
		t.Errorf("%s: got status %d, cache %q", address, status, h.Get("Cache-Control"))
	}
	if status, _, _ := w.get(t, "/assets/x/../console.go"); status != http.StatusNotFound {
		t.Errorf("a source file: got status %d", status)
	}
}

func TestServerStopsWhilePagesAreOpen(t *testing.T) {
	w := newTown(t, false)
	s := httptest.NewServer(w.echo)
	defer s.Close()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/board/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	s.Config.RegisterOnShutdown(w.live.Close)
	if err := s.Config.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	w.live.Close() // twice does no harm
}

// TestTheDemoHasItsPage: what a page knows and what the demo knows must not have
// the same name, or neither is there.
func TestTheDemoHasItsPage(t *testing.T) {
	w := newTown(t, true)
	status, page, _ := w.get(t, "/?lang=en")
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, page)
	}
	has(t, page, "<title>", `href="/board"`, "</html>")
}
