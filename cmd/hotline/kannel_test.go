package main

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/handlertest"
)

// TestTheWholeHotlineBehindKannel: a report by text in Vietnamese, its alerts and
// the operator's word on them; a report by USSD while the operator restarts; a
// text that comes while the hotline restarts; and nothing of it twice.
func TestTheWholeHotlineBehindKannel(t *testing.T) {
	k := startByKannel(t, "")
	const texter, caller, third, fourth = "84960000901", "84960000902", "84960000903", "84960000904"
	first := k.reportByText(texter)
	second := k.reportBySession(caller)
	last := k.textMeanwhile(third)
	k.textWithoutRedis(fourth)
	for _, h := range k.operator.Rest() { // what else came is about turns of duty
		if strings.HasPrefix(h.To, "8496") || slices.ContainsFunc([]flows.Ref{first, second, last}, func(r flows.Ref) bool { return strings.Contains(h.Text, string(r)) }) {
			t.Errorf("a text that nobody waited for: %+v", h)
		}
	}
}

// reportByText: a text opens a case; whoever is on duty is told, and the handset
// has it, and takes it.
func (k *byKannel) reportByText(texter string) flows.Ref {
	k.t.Helper()
	if got := k.says(texter, "cứu cháu với, đang bị nhốt ở xã Mai Châu", "Da nhan."); got.Coding != 0 || got.From != handlertest.ShortCode {
		k.t.Errorf("the reply is %+v", got)
	}
	c := k.open(1)
	if c.Severity != flows.Urgent || c.Place != "05200@2025-07-01" || len(c.Alerts) == 0 {
		k.t.Fatalf("the case is %s at %q with %d alerts", c.Severity, c.Place, len(c.Alerts))
	}
	k.alerted(c, flows.Delivered)
	for _, a := range k.open(1).Alerts {
		got := k.operator.Text(k.phone(a.Member))
		if a.Delivery != flows.Delivered || a.Provider != "kannel" || !strings.HasPrefix(got.Text, "GAP "+string(c.Ref)) {
			k.t.Errorf("alert %+v reads %q", a, got.Text)
		}
	}
	k.says(texter, "2", "Da nhan. Ma ")
	if got := k.says(texter, "DỪNG", "Đã xóa. Chúng tôi sẽ không nhắn tin cho bạn."); got.Coding != 8 {
		k.t.Errorf("a reply with accents left in coding %d, want 8", got.Coding)
	}
	k.says(k.phone(c.Alerts[0].Member), "1 "+string(c.Ref), string(c.Ref))
	if c = k.open(1); c.Status != flows.StatusTaken {
		k.t.Errorf("after the answer the case is %s", c.Status)
	}
	return c.Ref
}

// reportBySession: five questions by USSD. The operator's SMSC restarts between
// two screens, and the session goes on; and once while it is being handed one:
// Kannel hands it over again, and the caller, whose session is gone, dials again
// and goes on.
func (k *byKannel) reportBySession(caller string) flows.Ref {
	k.t.Helper()
	k.dials(
		caller,
		screen{1, "2a02", "*1111#", "nguy hiem ngay bay gio khong?", false},
		screen{18, "2a04", "2", "Chuyen gi dang xay ra?", false},
		screen{18, "2a06", "1", "O xa, phuong nao?", false},
	)
	k.operator.Stop()
	k.operator.Start()
	k.operator.Wait("bound")
	k.dials(caller, screen{18, "2a08", "Mai Chau", "Tre bao nhieu tuoi?", false})
	k.operator.DieOnSubmit()
	answer := screen{18, "2a0a", "2", "nhan tin lai cho ban duoc khong?", false}
	k.sends(caller, answer)
	k.operator.Ended()
	k.operator.Start()
	k.operator.Wait("bound")
	k.shows(caller, answer)
	end := k.dials(
		caller,
		screen{1, "2b02", "*1111#", "Ban muon lam gi?", false},
		screen{18, "2b04", "1", "nhan tin lai cho ban duoc khong?", false},
		screen{18, "2b06", "2", "PIN", true},
	)
	c := k.open(2)
	if receiptIn("END "+end) == "" || c.Status != flows.StatusOpen || c.Place != "05200@2025-07-01" || c.Channel != flows.USSD || c.Provider != "kannel" {
		k.t.Errorf("%q; the case is %s at %q by %s of %s", end, c.Status, c.Place, c.Channel, c.Provider)
	}
	k.alerted(c, flows.Delivered)
	k.once(c)
	return c.Ref
}

// once checks that a case was filed and sent to people once, and takes the alerts.
func (k *byKannel) once(c flows.Case) {
	k.t.Helper()
	events, err := k.store.Timeline(k.t.Context(), c.ID)
	if err != nil {
		k.t.Fatal(err)
	}
	count := map[flows.EventKind]int{}
	for _, e := range events {
		count[e.Kind]++
	}
	if count[flows.EventFiled] != 1 || count[flows.EventRouted] != 1 || count[flows.EventSent] != len(c.Alerts) {
		k.t.Errorf("the timeline of %s has %v for %d alerts", c.Ref, count, len(c.Alerts))
	}
	for _, a := range c.Alerts {
		to := k.phone(a.Member)
		k.operator.WaitFor("an alert", func(h handlertest.Heard) bool { return h.To == to && strings.Contains(h.Text, " "+string(c.Ref)+".") })
	}
}

// textMeanwhile: a text that Kannel cannot hand over, because the hotline says so
// or is not there at all, waits, and opens a case when it is back.
func (k *byKannel) textMeanwhile(texter string) flows.Ref {
	k.t.Helper()
	k.kill()
	tried := make(chan struct{})
	var once sync.Once
	away := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		once.Do(func() { close(tried) })
	})}
	l, err := new(net.ListenConfig).Listen(k.t.Context(), "tcp", k.address())
	if err != nil {
		k.t.Fatal(err)
	}
	go func() { _ = away.Serve(l) }()
	k.operator.Deliver(handlertest.Handset{From: texter, To: handlertest.ShortCode, Text: "đang bị nhốt ở xã Mai Châu, cứu với"})
	<-tried
	_ = away.Close()
	k.restart()
	if got := k.operator.Text(texter); !strings.HasPrefix(got.Text, "Da nhan.") {
		k.t.Errorf("after the restart the reply is %+v", got)
	}
	c := k.open(3)
	k.alerted(c, flows.Delivered)
	k.once(c)
	return c.Ref
}

// textWithoutRedis: a text that comes while the store is away is answered with who
// else can help, stays with Kannel, and opens a case when the store is back.
func (k *byKannel) textWithoutRedis(texter string) {
	k.t.Helper()
	k.redis.kill()
	k.says(texter, "đang bị nhốt ở xã Mai Châu, cứu với", "111")
	if err := k.redis.start(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	if got := k.operator.Text(texter); !strings.HasPrefix(got.Text, "Da nhan.") {
		k.t.Errorf("after the return of the store the reply is %+v", got)
	}
	c := k.open(4)
	k.alerted(c, flows.Delivered)
	k.once(c)
}
