package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// shownForm is a form as a page shows it.
type shownForm struct {
	who, action string
	fields      []string
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	actionTag = regexp.MustCompile(`action="([^"]+)"`)
	nameTag   = regexp.MustCompile(`name="([^"]+)"`)
)

// forms are all forms on all pages of the route table, each once for each person
// who sees it. What ends sessions and accounts would end the test and is left out.
func (o *office) forms() []shownForm {
	o.t.Helper()
	var list []shownForm
	seen := map[string]bool{}
	for _, p := range o.pages() {
		_, page, _ := o.ask(p.Who, http.MethodGet, p.Path, nil)
		for _, f := range formTag.FindAllString(page, -1) {
			a := actionTag.FindStringSubmatch(f)
			if a == nil || seen[p.Who+a[1]] || a[1] == "/signout" || strings.HasSuffix(a[1], "/end") || strings.HasPrefix(a[1], "/accounts/") {
				continue
			}
			seen[p.Who+a[1]] = true
			form := shownForm{who: p.Who, action: a[1]}
			for _, n := range nameTag.FindAllStringSubmatch(f, -1) {
				form.fields = append(form.fields, n[1])
			}
			slices.Sort(form.fields)
			form.fields = slices.Compact(form.fields)
			list = append(list, form)
		}
	}
	return list
}

// send sends a form with headers of one's choice.
func (o *office) send(who, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	q := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	if c := o.cookies[who]; c != "" {
		q.AddCookie(&http.Cookie{Name: "__Host-hotline", Value: c, Secure: true})
	}
	r := httptest.NewRecorder()
	o.echo.ServeHTTP(r, q)
	return r
}

// TestEveryFormRefusesBadInput sends to every form of every page what no person
// types: from another site, a field of a megabyte, script in every field, and bytes
// that are no text. It is refused, or shown as text; nothing breaks.
func TestEveryFormRefusesBadInput(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	forms, fields := o.forms(), 0
	if len(forms) < 20 {
		t.Fatalf("%d forms were found, that cannot be all", len(forms))
	}
	for _, f := range forms {
		o.elsewhere(f)
		for what, value := range map[string]string{"script": `"><script>alert(1)</script>`, "no text": "\xff\xfe\x00\x07", "nothing": ""} {
			r := o.send(f.who, f.action, f.all(value), "Sec-Fetch-Site", "same-origin")
			if r.Code >= 500 {
				t.Errorf("%s with %s: got %d", f.action, what, r.Code)
			}
			if strings.Contains(r.Body.String(), "<script>alert") {
				t.Errorf("%s shows script as script", f.action)
			}
		}
		for _, name := range f.fields {
			fields++
			r := o.send(f.who, f.action, url.Values{name: {strings.Repeat("á", 1<<19)}}, "Sec-Fetch-Site", "same-origin")
			if r.Code != http.StatusRequestEntityTooLarge || r.Body.Len() > 50_000 {
				t.Errorf("%s with a megabyte of %s: got %d and %d bytes", f.action, name, r.Code, r.Body.Len())
			}
		}
	}
	t.Logf("%d forms, %d fields", len(forms), fields)
}

// all is the form with one value in every field.
func (f shownForm) all(value string) url.Values {
	v := url.Values{}
	for _, name := range f.fields {
		v.Set(name, value)
	}
	return v
}

// elsewhere sends a form as another site would.
func (o *office) elsewhere(f shownForm) {
	o.t.Helper()
	for _, site := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		if r := o.send(f.who, f.action, f.all("x"), site...); r.Code != http.StatusForbidden {
			o.t.Errorf("%s from %s: got %d, want 403", f.action, site[1], r.Code)
		}
	}
}

// TestEveryPageTakesAnyAddress tampers with what an address says: pages, days,
// periods, filters, cursors.
func TestEveryPageTakesAnyAddress(t *testing.T) {
	o := newOffice(t)
	query, asked := regexp.MustCompile(`(?:name="|[?&;])([a-z]+)(?:"|=)`), 0
	for _, p := range o.pages() {
		path, _, _ := strings.Cut(p.Path, "?")
		_, page, _ := o.ask(p.Who, http.MethodGet, p.Path, nil)
		names := map[string]bool{}
		for _, m := range query.FindAllStringSubmatch(page, -1) {
			names[m[1]] = true
		}
		for name := range names {
			for _, value := range []string{"-1", "99999999999999999999", "../../etc", `"><script>alert(1)</script>`, "\xff\x00", strings.Repeat("9", 9_000)} {
				asked++
				status, body, _ := o.ask(p.Who, http.MethodGet, path+"?"+url.Values{name: {value}}.Encode(), nil)
				if status >= 500 || strings.Contains(body, "<script>alert") || len(body) > 400_000 {
					t.Errorf("%s with %s=%.20q: got %d and %d bytes", path, name, value, status, len(body))
				}
			}
		}
	}
	t.Logf("%d addresses", asked)
}

// TestScriptInTheNameOfAPlaceIsText puts script where an import could bring it.
func TestScriptInTheNameOfAPlaceIsText(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	d := o.dir.view.Load().directory
	version := d.Version
	d.Version += "+script"
	d.Places, d.Members = slices.Clone(d.Places), slices.Clone(d.Members)
	for i := range d.Places {
		if d.Places[i].ID == maiChau {
			d.Places[i].Name = `Mai <script>alert(1)</script>`
		}
	}
	for i := range d.Members {
		d.Members[i].Name = `<script>alert(2)</script>`
	}
	if err := o.papers.ReplaceDirectory(t.Context(), version, d); err != nil {
		t.Fatal(err)
	}
	if err := o.dir.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, p := range o.pages() {
		_, page, _ := o.ask(p.Who, http.MethodGet, p.Path, nil)
		if strings.Contains(page, "<script>alert") {
			t.Errorf("%s shows the name of a place or person as script", p.Path)
		}
		if strings.Contains(page, "&lt;script&gt;") {
			shown++
		}
	}
	if shown < 5 {
		t.Errorf("the names were shown on %d pages only: the test looks past them", shown)
	}
}

// TestRefusalsStandBesideTheField holds the forms of the console to what they owe a
// person who made a mistake: what is wrong, where, in their language, and what they
// had typed.
func TestRefusalsStandBesideTheField(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, func(k *flows.Case) {
			c.change(k)
			if k.Ref == "PAN3" {
				k.Status, k.Holder, k.Taken = flows.StatusTaken, "desk-1", k.Opened
			}
		})
	}
	for _, c := range []struct {
		name, action string
		form         url.Values
		field        string // that is marked
		vi, en       string // what is said
		kept         string // what stays
	}{
		{"hand over to nobody", "/cases/PAN3/refer", url.Values{"to": {"mafia"}, "at": {"yesterday"}, "f.person": {"Trạm y tế, chị Hoa"}}, "to", "Hãy chọn một mục trong danh sách", "list", "Trạm y tế, chị Hoa"},
		{"hand over at no time", "/cases/PAN3/refer", url.Values{"to": {"police"}, "at": {"yesterday"}, "f.person": {"x"}}, "at", "Ghi ngày", "date", `value="yesterday"`},
		{"give to somebody who is not there", "/cases/PAN3/assign", url.Values{"to": {"nobody"}}, "to", "Hãy chọn người nhận", "Choose", ""},
		{"close without an outcome", "/cases/PAN3/close", url.Values{"end": {"whatever|why"}}, "end", "Hãy chọn kết quả", "Choose", ""},
		{"link with a case that does not exist", "/cases/PAN3/join", url.Values{"other": {"ZZ9Z"}, "how": {"link"}}, "other", "Không tìm thấy vụ việc", "case", `value="ZZ9Z"`},
		{"put nobody on duty", "/duty", url.Values{"place": {maiChau}, "level": {"1"}, "member": {"nobody"}, "from": {"2031-01-01T08:00"}, "to": {"2031-01-01T20:00"}}, "member", "Chọn một người", "Choose", "2031-01-01T08:00"},
		{"put on duty backwards", "/duty", url.Values{"place": {maiChau}, "level": {"1"}, "member": {"mai-chau-duty-1"}, "from": {"2031-01-02T08:00"}, "to": {"2031-01-01T20:00"}}, "to", "Giờ kết thúc phải sau", "after", "2031-01-02T08:00"},
		{"the new passwords differ", "/account/password", url.Values{"old": {"x"}, "password": {"a"}, "again": {"b"}}, "again", "Hai", "two", ""},
		{"the old password is wrong", "/account/password", url.Values{"old": {"x"}, "password": {"suoi mua trang ba cay"}, "again": {"suoi mua trang ba cay"}}, "old", "ật khẩu", "password", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			marked := regexp.MustCompile(`name="` + regexp.QuoteMeta(c.field) + `"[^>]*aria-invalid="true"`)
			for lang, want := range map[string]string{"vi": c.vi, "en": c.en} {
				r := o.send("desk", c.action+"?lang="+lang, c.form, "Sec-Fetch-Site", "same-origin")
				if r.Code != http.StatusUnprocessableEntity {
					t.Fatalf("got status %d to %q", r.Code, r.Header().Get("Location"))
				}
				page := r.Body.String()
				if !marked.MatchString(page) {
					t.Errorf("%s: the field %s is not marked", lang, c.field)
				}
				for _, part := range []string{c.kept, want} {
					if !strings.Contains(page, part) {
						t.Errorf("%s: the page does not say %q", lang, part)
					}
				}
			}
		})
	}
}
