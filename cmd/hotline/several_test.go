package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/handlers/console/browsertest"
)

// TestSeveralCasesAreTakenEachForItself: on the wiring of serve, some can be taken,
// one was just taken by somebody else, and one is nobody's business.
func TestSeveralCasesAreTakenEachForItself(t *testing.T) {
	o := newOffice(t)
	refs := []flows.Ref{"KAN4", "PAF9", "TKN7", "FAR4"}
	o.file(0, refs[0], func(*flows.Case) {})
	o.file(1, refs[1], func(*flows.Case) {})
	o.file(2, refs[2], func(c *flows.Case) { c.Status, c.Holder, c.Taken = flows.StatusTaken, "mai-chau-head", o.now() })
	o.file(3, refs[3], func(c *flows.Case) { c.Place = hoaBinh })
	form := url.Values{"deed": {"take"}}
	for _, ref := range refs {
		form.Add("ref", string(ref))
	}
	status, page, _ := o.ask("duty", http.MethodPost, "/board/several?lang=en", form)
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{"Done for 2 cases, not for 2", "KAN4 is yours", "PAF9 is yours", "took TKN7 at", "1 references were not found"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	holders := []flows.MemberID{"mai-chau-duty-1", "mai-chau-duty-1", "mai-chau-head", ""}
	for i, ref := range refs {
		k, err := o.store.CaseByRef(t.Context(), ref)
		if err != nil || k.Holder != holders[i] {
			t.Errorf("%s is in the hands of %q, %v", ref, k.Holder, err)
		}
		events, err := o.store.Timeline(t.Context(), k.ID)
		if err != nil {
			t.Fatal(err)
		}
		taken := slices.ContainsFunc(events, func(e flows.Event) bool {
			return e.Kind == flows.EventTaken && e.By == "mai-chau-duty-1" && e.Via == "console"
		})
		if taken != (i < 2) {
			t.Errorf("%s: taken by the member in the timeline: %v", ref, taken)
		}
	}
	far, err := o.store.CaseByRef(t.Context(), "FAR4")
	if err != nil {
		t.Fatal(err)
	}
	denied, _, err := o.deeds.Deeds(t.Context(), flows.DeedFilter{})
	if err != nil || !slices.ContainsFunc(denied, func(d flows.Deed) bool { return d.Kind == flows.DeedDenied && d.Case == far.ID }) {
		t.Errorf("nobody answers for asking for the case of elsewhere: %v", err)
	}
	// Handing over asks each case again: the duty member may not.
	form.Set("deed", "assign")
	form.Set("to", "mai-chau-head")
	if status, page, _ = o.ask("neighbour", http.MethodPost, "/board/several?lang=en", form); status == http.StatusOK && !strings.Contains(page, "Done for 0") {
		t.Errorf("a neighbour gave a case away: %d", status)
	}
	if status, page, _ = o.ask("head", http.MethodPost, "/board/several?lang=en", url.Values{"deed": {"assign"}, "ref": {"KAN4", "PAF9"}, "to": {"mai-chau-duty-2"}}); status != http.StatusOK || !strings.Contains(page, "Done for all 2 cases") {
		t.Errorf("the head gave two away: %d", status)
	}
	if k, err := o.store.CaseByRef(t.Context(), "PAF9"); err != nil || k.Holder != "mai-chau-duty-2" {
		t.Errorf("PAF9 is in the hands of %q, %v", k.Holder, err)
	}
}

// TestSeveralAreTakenByKeyboard plays it in Chromium: the marks stay while the
// board changes under them.
func TestSeveralAreTakenByKeyboard(t *testing.T) {
	o := newOffice(t)
	for i, ref := range []flows.Ref{"KAN4", "PAF9", "TKN7"} {
		o.file(i, ref, func(*flows.Case) {})
	}
	s := o.overTLS()
	defer s.CloseClientConnections()
	browsertest.Play(t, "several.mjs", s.URL, pictures(t), "COOKIE="+o.cookies["duty"])
}
