package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/store/vault"
)

const sealedWords = "chi hang xom ke lai chuyen cua chau"

// custodyOffice is an office with one case whose words only these tests plant.
func custodyOffice(t *testing.T, ref flows.Ref, change func(*flows.Case)) (*office, flows.Case) {
	t.Helper()
	o := newOffice(t)
	o.file(1, ref, func(c *flows.Case) {
		words, err := o.vault.Seal(t.Context(), c.ID, "text/1", []byte(sealedWords))
		if err != nil {
			t.Fatal(err)
		}
		c.Texts = []flows.Sealed{{Field: "text/1", Data: words}}
		change(c)
	})
	c, err := o.store.CaseByRef(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return o, c
}

// post sends a form and returns the note of the page it leads to.
func (o *office) post(who, path string, form url.Values) (note, body string) {
	o.t.Helper()
	status, body, header := o.ask(who, "POST", path, form)
	if status == http.StatusOK {
		return "", body
	}
	to, err := url.Parse(header.Get("Location"))
	if status != http.StatusSeeOther || err != nil {
		return fmt.Sprint(status), body
	}
	if status, page, _ := o.ask(who, "GET", to.String(), nil); status != http.StatusOK || !strings.Contains(page, `class="note `) {
		o.t.Errorf("%s leads to %s, which says nothing (%d)", path, to, status)
	}
	return to.Query().Get("note"), body
}

var requestID = regexp.MustCompile(`/requests/([a-z2-7]{12})/(agree|use)`)

// agreed lets desk ask for a verb and desk-2 agree, and returns the request.
func (o *office) agreed(ref flows.Ref, v access.Verb) string {
	o.t.Helper()
	form := url.Values{"verb": {string(v)}, "why": {"theo yêu cầu của toà án"}}
	if note, _ := o.post("desk", "/cases/"+string(ref)+"/requests", form); note != "asked" {
		o.t.Fatalf("asking for %s: %s", v, note)
	}
	_, page, _ := o.ask("desk-2", "GET", "/requests?lang=en", nil)
	found := requestID.FindStringSubmatch(page)
	if found == nil {
		o.t.Fatalf("the second person finds nothing to agree to")
	}
	if note, _ := o.post("desk", "/requests/"+found[1]+"/agree", nil); note != "own_request" {
		o.t.Errorf("agreeing to one's own request: %s", note)
	}
	if note, _ := o.post("desk", "/requests/"+found[1]+"/use", nil); note != "not_open" {
		o.t.Errorf("using it before anybody agreed: %s", note)
	}
	if note, _ := o.post("desk-2", "/requests/"+found[1]+"/agree", nil); note != "agree" {
		o.t.Fatalf("agreeing: %s", note)
	}
	return found[1]
}

// deedsOf are what the audit says of a case, the earliest first.
func (o *office) deedsOf(id flows.CaseID) (list []string) {
	o.t.Helper()
	deeds, whole, err := o.deeds.Deeds(o.t.Context(), flows.DeedFilter{Case: id})
	if err != nil || !whole {
		o.t.Fatalf("the audit: whole %v, %v", whole, err)
	}
	for _, d := range slices.Backward(deeds) {
		if d.Kind == flows.DeedDenied {
			continue
		}
		if d.Why == "" || !strings.HasPrefix(d.From, "console ") {
			o.t.Errorf("a deed says too little: %+v", d)
		}
		list = append(list, strings.Join(strings.Fields(fmt.Sprint(d.Who, " ", d.Kind, " ", d.What, " ", d.Second)), " "))
	}
	return list
}

// TestTwoPeopleOpenAndExport goes over the pages: what one person asks for a second
// one agrees to, the first does it once, and all of it is in the audit.
func TestTwoPeopleOpenAndExport(t *testing.T) {
	o, c := custodyOffice(t, "PAN3", func(*flows.Case) {})
	for why, want := range map[string]string{"": "no_reason", strings.Repeat("x", 501): "no_reason"} {
		if note, _ := o.post("desk", "/cases/PAN3/requests", url.Values{"verb": {"reveal"}, "why": {why}}); note != want {
			t.Errorf("asking with a reason of %d bytes: %s, want %s", len(why), note, want)
		}
	}
	if note, _ := o.post("desk", "/cases/PAN3/requests", url.Values{"verb": {"close"}, "why": {"x"}}); note != "choose" {
		t.Errorf("asking for what needs no second person: %s", note)
	}
	id := o.agreed("PAN3", access.Reveal)
	for _, who := range []string{"desk-2", "duty", "head", "operator", "auditor"} {
		if note, body := o.post(who, "/requests/"+id+"/use", nil); note == "" || strings.Contains(body, sealedWords) {
			t.Errorf("%s used the approval of desk: %s", who, note)
		}
	}
	if _, page := o.post("desk", "/requests/"+id+"/use", nil); !strings.Contains(page, sealedWords) {
		t.Error("what was agreed to is not shown")
	}
	if note, body := o.post("desk", "/requests/"+id+"/use", nil); note != "not_open" || strings.Contains(body, sealedWords) {
		t.Errorf("a second use: %s", note)
	}
	id = o.agreed("PAN3", access.Export)
	_, file := o.post("desk", "/requests/"+id+"/use", nil)
	var out access.File
	if err := json.Unmarshal([]byte(file), &out); err != nil || len(out.Words) != 1 || out.Words[0] != sealedWords || out.Case.Ref != "PAN3" || len(out.Timeline) == 0 {
		t.Errorf("the file holds %d words, %v: %s", len(out.Words), err, file)
	}
	if note, _ := o.post("desk", "/cases/PAN3/requests", url.Values{"verb": {"export"}, "why": {"x"}}); note != "asked" {
		t.Fatal(note)
	}
	_, page, _ := o.ask("desk-2", "GET", "/cases/PAN3/seal", nil)
	id = requestID.FindStringSubmatch(page)[1]
	if note, _ := o.post("desk-2", "/requests/"+id+"/refuse", nil); note != "refuse" {
		t.Errorf("refusing: %s", note)
	}
	if note, _ := o.post("desk", "/requests/"+id+"/use", nil); note != "not_open" {
		t.Errorf("using what was refused: %s", note)
	}
	want := []string{
		"desk-1 request reveal asked", "desk-2 request reveal agreed desk-1", "desk-1 request reveal used desk-2", "desk-1 reveal 1 texts desk-2",
		"desk-1 request export asked", "desk-2 request export agreed desk-1", "desk-1 request export used desk-2", "desk-1 export 1 texts desk-2",
		"desk-1 request export asked", "desk-2 request export refused desk-1",
	}
	if diff := cmp.Diff(o.deedsOf(c.ID), want); diff != "" {
		t.Errorf("audit, got - want +\n%s", diff)
	}
}

// TestTheHolderReadsWithAReason: whoever holds a case reads its words alone and
// says why; nobody else does.
func TestTheHolderReadsWithAReason(t *testing.T) {
	o, c := custodyOffice(t, "HTH4", func(c *flows.Case) { c.Status, c.Holder, c.Taken = flows.StatusTaken, "mai-chau-head", c.Opened })
	if note, body := o.post("head", "/cases/HTH4/words", nil); note != "no_reason" || strings.Contains(body, sealedWords) {
		t.Errorf("without a reason: %s", note)
	}
	for _, who := range []string{"duty", "desk", "committee", "operator"} {
		if note, body := o.post(who, "/cases/HTH4/words", url.Values{"why": {"tò mò"}}); note == "" || strings.Contains(body, sealedWords) {
			t.Errorf("%s reads: %s", who, note)
		}
	}
	if _, page, _ := o.ask("head", "GET", "/cases/HTH4/seal", nil); strings.Contains(page, sealedWords) {
		t.Error("the page shows the words before they are asked for")
	}
	if _, page := o.post("head", "/cases/HTH4/words", url.Values{"why": {"để đến thăm cháu"}}); !strings.Contains(page, sealedWords) {
		t.Error("the holder does not read the words")
	}
	if diff := cmp.Diff(o.deedsOf(c.ID), []string{"mai-chau-head read 1 texts"}); diff != "" {
		t.Errorf("audit, got - want +\n%s", diff)
	}
}

// TestHoldAndEarlyDestruction: an order keeps a case although two people want it
// destroyed; lifted, two people destroy it, and its key is gone.
func TestHoldAndEarlyDestruction(t *testing.T) {
	o, c := custodyOffice(t, "PAN3", func(*flows.Case) {})
	ask := url.Values{"verb": {"delete"}, "why": {"gia đình yêu cầu"}}
	if note, _ := o.post("desk", "/cases/PAN3/requests", ask); note != "still_open" {
		t.Errorf("destroying an open case: %s", note)
	}
	ch := flows.BeginChange(o.now(), c)
	ch.Case.Status, ch.Case.Closed = flows.StatusClosed, o.now()
	ch.DisarmAll("closed")
	ch.Log(flows.Event{Kind: flows.EventClosed})
	if _, err := o.store.Commit(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	if note, _ := o.post("desk", "/cases/PAN3/hold", url.Values{"what": {"set"}}); note != "no_order" {
		t.Errorf("a hold without an order: %s", note)
	}
	order := "QĐ 12/2026/TA"
	id := o.agreed("PAN3", access.Delete)
	if note, _ := o.post("desk-2", "/cases/PAN3/hold", url.Values{"what": {"set"}, "why": {order}}); note != "held" {
		t.Fatalf("a hold: %s", note)
	}
	held, err := o.store.Case(t.Context(), c.ID)
	if err != nil || held.Hold != order || len(held.Timers) > 0 || held.NoTimer == "" {
		t.Errorf("held: %q, timers %v, %q, %v", held.Hold, held.Timers, held.NoTimer, err)
	}
	if _, page, _ := o.ask("desk", "GET", "/cases/PAN3", nil); !strings.Contains(page, order) {
		t.Error("the page of the case does not name the order")
	}
	if note, _ := o.post("desk", "/requests/"+id+"/use", nil); note != "under_hold" {
		t.Errorf("destroying a case under a hold: %s", note)
	}
	if note, _ := o.post("desk", "/cases/PAN3/hold", url.Values{"what": {"lift"}, "why": {"lệnh đã hết hiệu lực"}}); note != "lifted" {
		t.Fatalf("lifting: %s", note)
	}
	if after, err := o.store.Case(t.Context(), c.ID); err != nil || after.Hold != "" || flows.Moment(after.Timers[flows.TimerPurge]).Before(o.now().Add(13*24*time.Hour)) {
		t.Errorf("lifted: %q, timers %v, %v", after.Hold, after.Timers, err)
	}
	if note, _ := o.post("desk", "/requests/"+id+"/use", nil); note != "destroyed" {
		t.Fatalf("destroying: %s", note)
	}
	gone, err := o.store.Case(t.Context(), c.ID)
	if err != nil || gone.HoldsText() || gone.Purged.IsZero() {
		t.Errorf("after it: %+v, %v", gone, err)
	}
	if _, err := o.vault.Open(t.Context(), c.ID, c.Texts[0].Field, c.Texts[0].Data); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("the words as they were sealed: %v, want ErrShredded", err)
	}
	want := []string{
		"desk-1 request delete asked", "desk-2 request delete agreed desk-1", "desk-2 hold set", "desk-1 hold lifted",
		"desk-1 request delete used desk-2", "desk-1 purge texts desk-2",
	}
	if diff := cmp.Diff(o.deedsOf(c.ID), want); diff != "" {
		t.Errorf("audit, got - want +\n%s", diff)
	}
}

// TestExportHoldsTheForms: what two people agreed to take out holds the filled fields
// of every form, opened; what was emptied is not there; the audit says before how many
// fields were opened, and without an audit none is.
func TestExportHoldsTheForms(t *testing.T) {
	o, c := custodyOffice(t, "PAN3", func(*flows.Case) {})
	ctx := t.Context()
	seal := func(field, text string) flows.Answer {
		t.Helper()
		data, err := o.vault.Seal(ctx, c.ID, flows.SealedAs(field), []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return flows.Answer{Field: field, Version: 1, By: "mai-chau-head", At: o.now(), Data: data}
	}
	ch := flows.BeginChange(o.now(), c)
	want := map[string]string{}
	for _, form := range []string{"01", "02", "03", "04", "05", "06", "referral-1"} {
		want[form] = "chau Bui Van Mau, mau " + form
		ch.Answers = append(ch.Answers, seal(form+"/child_name", want[form]))
	}
	ch.Answers[0].Rivals = []flows.Rival{{By: "desk-2", At: o.now(), Data: seal("01/child_name", "chau Bui Van Mo").Data}}
	ch.Answers = append(ch.Answers, flows.Answer{Field: "01/place", Version: 2, By: "desk-2", At: o.now()})
	if _, err := o.store.Commit(ctx, ch); err != nil {
		t.Fatal(err)
	}
	id := o.agreed("PAN3", access.Export)
	_, file := o.post("desk", "/requests/"+id+"/use", nil)
	var out access.File
	if err := json.Unmarshal([]byte(file), &out); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for form, fields := range out.Forms {
		got[form] = fields["child_name"].Text
		if len(fields) != 1 || fields["child_name"].By != "mai-chau-head" || fields["child_name"].At.IsZero() {
			t.Errorf("form %s holds %+v", form, fields)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("forms, want - got +\n%s", diff)
	}
	if r := out.Forms["01"]["child_name"].Rivals; len(r) != 1 || r[0].Text != "chau Bui Van Mo" || r[0].By != "desk-2" {
		t.Errorf("what another wrote over it: %+v", r)
	}
	deeds := o.deedsOf(c.ID)
	if last := deeds[len(deeds)-1]; last != "desk-1 export 1 texts, 7 fields of forms desk-2" {
		t.Errorf("the audit says %q", last)
	}
}
