package dispatch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/dispatch"
)

// bundling is an exchange that bundles within a minute.
func bundling(t *testing.T) *exchange {
	x := newExchange(t)
	x.router.Routes = []dispatch.Route{{Channel: flows.SMS, Providers: []string{"first"}}}
	x.mail.Bundles = &dispatch.Bundles{Window: time.Minute, Text: func(lang string, p flows.Purpose, refs []flows.Ref) string {
		return fmt.Sprint(lang, " ", p, " ", refs)
	}}
	return x
}

// file opens a case of a reference with messages.
func (x *exchange) file(ref flows.Ref, messages ...flows.Message) flows.CaseID {
	x.Helper()
	id, err := flows.NewCaseID(strings.NewReader(fmt.Sprintf("%-64s", ref)), flows.Partition(string(ref), x.store.Partitions()))
	if err != nil {
		x.Fatal(err)
	}
	now := x.clock()
	ch := flows.BeginChange(now, flows.Case{ID: id, Ref: ref, Status: flows.StatusOpen, Severity: flows.Normal, Opened: now, Channel: flows.USSD})
	ch.Log(flows.Event{Kind: flows.EventFiled})
	for _, m := range messages {
		m.Language = "vi"
		ch.Post(m)
	}
	if _, err := x.store.Commit(x.Context(), ch); err != nil {
		x.Fatal(err)
	}
	return id
}

// texts are what left, with the moment.
func (x *exchange) texts() []string {
	var all []string
	for _, l := range x.left {
		all = append(all, fmt.Sprintf("%s %s: %s", l.at.Sub(morning), l.m.To, l.m.Text))
	}
	return all
}

// told are the words on messages in a case's timeline.
func (x *exchange) told(id flows.CaseID) []string {
	x.Helper()
	events, err := x.store.Timeline(x.Context(), id)
	if err != nil {
		x.Fatal(err)
	}
	var all []string
	for _, e := range events {
		if e.Message != "" {
			all = append(all, strings.TrimSpace(fmt.Sprint(e.Kind, " ", e.Detail["delivery"], " ", e.Detail["bundled"], " ", e.Reason)))
		}
	}
	return all
}

func TestNoticesToOneMemberLeaveAsOneText(t *testing.T) {
	x := bundling(t)
	notice := text("duty1", flows.PurposeNotice, false)
	urgent := text("duty1", flows.PurposeNotice, true)
	urgent.Text = "urgent"
	ids := []flows.CaseID{x.file("K7F4", notice)}
	x.work(morning.Add(10 * time.Second))
	ids = append(ids, x.file("A3C4", notice, notice), x.file("B2D9", notice, urgent, text("duty2", flows.PurposeNotice, false)))
	x.work(morning.Add(2 * time.Minute))
	got := x.texts()
	together := slices.IndexFunc(got, func(s string) bool { return strings.HasSuffix(s, "duty1: vi notice [K7F4 A3C4 B2D9]") })
	if len(got) != 3 || got[0] != "10s duty1: urgent" || together < 0 || !strings.Contains(strings.Join(got, "\n"), "duty2: x") {
		t.Fatalf("left %q", got)
	}
	bundle := x.left[together]
	if wait := bundle.at.Sub(morning); wait > time.Minute {
		t.Errorf("the first notice waited %s", wait)
	}

	// The provider's word on the one text is a word on each, whose own case says so.
	words := &dispatch.Deliveries{Store: x.store.Store, Now: x.clock, Patience: -1}
	first := flows.Status{Provider: "first", ID: "first-" + string(bundle.m.ID), Delivery: flows.Delivered}
	if err := words.Status(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"sent  yes", "delivery delivered"},
		{"sent  yes", "sent  yes", "delivery delivered", "delivery delivered"},
		{"sent", "sent  yes", "sent", "delivery delivered"},
	}
	for i, id := range ids {
		got := x.told(id)
		slices.Sort(got)
		slices.Sort(want[i])
		if d := cmp.Diff(want[i], got); d != "" {
			t.Errorf("case %d (-want +got):\n%s", i+1, d)
		}
	}
}

// TestABundleThatMayHaveLeftIsLookedUpOnce: the look-up asks for the text as it
// left, and nothing leaves twice.
func TestABundleThatMayHaveLeftIsLookedUp(t *testing.T) {
	for name, has := range map[string]bool{"the provider has it": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			x := bundling(t)
			x.mail.Sender = silent{x}
			x.mail.Finders = map[string]dispatch.Finder{"first": found{x, has}}
			a := x.file("K7F4", text("duty1", flows.PurposeNotice, false))
			b := x.file("A3C4", text("duty1", flows.PurposeNotice, false))
			x.work(morning.Add(5 * time.Minute))
			want := 1
			if !has {
				want = 3 // the text of both did not leave, so each leaves by itself
			}
			if len(x.left) != want {
				t.Errorf("left %q", x.texts())
			}
			for _, id := range []flows.CaseID{a, b} {
				if got := x.told(id); !slices.Contains(got, "sent  yes") && !slices.Contains(got, "sent") {
					t.Errorf("the case says %q", got)
				}
			}
			c, err := x.store.Case(t.Context(), a)
			if err != nil || len(c.Notices) != 1 || c.Notices[0].Delivery != flows.Sent {
				t.Errorf("notices %+v, %v", c.Notices, err)
			}
		})
	}
}

// silent takes the first text without a word, and later ones with one.
type silent struct{ x *exchange }

func (s silent) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	s.x.left = append(s.x.left, leaving{s.x.now, "first", m})
	if len(s.x.left) == 1 {
		return flows.Sending{Provider: "first"}, &flows.SendError{Temporary: true, Unknown: true, Reason: "timeout"}
	}
	return flows.Sending{Provider: "first", ID: "SM" + string(m.ID)}, nil
}

// found is a provider that knows the bundle's text, or nothing.
type found struct {
	x   *exchange
	has bool
}

func (f found) Find(_ context.Context, m flows.Message, _ flows.Phone, _ time.Time) (flows.Sending, bool, error) {
	if m.Text != "vi notice [K7F4 A3C4]" && m.Text != "vi notice [A3C4 K7F4]" {
		f.x.Errorf("asked for %q", m.Text)
	}
	return flows.Sending{Provider: "first", ID: "SM1"}, f.has, nil
}

// TestAlertsThatHadToWaitLeaveTogether: after an outage a member reads one text
// and not five; what is urgent leaves by itself and first.
func TestAlertsThatHadToWaitLeaveTogether(t *testing.T) {
	x := bundling(t)
	back := morning.Add(10 * time.Minute)
	x.down = func(string) bool { return x.now.Before(back) }
	for _, ref := range []flows.Ref{"K7F4", "A3C4", "B2D9"} {
		x.file(ref, text("duty1", flows.PurposeAlert, false))
		x.work(x.clock().Add(time.Minute))
	}
	x.file("H4J5", text("duty1", flows.PurposeAlert, true))
	x.work(morning.Add(20 * time.Minute))
	got := x.texts()
	if len(got) > 3 || !strings.HasSuffix(got[0], "duty1: x") || !x.left[0].m.Urgent {
		t.Errorf("left %q", got)
	}
	if !strings.Contains(strings.Join(got, "\n"), "vi alert [") {
		t.Errorf("nothing left together: %q", got)
	}
}
