package console_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers/console"
)

// linked is a town with one case, and the link that its alert carried.
func linked(t *testing.T, d *desk, more ...func(*console.Options)) (w *town, path string) {
	t.Helper()
	links := &console.Links{Key: []byte("test"), Claims: &console.MemoryClaims{}, Rand: rand.Reader}
	w = newTown(t, false, append(more, func(o *console.Options) { o.Casework, o.Links = d, links })...)
	w.file("U4AA", func(k *flows.Case) {
		k.Alerts = []flows.Alert{{ID: "00U4AA/1", Member: "m1", Level: 1, Channel: flows.SMS, At: start}}
	})
	return w, links.Path("U4AA", "00U4AA/1")
}

// device is a phone that keeps its cookie.
type device struct {
	w      *town
	cookie *http.Cookie
}

func (d *device) ask(t *testing.T, method, path string) (int, string) {
	t.Helper()
	q := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if d.cookie != nil {
		q.AddCookie(d.cookie)
	}
	r := httptest.NewRecorder()
	d.w.echo.ServeHTTP(r, q)
	for _, k := range r.Result().Cookies() {
		if k.Name == "link" {
			d.cookie = k
		}
	}
	if to := r.Header().Get("Location"); to != "" {
		return r.Code, to
	}
	return r.Code, r.Body.String()
}

func TestLinkWorksOnTheDeviceThatOpensItFirst(t *testing.T) {
	casework := &desk{}
	w, path := linked(t, casework)
	mine, other := &device{w: w}, &device{w: w}
	code, page := mine.ask(t, "GET", path)
	if code != http.StatusOK || strings.Contains(page, "Mai Châu") {
		t.Fatalf("before opening: got %d, place shown %v", code, strings.Contains(page, "Mai Châu"))
	}
	if code, to := mine.ask(t, "POST", path+"/open"); code != http.StatusSeeOther || to != path {
		t.Fatalf("open: got %d %s", code, to)
	}
	_, page = mine.ask(t, "GET", path)
	has(t, page, "Xã Mai Châu", "Nhận vụ việc", "tel:113")
	if code, _ := other.ask(t, "POST", path+"/open"); code != http.StatusNotFound {
		t.Errorf("a second device: got %d", code)
	}
	if code, _ := other.ask(t, "POST", path+"/take"); code != http.StatusNotFound || len(casework.done) > 0 {
		t.Errorf("a second device takes: got %d, %v", code, casework.done)
	}
	if code, to := mine.ask(t, "POST", path+"/take"); code != http.StatusSeeOther || to != path+"?note=take" {
		t.Errorf("take: got %d %s", code, to)
	}
	casework.refuse = &escalation.Refused{Reason: escalation.RefusedHeld}
	_, to := mine.ask(t, "POST", path+"/take")
	if _, page = mine.ask(t, "GET", to); !strings.Contains(page, `class="note good"`) {
		t.Error("the same decision sent twice is not good")
	}
	if code, _ := mine.ask(t, "POST", path+"/close"); code != http.StatusNotFound {
		t.Errorf("close: got %d", code)
	}
}

func TestLinksEnd(t *testing.T) {
	for name, end := range map[string]func(w *town){
		"with the case":              func(w *town) { w.cases[0].Status = flows.StatusClosed },
		"a day after the alert":      func(w *town) { w.moment = start.Add(24 * time.Hour) },
		"for whom the case is about": func(w *town) { w.cases[0].Recused = []flows.MemberID{"m1"} },
	} {
		t.Run(name, func(t *testing.T) {
			w, path := linked(t, &desk{})
			end(w)
			if code, _ := (&device{w: w}).ask(t, "GET", path); code != http.StatusNotFound {
				t.Errorf("got %d", code)
			}
		})
	}
	w, path := linked(t, &desk{})
	for _, bad := range []string{path + "x", path[:len(path)-1], "/r/U4AA-", "/r/U4AA", "/r/-", "/r/" + strings.Repeat("a", 5000)} {
		if code, _ := (&device{w: w}).ask(t, "GET", bad); code != http.StatusNotFound {
			t.Errorf("%.20s: got %d", bad, code)
		}
	}
}

func TestLinkPageIsSmall(t *testing.T) {
	w, path := linked(t, &desk{})
	d := &device{w: w}
	d.ask(t, "POST", path+"/open")
	_, page := d.ask(t, "GET", path)
	total := len(page)
	for part := range strings.SplitSeq(page, `"`) {
		if strings.HasPrefix(part, "/assets/") {
			_, body, _ := w.get(t, part)
			total += len(body)
		}
	}
	if total > 60_000 {
		t.Errorf("the page and all it loads are %d bytes", total)
	}
	if bytes.Contains([]byte(page), []byte("woff2")) {
		t.Error("the page loads a typeface")
	}
}
