package console_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hotline/handlers/console"
)

// The most that a page may weigh at its first visit, with all that it loads: a
// phone on 3G shows it within a few seconds.
const (
	pageLimit = 150_000
	linkLimit = 60_000
)

// visit is a browser at its first visit, with nothing kept: it counts the bytes
// that travel.
type visit struct {
	t    *testing.T
	base string
	got  map[string]int
}

var (
	loads  = regexp.MustCompile(`(?:src|href)="(/assets/[^"#]+)`)
	inside = regexp.MustCompile(`url\("?([^")]+)"?\)`)
)

// get asks for one file as a browser does, and returns its text.
func (v *visit) get(path string, cookies ...*http.Cookie) string {
	v.t.Helper()
	q, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	q.Header.Set("Accept-Encoding", "gzip, deflate, br")
	for _, k := range cookies {
		q.AddCookie(k)
	}
	r, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		v.t.Fatalf("%s: got status %d", path, r.StatusCode)
	}
	counted := &counter{Reader: r.Body}
	var body io.Reader = counted
	if r.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(counted); err != nil {
			v.t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.got[path] = counted.n + 300 // what its headers take, about
	return string(text)
}

// whole loads a page and everything it names: styles, scripts, pictures, and the
// typefaces that the styles name.
func (v *visit) whole(path string, cookies ...*http.Cookie) int {
	v.t.Helper()
	v.got = map[string]int{}
	for _, m := range loads.FindAllStringSubmatch(v.get(path, cookies...), -1) {
		if v.got[m[1]] > 0 {
			continue
		}
		text := v.get(m[1])
		if !strings.HasSuffix(m[1], ".css") {
			continue
		}
		at, err := url.Parse(m[1])
		if err != nil {
			v.t.Fatal(err)
		}
		for _, f := range inside.FindAllStringSubmatch(text, -1) {
			if to, err := at.Parse(f[1]); err == nil && to.Scheme == "" && v.got[to.Path] == 0 {
				v.get(to.Path)
			}
		}
	}
	sum := 0
	for _, n := range v.got {
		sum += n
	}
	return sum
}

type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// TestPagesAreLight loads pages as a browser does that has never been here, and
// holds them against the limits: a board of 10,000 cases, a long case, a year of
// figures, a month of duty.
func TestPagesAreLight(t *testing.T) {
	w := newTown(t, false, withPast(years()), func(o *console.Options) { o.Rota, o.Public = rota{}, years() }, as(&desk{}, "m3"))
	w.village()
	w.crowd(10_000)
	s := httptest.NewServer(w.echo)
	defer s.Close()
	for _, path := range []string{"/board", "/board?wall=1", "/cases/A3AA", "/times?days=365", "/report?of=2026-10", "/duty?place=mai-chau&view=month", "/figures"} {
		v := &visit{t: t, base: s.URL}
		if n := v.whole(path); n > pageLimit {
			t.Errorf("%s weighs %d bytes at the first visit, at most %d are allowed: %v", path, n, pageLimit, v.got)
		} else {
			t.Logf("%s: %d bytes in %d files", path, n, len(v.got))
		}
	}
}

// TestTheLinkPageIsLight is the same for what a responder opens at night, before
// and after the link is used.
func TestTheLinkPageIsLight(t *testing.T) {
	w, path := linked(t, &desk{})
	s := httptest.NewServer(w.echo)
	defer s.Close()
	v := &visit{t: t, base: s.URL}
	closed := v.whole(path)
	d := &device{w: w}
	d.ask(t, http.MethodPost, path+"/open")
	opened := v.whole(path, d.cookie)
	if closed > linkLimit || opened > linkLimit {
		t.Errorf("the link page weighs %d bytes closed and %d open, at most %d are allowed: %v", closed, opened, linkLimit, v.got)
	}
	t.Logf("%d bytes closed, %d open in %d files", closed, opened, len(v.got))
}

// TestWhatIsCompressed: pages are; streams, answers to posts and pages that show
// a secret are not (BREACH).
func TestWhatIsCompressed(t *testing.T) {
	w, link := linked(t, &desk{}, func(o *console.Options) { o.Rota = rota{} }, withPast(years()))
	w.village()
	for _, c := range []struct {
		what, method, path string
		want               bool
	}{
		{"the board", "GET", "/board", true},
		{"a case", "GET", "/cases/U4AA", true},
		{"a sheet of figures as text", "GET", "/times.json?days=365", true},
		{"an answer to a post", "POST", "/cases/U4AA/nothing", false},
		{"a link with a secret in it", "GET", link, false},
		{"the calendar, with the link of one's own", "GET", "/duty", false},
		{"a paper, which is compressed already", "GET", "/report.pdf", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := httptest.NewRecorder()
			q := httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil)
			q.Header.Set("Accept-Encoding", "gzip")
			w.echo.ServeHTTP(r, q)
			if got := r.Header().Get("Content-Encoding") == "gzip"; got != c.want {
				t.Errorf("compressed: got %v, want %v (status %d, %d bytes)", got, c.want, r.Code, r.Body.Len())
			}
		})
	}
	plain := httptest.NewRecorder()
	w.echo.ServeHTTP(plain, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/board", nil))
	if plain.Header().Get("Content-Encoding") != "" || !strings.Contains(plain.Body.String(), "</html>") {
		t.Error("a browser that does not read gzip gets gzip")
	}
}
