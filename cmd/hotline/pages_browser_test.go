package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/handlers/console/browsertest"
)

// pictures is where a browser's story leaves its pictures: PICTURES keeps them.
func pictures(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("PICTURES"); dir != "" {
		return dir
	}
	return filepath.Join(t.TempDir(), "pictures")
}

// TestSignInInTheBrowser is the whole way in on the wiring of serve, in Chromium:
// invitation, password, changing code, recovery codes, out, in again, a second
// browser, and its session ended.
func TestSignInInTheBrowser(t *testing.T) {
	o := newOffice(t)
	code, err := account.NewInvitation(o.now(), account.Invitation{Role: access.Supervisor, Member: "desk-1"}, o.vault, o.accounts().Random)
	if err != nil {
		t.Fatal(err)
	}
	s := o.overTLS()
	defer s.CloseClientConnections()
	browsertest.Play(t, "signin.mjs", s.URL, pictures(t), "INVITATION="+code)
}

// overTLS serves the pages as browsers need them: cookies of ours come only over TLS.
func (o *office) overTLS() *httptest.Server {
	s := httptest.NewUnstartedServer(o.echo)
	// Browsers open connections ahead and drop them when they see the certificate.
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	return s
}

// shownPage is a page as the browser asks for it.
type shownPage struct {
	Who  string `json:"who"` // "" is anybody
	Path string `json:"path"`
	Name string `json:"name"` // of its pictures
	// Files are given to the form of the page first, and what answers is looked at.
	Files []shownFile `json:"files,omitempty"`
}

type shownFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// TestEveryPageInTheBrowser reads every page that the table of routes knows as
// somebody who may: a new page cannot be forgotten.
func TestEveryPageInTheBrowser(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	o.busy()
	pages := append(o.pages(), o.states()...)
	if only := os.Getenv("PAGE"); only != "" { // some of the names, with commas
		some := strings.Split(only, ",")
		pages = slices.DeleteFunc(pages, func(p shownPage) bool { return !slices.Contains(some, p.Name) })
	}
	work, err := json.Marshal(map[string]any{"pages": pages, "cookies": o.cookies})
	if err != nil {
		t.Fatal(err)
	}
	s := o.overTLS()
	defer s.CloseClientConnections()
	browsertest.Play(t, "pages.mjs", s.URL, pictures(t), "PAGES="+string(work))
}

// readers are the people who read a page, the first of them who may.
var readers = []string{"desk", "head", "operator", "auditor", "duty"}

// pages are the addresses behind which a page in HTML is, each once, with those who
// see most of it. What is served and is no page is left out by what it answers.
func (o *office) pages() []shownPage {
	o.t.Helper()
	list := []shownPage{
		{Who: "", Path: "/signin", Name: "signin"},
		{Who: "", Path: "/signin/code", Name: "signin-code"},
		{Who: "", Path: "/welcome", Name: "welcome"},
		{Who: "", Path: "/figures", Name: "figures"},
		{Who: "desk", Path: "/cases/ZZ9Z", Name: "nothing"},
		{Who: "operator", Path: "/audit", Name: "denied"},
		{Who: "duty", Path: "/board", Name: "board-duty"},
		{Who: "desk", Path: "/board?severity=normal&state=late", Name: "board-none"},
		{Who: "desk", Path: "/board?wall=1", Name: "wall"},
		{Who: "desk", Path: "/duty?view=month", Name: "duty-month"},
	}
	for _, r := range o.echo.Routes() {
		i := slices.IndexFunc(matrix, func(l matrixLine) bool { return l.route == r.Method+" "+r.Path })
		if r.Method != http.MethodGet || i < 0 || strings.HasSuffix(r.Path, "/live") {
			continue // without a line in the matrix another test fails
		}
		l := matrix[i]
		path := strings.ReplaceAll(l.path, "REF", "PAN3")
		who := slices.IndexFunc(readers, func(who string) bool { return l.mayCase(who, "PAN3") })
		if who < 0 {
			o.t.Errorf("nobody of %v may read %s", readers, l.route)
			continue
		}
		status, _, header := o.ask(readers[who], http.MethodGet, path, nil)
		if status != http.StatusOK || !strings.HasPrefix(header.Get(echo.HeaderContentType), echo.MIMETextHTML) {
			continue
		}
		name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(path), "-") + "-page"
		list = append(list, shownPage{Who: readers[who], Path: path, Name: name})
	}
	return list
}

// TestDutyIsChangedByKeyboard puts somebody else on duty in Chromium without a mouse.
func TestDutyIsChangedByKeyboard(t *testing.T) {
	o := newOffice(t)
	s := o.overTLS()
	defer s.CloseClientConnections()
	browsertest.Play(t, "duty.mjs", s.URL, pictures(t), "COOKIE="+o.cookies["head"], "PLACE="+maiChau)
}
