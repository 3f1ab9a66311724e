package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
)

// TestTheDemoCanBeSeenAsEverybody looks at the demo as each of the roles that can be
// chosen, and holds what each may open, and what the menu leads to, against the table of
// rights.
func TestTheDemoCanBeSeenAsEverybody(t *testing.T) {
	d, err := newDemo(t.Context(), demoCmd{Listen: "127.0.0.1:0", InternalListen: "127.0.0.1:0", Speed: 1}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer d.app.close()
	ask := func(method, path string, form url.Values, cookie string) *httptest.ResponseRecorder {
		q := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
		q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
		q.Header.Set("Cookie", cookie)
		r := httptest.NewRecorder()
		d.l.public.ServeHTTP(r, q)
		return r
	}
	for _, c := range []struct {
		role string
		may  []string
		not  []string
	}{
		{"supervisor", []string{"/", "/board", "/times", "/duty", "/settings", "/ready", "/papers"}, []string{"/audit"}},
		{"responder", []string{"/", "/board", "/times", "/duty"}, []string{"/audit", "/settings", "/ready"}},
		{"operator", []string{"/ready", "/settings", "/providers"}, []string{"/board", "/audit", "/times"}},
		{"auditor", []string{"/audit", "/papers"}, []string{"/board", "/settings", "/times"}},
	} {
		t.Run(c.role, func(t *testing.T) {
			r := ask(http.MethodPost, "/demo/role", url.Values{"role": {c.role}}, "")
			cookie := r.Header().Get("Set-Cookie")
			if r.Code != http.StatusSeeOther || cookie == "" {
				t.Fatalf("choosing the role: status %d", r.Code)
			}
			menu := ask(http.MethodGet, c.may[0], nil, cookie).Body.String()
			for _, path := range slices.Concat(c.may, c.not) {
				if leads := strings.Contains(menu, `<a href="`+path+`"`) || path == "/"; leads != slices.Contains(c.may, path) {
					t.Errorf("%s: the menu leads to it: %v", path, leads)
				}
			}
			for _, path := range c.may {
				if got := ask(http.MethodGet, path, nil, cookie).Code; got != http.StatusOK {
					t.Errorf("%s: got status %d, want 200", path, got)
				}
			}
			for _, path := range c.not {
				if got := ask(http.MethodGet, path, nil, cookie).Code; got != http.StatusForbidden {
					t.Errorf("%s: got status %d, want 403", path, got)
				}
			}
		})
	}
	if got := ask(http.MethodPost, "/demo/role", url.Values{"role": {"king"}}, "").Code; got != http.StatusBadRequest {
		t.Errorf("a role that is none: got status %d", got)
	}
}
