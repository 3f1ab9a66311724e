package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation"
	"hotline/handlers/console"
)

// desk notes what members decided, and refuses when it is told to.
type desk struct {
	done   []string
	refuse error
}

func (d *desk) note(deed string, m flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error) {
	d.done = append(d.done, strings.Join([]string{deed, string(m), string(id), string(via)}, " "))
	return flows.Case{}, d.refuse
}

func (d *desk) Take(_ context.Context, m flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error) {
	return d.note("take", m, id, via)
}

func (d *desk) Raise(_ context.Context, m flows.MemberID, id flows.CaseID, via flows.Channel) (flows.Case, error) {
	return d.note("raise", m, id, via)
}

// as makes a member the viewer of every page.
func as(d *desk, id flows.MemberID) func(*console.Options) {
	return func(o *console.Options) {
		if d != nil {
			o.Casework = d
		}
		o.Who = func(echo.Context) (access.Who, error) {
			m, _ := member(id)
			return access.OfMember(m), nil
		}
	}
}

func (w *town) post(t testing.TB, path string, form url.Values, headers ...string) (int, string) {
	t.Helper()
	q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	q.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	r := httptest.NewRecorder()
	w.echo.ServeHTTP(r, q)
	return r.Code, r.Header().Get("Location")
}

func TestMembersDecideOnTheCasePage(t *testing.T) {
	for _, c := range []struct {
		name, deed string
		form       url.Values
		refuse     error
		want, note string
	}{
		{"takes it", "take", nil, nil, "take m1 00U4AA console", "U4AA đã là của bạn"},
		{"makes it urgent", "raise", nil, nil, "raise m1 00U4AA console", "đã được nâng lên khẩn cấp"},
		{"is too late", "take", nil, &escalation.Refused{Reason: escalation.RefusedTaken, Ref: "U4AA"}, "take m1 00U4AA console", "Chưa có gì bị thay đổi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{refuse: c.refuse}
			w := newTown(t, false, as(d, "m1"))
			w.file("U4AA", func(*flows.Case) {})
			status, to := w.post(t, "/cases/U4AA/"+c.deed, c.form, "Sec-Fetch-Site", "same-origin")
			if status != http.StatusSeeOther {
				t.Fatalf("got status %d", status)
			}
			if diff := cmp.Diff(strings.Join(d.done, "\n"), c.want); diff != "" {
				t.Error(diff)
			}
			_, page, _ := w.get(t, to)
			has(t, page, c.note)
		})
	}
}

func TestDeedsFitTheCaseAndTheMember(t *testing.T) {
	w := newTown(t, false, as(&desk{}, "m1"))
	w.file("U4AA", func(k *flows.Case) { k.Alerts = []flows.Alert{{ID: "x/1", Member: "m1", Level: 1, At: start}} })
	w.file("T4AA", func(k *flows.Case) { k.Status, k.Holder, k.Taken = flows.StatusTaken, "m2", start })
	_, page, _ := w.get(t, "/cases/U4AA")
	has(t, page, `action="/cases/U4AA/take"`, `action="/cases/U4AA/decline"`, `action="/cases/U4AA/raise"`)
	_, page, _ = w.get(t, "/cases/T4AA")
	for _, deed := range []string{"take", "decline", "close"} {
		if strings.Contains(page, "/cases/T4AA/"+deed) {
			t.Errorf("the page offers %s to somebody else's case", deed)
		}
	}
}

func TestCaseOfAnotherCommuneDoesNotExist(t *testing.T) {
	d := &desk{}
	w := newTown(t, false, as(d, "m1"))
	w.file("U4AA", func(k *flows.Case) { k.Place = "tan-lac" })
	w.file("T4AA", func(k *flows.Case) { k.AgainstOfficial = true })
	_, page, _ := w.get(t, "/")
	for _, ref := range []string{"U4AA", "T4AA"} {
		if strings.Contains(page, ref) {
			t.Errorf("the board shows %s", ref)
		}
		if status, _, _ := w.get(t, "/cases/"+ref); status != http.StatusNotFound {
			t.Errorf("%s: got status %d", ref, status)
		}
		if status, _ := w.post(t, "/cases/"+ref+"/take", nil); status != http.StatusNotFound || len(d.done) > 0 {
			t.Errorf("%s: got status %d, done %v", ref, status, d.done)
		}
	}
	has(t, page, `data-mood="empty"`)
}

func TestPostsFromOtherSitesAreRefused(t *testing.T) {
	d := &desk{}
	w := newTown(t, true, as(d, "m1"))
	w.file("U4AA", func(*flows.Case) {})
	for _, path := range []string{"/cases/U4AA/take", "/demo/speed"} {
		if status, _ := w.post(t, path, url.Values{"speed": {"60"}}, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden || len(d.done) > 0 {
			t.Errorf("%s: got status %d", path, status)
		}
	}
}

func TestNobodyActsWithoutSignIn(t *testing.T) {
	d := &desk{}
	w := newTown(t, false, func(o *console.Options) {
		o.Casework = d
		o.Who = func(echo.Context) (access.Who, error) { return access.Who{}, flows.ErrNotFound }
	})
	w.file("U4AA", func(*flows.Case) {})
	if status, _ := w.post(t, "/cases/U4AA/take", nil); status != http.StatusUnauthorized || len(d.done) > 0 {
		t.Errorf("got status %d", status)
	}
	if status, _, _ := w.get(t, "/"); status != http.StatusUnauthorized {
		t.Errorf("board: got status %d", status)
	}
}
