package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/handlers/console"
	"hotline/handlers/phones"
)

// town is the hotline as these tests need it: a few questions, a ladder of two
// levels, and a clock that can be driven. It stands in for dialog, escalation
// and the store, which have tests of their own.
type town struct {
	mu     sync.Mutex
	moment time.Time
	speed  int
	cases  []flows.Case
	events map[flows.CaseID][]flows.Event
	calls  map[string]int // session → answers so far
	deeds  []flows.Deed
	broken error
	cut    atomic.Bool // whether live connections are refused
	server atomic.Pointer[httptest.Server]

	live *console.Live
	net  *phones.Network
	echo *echo.Echo
}

var start = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)

func members() []flows.Member {
	return []flows.Member{
		{ID: "m1", Name: "Lò Văn Inh", Role: "Cán bộ trực", Place: "mai-chau", Level: 1},
		{ID: "m2", Name: "Hà Thị Nga", Role: "Trưởng nhóm", Place: "mai-chau", Level: 2},
		{ID: "m3", Name: "Bùi Đức Thắng", Role: "Bàn trực tỉnh", Place: "hoa-binh", Level: 0},
	}
}

func numbers() map[flows.MemberID]string {
	return map[flows.MemberID]string{"m1": "+84900000101", "m2": "+84900000102", "m3": "+84900000100"}
}

func member(id flows.MemberID) (flows.Member, bool) {
	i := slices.IndexFunc(members(), func(m flows.Member) bool { return m.ID == id })
	if i < 0 {
		return flows.Member{}, false
	}
	return members()[i], true
}

func texts(t testing.TB) flows.Texts {
	t.Helper()
	all := flows.Texts{}
	for _, lang := range []string{"vi", "en"} {
		words := map[string]string{}
		for _, file := range []string{"console.yaml", "form.yaml", "duty.yaml", "seal.yaml", "directory.yaml", "csv.yaml", "staff.yaml"} {
			data, err := os.ReadFile(filepath.Join("..", "..", "configs", "locales", lang, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal(data, &words); err != nil {
				t.Fatal(err)
			}
		}
		all[lang] = words
	}
	return all
}

func newTown(t testing.TB, demo bool, change ...func(*console.Options)) *town {
	t.Helper()
	w := &town{moment: start, events: map[flows.CaseID][]flows.Event{}, calls: map[string]int{}, live: console.NewLive(), echo: echo.New()}
	w.net = phones.New(phones.Options{Name: "demo", From: "1111", Now: w.Now, Report: w.report})
	o := console.Options{
		Board: w, Texts: texts(t), Now: w.Now, Live: w.live,
		Place: func(id flows.PlaceID) string {
			return map[flows.PlaceID]string{"mai-chau": "Xã Mai Châu", "tan-lac": "Xã Tân Lạc"}[id]
		},
		Member: member, Zone: time.FixedZone("ICT", 7*3600),
	}
	as(nil, "m3")(&o)
	if demo {
		o.Demo = &console.Demo{Clock: w, Code: "*1111#", Short: "1111", Watch: []string{"+84900000101", "+84900000102"}, Reporter: "+84900000001"}
		for _, m := range members() {
			o.Demo.People = append(o.Demo.People, console.Person{Number: numbers()[m.ID], Name: m.Name, Role: m.Role})
		}
	}
	for _, f := range change {
		f(&o)
	}
	o.Guard = &access.Guard{Store: w, History: o.History, Places: places, Journal: w}
	o.Timeline = o.Guard
	if o.History != nil {
		o.History = o.Guard
	}
	c, err := console.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.Register(w.echo)
	w.echo.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(x echo.Context) error {
			if w.cut.Load() && x.Request().URL.Path == "/board/live" {
				return echo.ErrServiceUnavailable
			}
			return next(x)
		}
	})
	w.net.Register(w.echo)
	w.echo.POST("/gateway/demo/ussd", w.ussd)
	w.echo.POST("/gateway/demo/sms", w.sms)
	return w
}

// Now is the town's time; it stands still until pass lets it run.
func (w *town) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moment
}

// pass lets time run, and the ladder climb, until ctx ends.
func (w *town) pass(ctx context.Context) {
	const step = 50 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.mu.Lock()
			w.moment = w.moment.Add(step * time.Duration(max(1, w.speed)))
			w.mu.Unlock()
			w.climb()
		}
	}
}

func (w *town) Speed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(1, w.speed)
}

func (w *town) SetSpeed(times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.speed = times
}

func (w *town) Open(context.Context) ([]flows.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	cases := make([]flows.Case, 0, len(w.cases))
	for i := range w.cases {
		cases = append(cases, w.cases[i].Clone())
	}
	return cases, w.broken
}

func (w *town) CaseByRef(_ context.Context, ref flows.Ref) (flows.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k := w.find(ref); k != nil {
		return k.Clone(), w.broken
	}
	return flows.Case{}, flows.ErrNotFound
}

func (w *town) Timeline(_ context.Context, id flows.CaseID) ([]flows.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events[id]), w.broken
}

func (w *town) Case(_ context.Context, id flows.CaseID) (flows.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.cases {
		if w.cases[i].ID == id {
			return w.cases[i].Clone(), w.broken
		}
	}
	return flows.Case{}, flows.ErrNotFound
}

// Commit is not for this town: what members decide ends at its desk.
func (w *town) Commit(context.Context, flows.Change) (flows.Outcome, error) {
	return flows.Outcome{}, flows.ErrUnavailable
}

// Audit writes down what was refused.
func (w *town) Audit(_ context.Context, d flows.Deed) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deeds = append(w.deeds, d)
	return w.broken
}

// places are the communes of the tests, all of them below one province.
func places() *access.Places {
	d := flows.Directory{Province: "hoa-binh", Places: []flows.Place{{ID: "hoa-binh"}, {ID: "mai-chau", Parent: "hoa-binh"}, {ID: "tan-lac", Parent: "hoa-binh"}}}
	return access.NewPlaces(d)
}

func (w *town) find(ref flows.Ref) *flows.Case {
	for i := range w.cases {
		if w.cases[i].Ref == ref {
			return &w.cases[i]
		}
	}
	return nil
}

func (w *town) log(k *flows.Case, e flows.Event) {
	k.Version++
	e.At = w.moment
	w.events[k.ID] = append(w.events[k.ID], e)
	w.live.Changed()
}

type posted struct{ ID, Session, From, To, Text string }

// ussd asks five questions; the first answer files the case.
func (w *town) ussd(x echo.Context) error {
	var in posted
	if err := json.NewDecoder(x.Request().Body).Decode(&in); err != nil {
		return echo.ErrBadRequest
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	step := w.calls[in.Session]
	w.calls[in.Session]++
	screens := []string{
		"Co tre dang gap nguy hiem ngay bay gio?\n1 Co\n2 Khong\n3 Hoi tin cu\n4 Loi khuyen\n9 English",
		"Chuyen gi dang xay ra?\n1 Bi danh dap\n2 Xam hai\n3 Ep lam viec\n4 Bi bo mac\n5 Tao hon\n6 Viec khac",
		"O xa nao? Go ten xa, hoac 0 neu khong ro",
		"Tre bao nhieu tuoi?\n1 Duoi 6\n2 6-10\n3 11-15\n4 16-17\n5 Khong ro",
		"Nhan tin lai cho ban duoc khong?\n1 Duoc\n2 Khong",
		"Da nhan. Ma 4821 9037, PIN 551208. Goi lai *1111# bam 3 de hoi.",
	}
	switch step {
	case 1:
		k := flows.Case{
			ID: flows.CaseID(fmt.Sprintf("0%d", len(w.cases))), Ref: "K7F4", Status: flows.StatusIntake, Severity: flows.Urgent, Danger: in.Text == "1",
			Channel: flows.USSD, Opened: w.moment, Timers: flows.Timers{flows.TimerIntake: flows.Millis(w.moment.Add(2 * time.Minute))},
		}
		w.cases = append(w.cases, k)
		w.log(&w.cases[len(w.cases)-1], flows.Event{Kind: flows.EventFiled, Via: flows.USSD})
	case 3:
		w.cases[len(w.cases)-1].Place = "mai-chau"
		w.log(&w.cases[len(w.cases)-1], flows.Event{Kind: flows.EventRefined, Via: flows.USSD})
	case 5:
		w.route(&w.cases[len(w.cases)-1])
	}
	return x.JSON(http.StatusOK, map[string]any{"text": screens[min(step, 5)], "end": step >= 5})
}

func (w *town) route(k *flows.Case) {
	k.Status, k.Routed, k.Kind, k.Age = flows.StatusOpen, w.moment, "VIOLENCE", "6-10"
	w.log(k, flows.Event{Kind: flows.EventRouted, Level: 1, Reason: "place_known"})
	w.ask(k, 1, "m1")
}

func (w *town) ask(k *flows.Case, level flows.Level, id flows.MemberID) {
	k.Level = level
	k.Sequel++
	m := flows.MessageID(fmt.Sprintf("%s/%d", k.ID, k.Sequel))
	k.Alerts = append(k.Alerts, flows.Alert{ID: m, Member: id, Level: level, Channel: flows.SMS, At: w.moment, Delivery: flows.Sent})
	k.Timers = flows.Timers{flows.TimerLadder: flows.Millis(w.moment.Add(15 * time.Minute)), flows.TimerDecision: flows.Millis(k.Opened.Add(12 * time.Hour))}
	w.log(k, flows.Event{Kind: flows.EventAlerted, Level: level, Message: m, Via: flows.SMS})
	to, _ := flows.ParsePhone(numbers()[id])
	text := fmt.Sprintf("GAP %s. Tra loi 1 %s de nhan, 0 %s neu khong the.", k.Ref, k.Ref, k.Ref)
	go func() { // the network asks the time, which is locked here
		_, _ = w.net.Send(context.Background(), flows.Message{ID: m, Text: text, Channel: flows.SMS}, to)
	}()
}

func (w *town) sms(x echo.Context) error {
	var in posted
	if err := json.NewDecoder(x.Request().Body).Decode(&in); err != nil {
		return echo.ErrBadRequest
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	answer, ref, _ := strings.Cut(in.Text, " ")
	k := w.find(flows.Ref(ref))
	if answer != "1" || k == nil {
		return x.JSON(http.StatusOK, map[string]any{"text": "Da nhan. Ma 4821 9037.", "end": true})
	}
	for id, number := range numbers() {
		if number == in.From {
			k.Holder = id
		}
	}
	k.Status, k.Taken = flows.StatusTaken, w.moment
	k.Timers = flows.Timers{flows.TimerEntry: flows.Millis(w.moment.Add(4 * time.Hour)), flows.TimerDecision: flows.Millis(k.Opened.Add(12 * time.Hour)), flows.TimerPlan: flows.Millis(k.Opened.Add(120 * time.Hour))}
	w.log(k, flows.Event{Kind: flows.EventTaken, By: k.Holder, Via: flows.SMS, Level: k.Level, Detail: map[string]string{"after": w.moment.Sub(k.Opened).String()}})
	return x.JSON(http.StatusOK, map[string]any{"text": string(k.Ref) + " la cua ban.", "end": true})
}

// report marks a delivery, as the dispatcher does.
func (w *town) report(_ context.Context, s flows.Status) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.cases {
		if a := w.cases[i].Alert(s.Message); a != nil {
			a.Delivery = s.Delivery
			w.log(&w.cases[i], flows.Event{Kind: flows.EventDelivery, Message: s.Message, Detail: map[string]string{"delivery": string(s.Delivery)}})
		}
	}
	return nil
}

// climb asks the next level when the ladder's clock has run out.
func (w *town) climb() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.cases {
		k := &w.cases[i]
		if due := k.Timers[flows.TimerLadder]; due != 0 && due <= flows.Millis(w.moment) && k.Level == 1 {
			w.log(k, flows.Event{Kind: flows.EventEscalated, Level: 2, Reason: "unanswered"})
			w.ask(k, 2, "m2")
		}
	}
}
