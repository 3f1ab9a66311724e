package dispatch_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/escalation"
	"hotline/store"
	"hotline/store/storetest"
)

const (
	commune  = flows.PlaceID("05200@2025-07-01")
	province = flows.PlaceID("25@2025-07-01")
)

// hotline is the ladder and the dispatcher on a real store, with a clock that
// the test moves and a provider that the test is.
type hotline struct {
	*testing.T
	store  *store.Store
	world  escalation.World
	ladder *escalation.Worker
	mail   *dispatch.Worker
	words  *dispatch.Deliveries
	desk   *escalation.Service

	mu    sync.Mutex
	now   time.Time
	heard []string
	fail  map[flows.MemberID]error
}

func (h *hotline) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hotline) pass(d time.Duration) {
	h.mu.Lock()
	h.now = h.now.Add(d)
	h.mu.Unlock()
}

// Send is the provider.
func (h *hotline) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.fail[m.To]; err != nil {
		return flows.Sending{}, err
	}
	h.heard = append(h.heard, fmt.Sprintf("%s %s: %s", m.Channel, m.To, m.Text))
	return flows.Sending{Provider: "fake", ID: string(m.Channel) + "-" + string(m.ID)}, nil
}

func newHotline(t *testing.T, duty int) *hotline {
	t.Helper()
	h := &hotline{T: t, now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), fail: map[flows.MemberID]error{}}
	e, err := store.OpenEmbedded(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	h.store = e.Store
	h.world = realWorld(t, duty)
	h.wire(h.clock)
	return h
}

func (h *hotline) wire(now func() time.Time) {
	partitions := make([]int, h.store.Partitions())
	for i := range partitions {
		partitions[i] = i
	}
	h.ladder = &escalation.Worker{
		Timers: h.store, Cases: h.store, World: func() escalation.World { return h.world }, Now: now, Partitions: partitions,
	}
	h.mail = &dispatch.Worker{
		Outbox: h.store, Cases: h.store, Phones: h.world.Roster, Sender: h, Now: now,
	}
	h.words = &dispatch.Deliveries{Store: h.store, Now: now, Patience: -1}
	h.desk = &escalation.Service{Store: h.store, World: func() escalation.World { return h.world }, Now: now}
}

func realWorld(t testing.TB, duty int) escalation.World {
	t.Helper()
	d := flows.Directory{Version: "test", Province: province, Zone: "Asia/Ho_Chi_Minh", Places: []flows.Place{{ID: commune}}}
	add := func(id string, place flows.PlaceID, level flows.Level) {
		p, err := flows.ParsePhone(fmt.Sprintf("+8490%07d", len(d.Members)))
		if err != nil {
			t.Fatal(err)
		}
		m := flows.Member{ID: flows.MemberID(id), Place: place, Level: level, Phones: []flows.Phone{p}}
		d.Members = append(d.Members, m)
		d.Shifts = append(d.Shifts, flows.Shift{Place: place, Level: level, Member: m.ID, Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, To: 24 * 60})
	}
	for i := range duty {
		add(fmt.Sprintf("duty%02d", i), commune, flows.LevelDuty)
	}
	add("head", commune, flows.LevelHead)
	add("chair", commune, flows.LevelChair)
	add("desk", province, flows.LevelDesk)
	read := func(name string) []byte {
		data, err := os.ReadFile("../../configs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	r, err := escalation.NewRoster(d)
	if err != nil {
		t.Fatal(err)
	}
	p, err := escalation.ParsePolicy("escalation.yaml", read("escalation.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := escalation.ParseCalendar("calendar.yaml", read("calendar.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	texts := flows.Texts{"vi": {
		"alert.sms.urgent": "GAP {ref}", "alert.sms.urgent.again": "GAP {ref} chua ai nhan", "alert.voice.urgent": "{spelled}",
	}}
	return escalation.World{Policy: p, Roster: r, Calendar: c, Texts: texts}
}

// file commits an urgent case, routed.
func (h *hotline) file(ref flows.Ref) flows.Case {
	h.Helper()
	id, err := flows.NewCaseID(rand.Reader, flows.Partition(string(ref), h.store.Partitions()))
	if err != nil {
		h.Fatal(err)
	}
	now := h.clock()
	filed := flows.BeginChange(now, flows.Case{
		ID: id, Ref: ref, Status: flows.StatusIntake, Danger: true, Place: commune, Channel: flows.USSD, Provider: "test", Opened: now,
	})
	filed.Log(flows.Event{Kind: flows.EventFiled})
	ch := filed.Then(escalation.Route(now, filed.Case, h.world))
	if _, err := h.store.Commit(h.Context(), ch); err != nil {
		h.Fatal(err)
	}
	return h.read(id)
}

func (h *hotline) read(id flows.CaseID) flows.Case {
	h.Helper()
	c, err := h.store.Case(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// step lets the ladder and the dispatcher work until both are idle, and returns
// what the provider was given.
func (h *hotline) step() []string {
	h.Helper()
	for range 20 {
		n, err := h.ladder.Tick(h.Context(), h.clock())
		if err != nil {
			h.Fatal(err)
		}
		m, err := h.mail.Tick(h.Context(), h.clock())
		if err != nil {
			h.Fatal(err)
		}
		if n+m == 0 {
			break
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	heard := h.heard
	h.heard = nil
	slices.Sort(heard)
	return heard
}

func (h *hotline) hears(want ...string) {
	h.Helper()
	if d := cmp.Diff(want, h.step()); d != "" {
		h.Errorf("at %s (-want +got):\n%s", h.clock().Format("15:04"), d)
	}
}

func TestAReportFromEndToEnd(t *testing.T) {
	h := newHotline(t, 2)
	c := h.file("K7F4")
	h.hears("sms duty00: GAP K7F4", "sms duty01: GAP K7F4")
	h.pass(5 * time.Minute)
	h.hears("voice duty00: K, 7, F, 4", "voice duty01: K, 7, F, 4")
	h.pass(10*time.Minute - time.Millisecond)
	h.hears()
	h.pass(time.Millisecond)
	h.hears("sms head: GAP K7F4 chua ai nhan")
	if _, err := h.desk.TakeRef(t.Context(), "head", "K7F4", flows.SMS); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Hour)
	h.hears()
	got := h.read(c.ID)
	if got.Holder != "head" || got.Status != flows.StatusTaken || got.Alerts[4].SID == "" {
		t.Errorf("held by %q, %s, alert %+v", got.Holder, got.Status, got.Alerts[4])
	}
	dead, err := h.store.Dead(t.Context())
	if err != nil || len(dead) > 0 {
		t.Errorf("dead messages: %v %v", dead, err)
	}
}

func TestAnUndeliveredTextMovesTheLadderAtOnce(t *testing.T) {
	h := newHotline(t, 1)
	c := h.file("K7F4")
	h.hears("sms duty00: GAP K7F4")
	h.pass(7 * time.Second)
	word := flows.Status{Provider: "fake", ID: "sms-" + string(c.Alerts[0].ID), Delivery: flows.Undelivered, Reason: "absent", At: h.clock()}
	if err := h.words.Status(t.Context(), word); err != nil {
		t.Fatal(err)
	}
	// Later words on a message that is settled lead nowhere; or, where the
	// provider gives our id back, they are no news.
	if err := h.words.Status(t.Context(), word); !errors.Is(err, flows.ErrNotFound) {
		t.Errorf("the same word again: %v", err)
	}
	word.Message, word.Delivery = c.Alerts[0].ID, flows.Delivered
	if err := h.words.Status(t.Context(), word); err != nil {
		t.Errorf("another word: %v", err)
	}
	h.hears("sms head: GAP K7F4 chua ai nhan", "voice duty00: K, 7, F, 4")
	if got := h.read(c.ID); got.Level != flows.LevelHead {
		t.Errorf("at level %d", got.Level)
	}
}

func TestAPhoneThatIsRefusedMovesTheLadderAtOnce(t *testing.T) {
	h := newHotline(t, 1)
	h.fail["duty00"] = &flows.SendError{Reason: "refused"}
	h.file("K7F4")
	h.hears("sms head: GAP K7F4 chua ai nhan")
}

func TestATextThatMayHaveLeftIsFollowedByACall(t *testing.T) {
	h := newHotline(t, 1)
	h.fail["duty00"] = &flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"}
	c := h.file("K7F4")
	if _, err := h.mail.Tick(t.Context(), h.clock()); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	clear(h.fail)
	h.mu.Unlock()
	h.hears("voice duty00: K, 7, F, 4") // and no second text, and nobody above
	if got := h.read(c.ID); got.Level != flows.LevelDuty || got.Alerts[0].Delivery != flows.Unknown {
		t.Errorf("at level %d, the text is %s", got.Level, got.Alerts[0].Delivery)
	}
}

func TestAllProvidersAreDownForAnHour(t *testing.T) {
	h := newHotline(t, 1)
	for _, id := range []flows.MemberID{"duty00", "head", "chair", "desk"} {
		h.fail[id] = &flows.SendError{Temporary: true, Reason: "unreachable"}
	}
	c := h.file("K7F4")
	for range 360 {
		h.step()
		h.pass(10 * time.Second)
	}
	h.mu.Lock()
	clear(h.fail)
	h.mu.Unlock()
	h.pass(40 * time.Second)
	heard := h.step()
	for _, who := range []string{"duty00", "head", "chair"} {
		if !slices.ContainsFunc(heard, func(s string) bool { return s[:3] == "sms" && s[4:4+len(who)] == who }) {
			t.Errorf("%s is not told when the providers are back: %v", who, heard)
		}
	}
	if len(heard) > 12 {
		t.Errorf("%d messages after the outage: %v", len(heard), heard)
	}
	if got := h.read(c.ID); len(got.Timers) == 0 {
		t.Error("the case has no timer")
	}
}

// TestHowFastTwentyAreAlerted measures with the real loops on a real Redis.
func TestHowFastTwentyAreAlerted(t *testing.T) {
	server := storetest.StartRedis(t)
	h := &hotline{T: t, now: realTime(), world: realWorld(t, 20)}
	var nudge func()
	s, err := store.Open(t.Context(), store.Options{
		Client: redis.NewClient(&redis.Options{Addr: server.Addr}), OnCommit: func(flows.Change) { nudge() },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h.store = s
	h.wire(realTime)
	nudge = func() { h.mail.Nudge(); h.ladder.Nudge() }
	const rounds = 40
	times := make(chan time.Time, 20)
	h.mail.Sender = senderFunc(func(m flows.Message) (flows.Sending, error) {
		times <- realTime()
		return flows.Sending{Provider: "fake", ID: string(m.ID)}, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	loops.Go(func() { h.mail.Run(ctx) })
	loops.Go(func() { h.ladder.Run(ctx) })
	var firsts, spreads []time.Duration
	for range rounds {
		ref, err := flows.NewRef(rand.Reader, 6, 3, s.Partitions())
		if err != nil {
			t.Fatal(err)
		}
		h.now = realTime()
		h.file(ref)
		filed := h.now
		first := <-times
		last := first
		for range 19 {
			last = <-times
		}
		firsts, spreads = append(firsts, first.Sub(filed)), append(spreads, last.Sub(first))
	}
	cancel()
	loops.Wait()
	slices.Sort(firsts)
	slices.Sort(spreads)
	t.Logf("decision to first alert: p50 %s, max %s; 20 responders, last after first: p50 %s, max %s",
		firsts[rounds/2], firsts[rounds-1], spreads[rounds/2], spreads[rounds-1])
}

// realTime is for what is measured in real time.
func realTime() time.Time {
	return time.Now() //nolint:forbidigo // a measurement needs the real clock
}
