package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

// A closed case stays for years, so its weight is what a hotline grows by.
func TestWeightOfAClosedCase(t *testing.T) {
	const most = 2048 // bytes, without what the reporter wrote
	server := storetest.StartRedis(t, "--appendfsync", "no")
	s := open(t, &redis.Options{Addr: server.Addr}, store.Options{FeedLength: 1})
	client := server.Client(t)
	used := func() int {
		info, err := client.Info(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(info, "used_memory_dataset:")
		n, err := strconv.Atoi(strings.TrimSpace(rest[:strings.IndexByte(rest, '\n')]))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	live := func(n int) {
		cases := make([]flows.Change, n)
		for i := range cases {
			cases[i] = filed(t, s)
		}
		for step := range lifeLength {
			for i := range cases {
				if step > 0 {
					cases[i] = life(cases[i].Case, step)
				}
			}
			for _, err := range s.CommitAll(t.Context(), cases) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	live(600) // the feed fills to its length first
	before := used()
	live(1000)
	weight := (used() - before) / 1000
	t.Logf("a closed case of %d changes weighs %d bytes", lifeLength, weight)
	if weight > most {
		t.Errorf("a closed case weighs %d bytes, more than %d", weight, most)
	}
}

// Whatever a closed case leaves in an index would be walked through for ever.
func TestClosedCasesLeaveTheIndexes(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, &redis.Options{Addr: server.Addr}, store.Options{Partitions: 1})
	ch := filed(t, s)
	for step := range lifeLength {
		if step > 0 {
			ch = life(ch.Case, step)
		}
		if _, err := s.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		ch.Case.Version = int64(step + 1)
		if _, _, err := s.ClaimAll(t.Context(), now.Add(time.Hour), time.Minute, 10); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := server.Client(t).Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	id := string(ch.Case.ID)
	want := []string{
		"hl:{meta}:install", "hl:{p00}:case:" + id, "hl:{p00}:feed", "hl:{p00}:line:" + id, "hl:{p00}:receipts",
		"hl:{p00}:refs", "hl:{p00}:tally",
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys after a case was closed\n%v, want\n%v", keys, want)
	}
}

// filed is a case as it is filed, with a receipt.
func filed(t testing.TB, s *store.Store) flows.Change {
	ch := newChange(t, s)
	ch.Turn, ch.Case.Texts = nil, nil
	ch.Case.Kind, ch.Case.Age, ch.Case.Place, ch.Case.Policy = "beaten", "6-10", "04891@2025-07-01", "2026-11-01"
	ch.Case.Receipt = strings.Repeat("h", 26) + string(ch.Case.ID[:10])
	ch.Case.PIN = strings.Repeat("p", 44)
	return ch
}

const lifeLength = 13

// life is one step in the usual life of a case: three alerts, two levels, taken,
// all stages, closed.
func life(c flows.Case, step int) flows.Change {
	at := now.Add(time.Duration(step) * 7 * time.Minute)
	ch := flows.BeginChange(at, c)
	switch {
	case step == 1 || step == 2:
		ch.Log(flows.Event{Kind: flows.EventRefined, Reason: "place", Via: flows.USSD})
	case step == 3 || step == 6:
		ch.Case.Status, ch.Case.Level, ch.Case.Routed, ch.Case.Since = flows.StatusOpen, flows.Level(step/3), at, at
		ch.Arm(flows.TimerLadder, at.Add(15*time.Minute))
		ch.Arm(flows.TimerDecision, at.Add(12*time.Hour))
		for i := range 2 - step/6 {
			member := flows.MemberID(fmt.Sprintf("mai-chau-%d-%d", step, i))
			id := ch.Post(flows.Message{To: member, Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "GAP K7F4. Tra loi 1 K7F4."})
			ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{
				ID: id, Member: member, Level: ch.Case.Level, Channel: flows.SMS, At: at, Delivery: flows.Queued,
			})
			ch.Log(flows.Event{Kind: flows.EventAlerted, Reason: "on_duty", By: member, Level: ch.Case.Level, Via: flows.SMS, Message: id})
		}
	case step == 4 || step == 5 || step == 7:
		for i := range ch.Case.Alerts {
			a := &ch.Case.Alerts[i]
			if a.Delivery == flows.Queued {
				a.Delivery, a.Provider, a.SID = flows.Sent, "twilio", fmt.Sprintf("SM%032d", i)
				ch.Settle = append(ch.Settle, a.ID)
			} else {
				a.Delivery = flows.Delivered
			}
			ch.Log(flows.Event{Kind: flows.EventSent, Message: a.ID, Via: flows.SMS, Level: a.Level})
		}
	case step == 8:
		ch.Case.Status, ch.Case.Holder, ch.Case.Taken = flows.StatusTaken, "mai-chau-6-0", at
		ch.Log(flows.Event{Kind: flows.EventEntered, Reason: "answered", By: ch.Case.Holder, Level: 2, Via: flows.SMS})
	case step < lifeLength-1:
		ch.Case.Stages = flows.Stages{flows.StageAssessed: at, flows.StageDecided: at, flows.StagePlanned: at}
		ch.Log(flows.Event{Kind: flows.EventEntered, Reason: string(flows.StageDecided), By: ch.Case.Holder, Level: 2})
	default:
		ch.Case.Status, ch.Case.Closed, ch.Case.Outcome, ch.Case.Why = flows.StatusClosed, at, "safe", "plan_done"
		ch.Log(flows.Event{Kind: flows.EventClosed, Reason: "child_safe", By: ch.Case.Holder, Level: 2})
	}
	return ch
}
