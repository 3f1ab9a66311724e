package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"hotline/flows"
)

// page asks the console of a demo for something, as a browser does.
func page(t *testing.T, d *demo, method, path string, form url.Values) (int, string) {
	t.Helper()
	q := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	r := httptest.NewRecorder()
	d.l.public.ServeHTTP(r, q)
	return r.Code, r.Body.String()
}

// TestAQuestionGoesFromThePageToThePhoneAndBack plays it on the wiring of the
// demo: page, guard, commit, status with PIN, answer, page.
func TestAQuestionGoesFromThePageToThePhoneAndBack(t *testing.T) {
	ctx := t.Context()
	d, err := newDemo(ctx, demoCmd{Listen: "127.0.0.1:0", InternalListen: "127.0.0.1:0", Speed: 1}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer d.app.close()
	a := d.app
	a.dialog.Settings.Patience = time.Minute
	from := dialled(t, "").From
	said := func(id, text string) string {
		reply, err := a.dialog.Handle(ctx, flows.Inbound{
			Provider: "demo", Channel: flows.SMS, Signal: flows.Input, From: from, To: "1111", ID: id, Text: text, At: a.now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		return reply.Text
	}
	said("a", "be gai nha ben bi danh, ban Lac, xa Mai Chau")
	said("b", "2")
	receipt := strings.Fields(strings.NewReplacer("Ma ", "", " PIN ", " ", ".", "").Replace(said("c", "1")))[2:]
	open, err := a.store.Open(ctx)
	if err != nil || len(open) != 1 || !open[0].Contact {
		t.Fatalf("%d open cases, %v", len(open), err)
	}
	path := "/cases/" + string(open[0].Ref)
	if status, body := page(t, d, http.MethodGet, path, nil); status != http.StatusOK || !strings.Contains(body, `value="ask.hamlet"`) || !strings.Contains(body, "Ma cua ban co tin moi.") {
		t.Fatalf("the page offers no question: status %d", status)
	}
	if status, _ := page(t, d, http.MethodPost, path+"/ask", url.Values{"question": {"ask.hamlet"}}); status != http.StatusSeeOther {
		t.Fatalf("got status %d", status)
	}
	c, err := a.store.Case(ctx, open[0].ID)
	if err != nil || len(c.Questions) != 1 || c.Questions[0].Notice == "" {
		t.Fatalf("questions %+v, %v", c.Questions, err)
	}
	got := said("d", "MA "+strings.Join(receipt[:3], " "))
	if !strings.HasSuffix(got, "Hoi: o thon, xom nao? Tra loi tin nay.") {
		t.Fatalf("status says %q", strings.NewReplacer(receipt[0], "…", receipt[1], "…", receipt[2], "…").Replace(got))
	}
	said("e", "ban Lac, nha cuoi")
	if c, err = a.store.Case(ctx, c.ID); err != nil || c.Waiting() != nil || len(c.Texts) != 2 || !strings.HasPrefix(c.Texts[1].Field, "answer/ask.hamlet/") {
		t.Errorf("the answer is not in the case: %d texts, %v", len(c.Texts), err)
	}
	_, body := page(t, d, http.MethodGet, path, nil)
	for _, want := range []string{"Ở thôn, bản nào", "đã trả lời", "Người báo đã trả lời"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, secret := range []string{"nha cuoi", from.E164(), from.E164()[3:]} {
		if strings.Contains(body, secret) {
			t.Error("the page shows the reporter's words or number")
		}
	}
	if _, en := page(t, d, http.MethodGet, path+"?lang=en", nil); strings.Contains(en, "[console.") || strings.Contains(body, "[console.") {
		t.Error("a text of the page is missing")
	}
}
