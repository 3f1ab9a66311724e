package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers/console"
)

func TestSeveralCasesAreConfirmedBeforeAnythingIsDone(t *testing.T) {
	d := &desk{}
	w := newTown(t, false, as(d, "m1"))
	w.file("U4AA", func(*flows.Case) {})
	w.file("T4AA", func(k *flows.Case) { k.Status, k.Holder, k.Taken = flows.StatusTaken, "m2", start })
	w.file("E4AA", func(k *flows.Case) { k.Place = "tan-lac" })
	status, page, _ := w.get(t, "/board/several?deed=take&ref=U4AA&ref=u4aa&ref=T4AA&ref=E4AA&ref=%3Cb%3E&lang=en")
	if status != http.StatusOK || len(d.done) > 0 {
		t.Fatalf("status %d, done %v", status, d.done)
	}
	has(t, page, `value="U4AA" id="r-U4AA" checked`, `value="T4AA" id="r-T4AA">`, "Hà Thị Nga took T4AA", "1 references were not found", "Take the marked cases")
	if strings.Contains(page, "E4AA") || strings.Count(page, `value="U4AA"`) != 1 {
		t.Error("the order holds a case of elsewhere, or one twice")
	}
	if status, page, _ = w.get(t, "/board/several?deed=take&lang=en"); status != http.StatusOK || !strings.Contains(page, "No case is chosen") {
		t.Errorf("an empty order: %d", status)
	}
	for _, path := range []string{"?deed=close&ref=U4AA", "?ref=U4AA", "?deed=take&ref=E4AA"} {
		if status, _, _ := w.get(t, "/board/several"+path); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
		if status, _ := w.post(t, "/board/several"+path, nil, "Sec-Fetch-Site", "same-origin"); status != http.StatusNotFound {
			t.Errorf("%s: status %d when it is sent", path, status)
		}
	}
	form := url.Values{"deed": {"take"}, "ref": {"U4AA", "T4AA"}}
	if status, _ := w.post(t, "/board/several", form, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden || len(d.done) > 0 {
		t.Errorf("from another site: status %d, done %v", status, d.done)
	}
	if w.post(t, "/board/several", form, "Sec-Fetch-Site", "same-origin"); strings.Join(d.done, ", ") != "take m1 00U4AA console, take m1 00T4AA console" {
		t.Errorf("done %v", d.done)
	}
}

func TestOneRefusalStopsNoOtherCase(t *testing.T) {
	d := &desk{refuse: &escalation.Refused{Reason: escalation.RefusedTaken}}
	w := newTown(t, false, as(d, "m1"))
	w.file("U4AA", func(*flows.Case) {})
	w.file("T4AA", func(*flows.Case) {})
	w.post(t, "/board/several", url.Values{"deed": {"raise"}, "ref": {"U4AA", "T4AA"}})
	if len(d.done) != 2 {
		t.Errorf("done %v", d.done)
	}
}

func TestNobodyIsGivenSeveralCasesUnlessTheyMayHaveEach(t *testing.T) {
	d := &desk{}
	w := newTown(t, false, as(d, "m2"), func(o *console.Options) {
		o.Team.Members = func(k *flows.Case) []flows.Member {
			if k.Ref == "T4AA" {
				return members()[1:]
			}
			return members()[:2]
		}
	})
	w.file("U4AA", func(*flows.Case) {})
	w.file("T4AA", func(*flows.Case) {})
	_, page, _ := w.get(t, "/board/several?deed=assign&ref=U4AA&ref=T4AA")
	has(t, page, `<option value="m2">`)
	for _, id := range []string{"m1", "m3"} {
		if strings.Contains(page, `<option value="`+id+`"`) {
			t.Errorf("%s may not have both and is offered", id)
		}
		if status, _ := w.post(t, "/board/several", url.Values{"deed": {"assign"}, "ref": {"U4AA", "T4AA"}, "to": {id}}); status != http.StatusUnprocessableEntity || len(d.done) > 0 {
			t.Errorf("given to %s: status %d, done %v", id, status, d.done)
		}
	}
}

func TestABoardHasMarksAndAWallNone(t *testing.T) {
	w := newTown(t, false, as(&desk{}, "m1"))
	w.file("U4AA", func(*flows.Case) {})
	_, page, _ := w.get(t, "/board?lang=en")
	has(t, page, `name="ref" value="U4AA" form="several" aria-label="Choose U4AA"`, `id="several"`, "several.js")
	if _, page, _ = w.get(t, "/board?wall=1"); strings.Contains(page, `form="several"`) || strings.Contains(page, `id="several"`) {
		t.Error("a wall can be clicked")
	}
}

func TestTheBoardLeadsToACaseByItsReference(t *testing.T) {
	w := newTown(t, false, as(&desk{}, "m1"))
	w.file("U4AA", func(*flows.Case) {})
	if status, _, h := w.get(t, "/board?ref=u4aa&state=&severity="); status != http.StatusSeeOther || h.Get("Location") != "/cases/U4AA" {
		t.Errorf("status %d, to %s", status, h.Get("Location"))
	}
	status, page, _ := w.get(t, "/board?ref=%3Cscript%3E&lang=en")
	if status != http.StatusOK || strings.Contains(page, "<script>\"") {
		t.Errorf("status %d", status)
	}
	has(t, page, `value="&lt;script&gt;" aria-invalid="true"`, "Four letters and digits", "U4AA")
}
