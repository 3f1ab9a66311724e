package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
	"hotline/handlers/console"
)

// clerk takes down what the pages ask of it.
type clerk struct {
	book     duty.Book
	past     []duty.Drill
	arranged []flows.Override
	by       flows.MemberID
	places   []flows.PlaceID
}

func (c *clerk) Arrange(_ context.Context, by flows.MemberID, o []flows.Override) error {
	c.by, c.arranged = by, append(c.arranged, o...)
	return nil
}
func (c *clerk) Book(context.Context) (duty.Book, int64, error) { return c.book, 1, nil }
func (c *clerk) Drills(context.Context) ([]duty.Drill, error)   { return c.past, nil }
func (c *clerk) Path(id flows.MemberID) string                  { return "/ical/" + string(id) + ".ics" }

func (c *clerk) Calendar(file string) ([]byte, bool) {
	return []byte("BEGIN:VCALENDAR"), file == "m3.ics"
}

func (c *clerk) Start(_ context.Context, now time.Time, by flows.MemberID, places []flows.PlaceID, _ time.Duration) (duty.Drill, error) {
	c.by, c.places = by, places
	c.book.Drills = append(c.book.Drills, duty.Drill{ID: "d", At: now})
	return c.book.Drills[0], nil
}

func withClerk(c *clerk) func(*console.Options) {
	return func(o *console.Options) { o.Rota, o.Clerk, o.Feeds = rota{}, c, c }
}

func TestDutyIsChangedByAForm(t *testing.T) {
	c := &clerk{book: duty.Book{Swaps: []duty.Swapping{{
		From: "m1", Asked: []flows.MemberID{"m2"},
		Turn: escalation.Slot{Place: "mai-chau", Level: 1, Start: start.Add(24 * time.Hour), End: start.Add(36 * time.Hour)},
	}}}}
	w := newTown(t, false, withClerk(c))
	_, page, _ := w.get(t, "/duty?place=mai-chau&level=1&from=2026-11-28T22:00&to=2026-11-29T06:00")
	has(t, page, `value="2026-11-28T22:00"`, `method="post" action="/duty"`, "Hà Thị Nga", "đang hỏi 1 người", "xếp người", `/ical/m3.ics`)
	form := func(pairs ...string) url.Values {
		v := url.Values{"place": {"mai-chau"}, "week": {"0"}, "level": {"1"}, "member": {"m2"}, "from": {"2026-11-28T22:00"}, "to": {"2026-11-29T06:00"}}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	for _, bad := range []url.Values{
		form("member", "m3"), form("member", ""), form("level", "4"), form("from", "soon"), form("to", "2026-11-28T21:00"),
		form("from", "2026-01-01T00:00", "to", "2026-01-01T01:00"), form("to", "2027-11-29T06:00"),
	} {
		if code, _ := w.post(t, "/duty", bad); code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", bad, code)
		}
	}
	if len(c.arranged) != 0 {
		t.Fatalf("a form with faults changed the rota: %+v", c.arranged)
	}
	code, to := w.post(t, "/duty", form())
	if code != http.StatusSeeOther || !strings.HasPrefix(to, "/duty?done=1") || len(c.arranged) != 1 || c.by != "m3" {
		t.Fatalf("%d %s, arranged %+v by %s", code, to, c.arranged, c.by)
	}
	zone := time.FixedZone("ICT", 7*3600)
	if o := c.arranged[0]; o.Member != "m2" || !o.Start.Equal(time.Date(2026, 11, 28, 22, 0, 0, 0, zone)) || !o.End.Equal(time.Date(2026, 11, 29, 6, 0, 0, 0, zone)) {
		t.Errorf("arranged %+v", o)
	}
	_, page, _ = w.get(t, "/duty?place=mai-chau&view=month")
	has(t, page, `class="rota month"`, " off")
	if code, body, _ := w.get(t, "/ical/m3.ics"); code != http.StatusOK || body != "BEGIN:VCALENDAR" {
		t.Errorf("the calendar: %d", code)
	}
	if code, _, _ := w.get(t, "/ical/m1.ics"); code != http.StatusNotFound {
		t.Errorf("a calendar of a wrong address: %d", code)
	}
}

func TestADutyMemberMayLookAndNotChange(t *testing.T) {
	c := &clerk{}
	w := newTown(t, false, withClerk(c), as(nil, "m1"))
	_, page, _ := w.get(t, "/duty?place=mai-chau")
	if strings.Contains(page, `method="post" action="/duty"`) {
		t.Error("a duty member is offered the form")
	}
	for path, form := range map[string]url.Values{
		"/duty":   {"place": {"mai-chau"}, "level": {"1"}, "member": {"m1"}, "from": {"2026-11-28T22:00"}, "to": {"2026-11-29T06:00"}},
		"/drills": {"place": {""}},
	} {
		if code, _ := w.post(t, path, form); code != http.StatusForbidden && code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, code)
		}
	}
	if len(c.arranged) != 0 || len(c.places) != 0 {
		t.Errorf("arranged %v, drills at %v", c.arranged, c.places)
	}
}

func TestDrillsShowWhoWouldAnswer(t *testing.T) {
	c := &clerk{}
	w := newTown(t, false, withClerk(c))
	_, page, _ := w.get(t, "/drills")
	has(t, page, "Chưa có lần diễn tập nào", "Bắt đầu diễn tập")
	if code, to := w.post(t, "/drills", url.Values{"place": {"mai-chau"}}); code != http.StatusSeeOther || to != "/drills?note=started" || len(c.places) != 1 || c.places[0] != "mai-chau" {
		t.Errorf("%d %s, places %v", code, to, c.places)
	}
	if _, to := w.post(t, "/drills", url.Values{"place": {""}}); to != "/drills?note=running" {
		t.Errorf("a second one: %s", to)
	}
	_, page, _ = w.get(t, "/drills?lang=en")
	has(t, page, "Drill under way, started 09:30:00 23/11/2026", "People are being asked")
	if strings.Contains(page, "There was no drill yet") {
		t.Error("a drill is under way, and the page says that there was none")
	}
	c.past = []duty.Drill{{ID: "one", At: start.Add(-time.Hour), Calls: []duty.Call{
		{Member: "m1", Place: "mai-chau", Sent: start, Answered: start.Add(4 * time.Minute)}, {Member: "m2", Place: "mai-chau", Sent: start},
	}}}
	_, page, _ = w.get(t, "/drills")
	has(t, page, "Xã Mai Châu", "50 %", "4 phút", "Đang diễn tập")
	_, page, _ = w.get(t, "/drills.json")
	has(t, page, `"median_seconds":240`, `"unanswered_share":0.5`)
}
