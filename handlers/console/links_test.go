package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/flows"
)

const sister flows.CaseID = "00case0000002"

// join posts what a person found about K7F4 and another case.
func (o *office) join(who flows.MemberID, other, how, note string) {
	o.t.Helper()
	status, to := o.be(who).post("/cases/K7F4/join", "other", other, "how", how)
	if note == "no_case" { // said beside the field
		if status != http.StatusUnprocessableEntity || !strings.Contains(to, `id="f-join-other"`) {
			o.t.Errorf("%s %s: got %d, and the fault beside the field: %v", how, other, status, strings.Contains(to, "f-join-other"))
		}
		return
	}
	if status != http.StatusSeeOther || to != "/cases/K7F4?note="+note {
		o.t.Errorf("%s %s: got %d %s, want note %s", how, other, status, to, note)
	}
}

func TestRepeatReportsAreSuggestedLinkedAndTakenBack(t *testing.T) {
	o := newOffice(t)
	o.take()
	o.pass(24 * time.Hour)
	o.file(sister, "H9MA", func(*flows.Case) {})
	o.file("00case0000003", "T3XX", func(k *flows.Case) { k.Place = "tan@1" })
	o.file("00case0000004", "V4XX", func(k *flows.Case) { k.Age, k.Kind = "16-17", "NEGLECT" })
	_, page := o.be("head").get("/cases/K7F4")
	has(t, page, "H9MA", "cùng độ tuổi, cùng loại việc, gần ngày nhau", "Gộp vào H9MA")
	for _, ref := range []string{"T3XX", "V4XX"} {
		if strings.Contains(page, ref) {
			t.Errorf("%s is suggested", ref)
		}
	}
	o.join("head", "H9MA", "link", "link")
	mine, hers := o.c(officeCase), o.c(sister)
	if mine.Link(sister) == nil || hers.Link(officeCase) == nil || mine.Severity != flows.Urgent || hers.Severity != flows.Urgent {
		t.Errorf("links %v and %v, severities %s and %s", mine.Links, hers.Links, mine.Severity, hers.Severity)
	}
	_, page = o.get("/cases/K7F4")
	has(t, page, "Cùng trẻ hoặc cùng nhà", `value="unlink"`)
	o.join("head", "h9ma", "unlink", "unlink")
	if a, b := o.c(officeCase), o.c(sister); len(a.Links)+len(b.Links) != 0 {
		t.Errorf("links %v and %v", a.Links, b.Links)
	}
	o.join("head", "ZZZ9", "link", "no_case")
	o.join("duty2", "H9MA", "link", "level")
}

func TestAMergedCaseGoesOnInTheOtherAndComesBack(t *testing.T) {
	o := newOffice(t)
	o.file(sister, "H9MA", func(*flows.Case) {})
	o.take()
	o.join("head", "H9MA", "merge", "merge")
	if k := o.c(officeCase); k.IsOpen() || k.Outcome != "duplicate" || k.Links[0].Kind != flows.LinkInto {
		t.Fatalf("%s %s %v", k.Status, k.Outcome, k.Links)
	}
	if k := o.c(sister); !k.IsOpen() || k.Links[0].Kind != flows.LinkFrom {
		t.Fatalf("%s %v", k.Status, k.Links)
	}
	o.join("head", "H9MA", "unlink", "unlink")
	if k := o.c(officeCase); k.Status != flows.StatusOpen || k.Timers[flows.TimerLadder] == 0 {
		t.Errorf("%s, timers %v", k.Status, k.Timers)
	}
}

func TestAReportAfterTheEndBringsTheOldCaseUp(t *testing.T) {
	o := newOffice(t)
	o.file(sister, "H9MA", func(*flows.Case) {})
	if status, to := o.be("head").post("/cases/H9MA/close", "end", "safe|plan_done"); status != http.StatusSeeOther || !strings.Contains(to, "close") {
		t.Fatalf("%d %s", status, to)
	}
	o.pass(20 * 24 * time.Hour)
	_, page := o.get("/cases/K7F4")
	has(t, page, "H9MA", "vừa đóng gần đây", `value="reopen"`)
	o.join("head", "H9MA", "reopen", "reopen")
	if k := o.c(sister); k.Status != flows.StatusOpen || k.Severity != flows.Urgent || k.Link(officeCase) == nil {
		t.Errorf("%s %s %v", k.Status, k.Severity, k.Links)
	}
	o2 := newOffice(t)
	o2.file(sister, "H9MA", func(*flows.Case) {})
	o2.be("head").post("/cases/H9MA/close", "end", "safe|plan_done")
	o2.pass(31 * 24 * time.Hour)
	if _, page := o2.get("/cases/K7F4"); strings.Contains(page, "H9MA") {
		t.Error("a case that ended 31 days ago is brought up")
	}
}

func TestTheSameHamletCountsWithoutBeingOpened(t *testing.T) {
	o := newOffice(t)
	o.file(sister, "H9MA", func(k *flows.Case) { k.Age, k.Kind = "", "" })
	for _, ref := range []string{"K7F4", "H9MA"} {
		o.be("head").post("/cases/"+ref+"/take", "x", "y")
		o.post("/cases/"+ref+"/forms/01", "f.hamlet", "Bản Lác", "v.hamlet", "0", "h.hamlet", "-")
	}
	k := o.c(officeCase)
	if k.Hamlet == "" || k.Hamlet != o.c(sister).Hamlet || strings.Contains(k.Hamlet, "Lác") {
		t.Fatalf("hamlet %q", k.Hamlet)
	}
	_, page := o.get("/cases/K7F4")
	has(t, page, "H9MA", "cùng thôn bản")
}

// A case about an official is nowhere for the commune: not even as something that
// another one may belong to.
func TestACaseAboutAnOfficialIsNotSuggested(t *testing.T) {
	o := newOffice(t)
	o.take()
	o.file(sister, "H9MA", func(k *flows.Case) { k.AgainstOfficial = true })
	for who, want := range map[flows.MemberID]bool{"duty1": false, "head": false, "desk": true} {
		_, page := o.be(who).get("/cases/K7F4")
		if strings.Contains(page, "H9MA") != want {
			t.Errorf("%s: suggested %v, want %v", who, !want, want)
		}
	}
	o.join("head", "H9MA", "link", "no_case")
	if len(o.c(sister).Links) != 0 {
		t.Error("the head links a case that they must not know of")
	}
	// The desk links it: only the hidden case knows, and it swallows no other.
	o.join("desk", "H9MA", "merge", "hidden")
	o.join("desk", "H9MA", "link", "link")
	if mine, hidden := o.c(officeCase), o.c(sister); len(mine.Links) != 0 || len(hidden.Links) != 1 || mine.Severity != flows.Normal {
		t.Errorf("links %v and %v, severity %s", mine.Links, hidden.Links, mine.Severity)
	}
	for _, path := range []string{"/cases/K7F4", "/cases/K7F4/print", "/board"} {
		if _, page := o.be("head").get(path); strings.Contains(page, "H9MA") {
			t.Errorf("%s names the linked case about an official", path)
		}
	}
}

func TestTagsOnThePage(t *testing.T) {
	o := newOffice(t)
	o.take()
	for _, c := range []struct {
		who       flows.MemberID
		tag, note string
		want      int
	}{{"duty1", "test", "tag", 1}, {"duty1", "prank", "level", 1}, {"head", "prank", "tag", 2}, {"head", "gossip", "no_tag", 2}, {"duty1", "test", "tag", 1}} {
		_, to := o.be(c.who).post("/cases/K7F4/tag", "tag", c.tag)
		if to != "/cases/K7F4?note="+c.note || len(o.c(officeCase).Tags) != c.want {
			t.Errorf("%s tags %s: %s, %v", c.who, c.tag, to, o.c(officeCase).Tags)
		}
	}
	_, page := o.get("/cases/K7F4")
	has(t, page, `value="prank" aria-pressed="true"`)
}
