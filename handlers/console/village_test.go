package console_test

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// village fills the board with cases of every kind.
func (w *town) village() {
	ladder := func(d time.Duration) flows.Timers { return flows.Timers{flows.TimerLadder: flows.Millis(start.Add(d))} }
	asked := func(k *flows.Case, id flows.MemberID, d flows.Delivery) {
		k.Alerts = append(k.Alerts, flows.Alert{ID: flows.MessageID(string(k.ID) + "/1"), Member: id, Level: k.Level, Channel: flows.SMS, At: start.Add(-4 * time.Minute), Delivery: d})
	}
	w.file("A3AA", func(k *flows.Case) {
		k.Severity, k.Danger, k.Opened, k.Timers = flows.Urgent, true, start.Add(-12*time.Minute), ladder(3*time.Minute)
		k.Routed = start.Add(-12 * time.Minute)
		asked(k, "m1", flows.Delivered)
	})
	w.file("C4CC", func(k *flows.Case) {
		k.Severity, k.Channel, k.Level, k.Timers = flows.Urgent, flows.USSD, 2, ladder(26*time.Minute)
		asked(k, "m2", flows.Undelivered)
		asked(k, "m3", flows.Sent)
	})
	w.file("E6EE", func(k *flows.Case) { k.Place, k.Level = "", 0; asked(k, "m3", flows.Delivered) })
	w.file("F7FF", func(k *flows.Case) {
		k.Status, k.Severity, k.Timers = flows.StatusIntake, flows.Normal, flows.Timers{flows.TimerIntake: flows.Millis(start.Add(90 * time.Second))}
	})
	w.file("G9GG", func(k *flows.Case) {
		k.Status, k.Holder, k.Opened, k.Taken = flows.StatusTaken, "m2", start.Add(-13*time.Hour), start.Add(-12*time.Hour)
		k.Severity, k.Timers = flows.Urgent, flows.Timers{flows.TimerDecision: flows.Millis(start.Add(-time.Hour)), flows.TimerPlan: flows.Millis(start.Add(100 * time.Hour))}
	})
	w.file("H3HH", func(k *flows.Case) {
		k.Status, k.Holder, k.Taken = flows.StatusTaken, "m1", start.Add(-time.Hour)
		k.Opened, k.Timers = start.Add(-30*time.Hour), flows.Timers{flows.TimerPlan: flows.Millis(start.Add(90 * time.Hour))}
	})
	w.events["00A3AA"] = []flows.Event{
		{At: start.Add(-12 * time.Minute), Kind: flows.EventFiled, Via: flows.SMS},
		{At: start.Add(-12 * time.Minute), Kind: flows.EventRouted, Level: 1, Reason: "place_known"},
		{At: start.Add(-4 * time.Minute), Kind: flows.EventAlerted, Level: 1, Message: "00A3AA/1", Via: flows.SMS},
	}
}

// happen lets the browser's story move the world.
func (w *town) happen(x echo.Context) error {
	w.mu.Lock()
	n, now := len(w.cases), w.moment
	w.mu.Unlock()
	switch x.Param("what") {
	case "file":
		w.file(flows.Ref(fmt.Sprintf("N%dNN", n)), func(k *flows.Case) {
			k.Severity, k.Opened = flows.Urgent, now
			k.Timers = flows.Timers{flows.TimerLadder: flows.Millis(now.Add(15 * time.Minute))}
		})
	case "break", "mend":
		w.mu.Lock()
		w.broken = nil
		if x.Param("what") == "break" {
			w.broken = errors.New("the store is gone")
		}
		w.mu.Unlock()
	case "move": // the page of every case has something new to show
		w.mu.Lock()
		for i := range w.cases {
			w.log(&w.cases[i], flows.Event{Kind: flows.EventSent, Message: "x/1"})
		}
		w.mu.Unlock()
	case "cut":
		w.cut.Store(true)
		go w.server.Load().CloseClientConnections()
	case "join":
		w.cut.Store(false)
	}
	return x.NoContent(http.StatusNoContent)
}
