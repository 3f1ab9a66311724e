package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hotline/flows"
)

// Result is what became of one attempt to send a message.
type Result struct {
	Message  flows.Message
	Delivery flows.Delivery // Sent, Unknown or Undelivered; Queued: it is tried again
	Sending  flows.Sending
	Reason   string // of a closed set

	gone  bool              // somebody else has the message
	end   func()            // of its turn, once this is recorded; nil: it had none
	later time.Time         // when to ask again for a message that waits
	with  []flows.MessageID // those that left in the same text, if this is the first of them
}

// Reasons that dispatch itself gives.
const (
	ReasonNoPhone  = "no_phone"
	ReasonNoRoute  = "no_route"
	ReasonNoCase   = "no_case"  // the message belongs to a case that is gone
	ReasonObsolete = "obsolete" // the case was taken or closed before the text left
	ReasonDelayed  = "delayed"  // the providers refuse it for now
	ReasonGivenUp  = "given_up" // they did so too often
	// ReasonNotKnown is for an urgent alert that may have left: it is not sent
	// again, the ladder uses another way.
	ReasonNotKnown = "not_known"
)

// Sent records that a provider accepted a message.
func Sent(now time.Time, c flows.Case, m flows.Message, s flows.Sending) flows.Change {
	return Record(now, c, Result{Message: m, Delivery: flows.Sent, Sending: s})
}

// Failed records that a message will not leave. If it was an alert, the ladder
// moves at once.
func Failed(now time.Time, c flows.Case, m flows.Message, reason string) flows.Change {
	return Record(now, c, Result{Message: m, Delivery: flows.Undelivered, Reason: reason})
}

// Record takes results of messages of one case over into it, as one change.
func Record(now time.Time, c flows.Case, results ...Result) flows.Change {
	ch := flows.BeginChange(now, c)
	for _, r := range results {
		record(&ch, r)
	}
	if len(results) > 0 {
		r := results[0]
		ch.CommandID = fmt.Sprintf("send/%s/%d/%d", r.Message.ID, r.Message.Attempts, c.Version)
	}
	return ch
}

func record(ch *flows.Change, r Result) {
	m := r.Message
	if r.Delivery != flows.Queued && !lookedUp(&r) {
		ch.Settle = append(ch.Settle, m.ID)
	}
	e := flows.Event{
		Kind: flows.EventSent, Reason: r.Reason, By: m.To, Level: m.Level, Via: m.Channel, Message: m.ID,
		Detail: details("provider", r.Sending.Provider, "id", r.Sending.ID),
	}
	if r.Delivery != flows.Sent {
		e.Kind = flows.EventDelivery
		e.Detail = details("delivery", string(r.Delivery), "provider", r.Sending.Provider)
	}
	for mark, is := range map[string]bool{"repeat": m.Repeat, "bundled": m.Within != ""} {
		if is && e.Detail == nil {
			e.Detail = map[string]string{}
		}
		if is {
			e.Detail[mark] = "yes"
		}
	}
	if r.Reason == ReasonGivenUp {
		e.Kind = flows.EventBuried
	}
	ch.Log(e)
	alert := ch.Case.Alert(m.ID)
	if alert == nil {
		follow(ch, &r)
		return
	}
	alert.With = r.with
	if r.Sending.ID != "" && m.Place == 0 {
		alert.Provider, alert.SID = r.Sending.Provider, r.Sending.ID
	}
	if r.Delivery == flows.Queued {
		alert.Reason = r.Reason
		if alert.Delivery == flows.Unknown {
			alert.Delivery = flows.Queued
		}
		armLadder(ch, alert)
		return
	}
	if news(alert, r.Delivery) || r.Reason == ReasonNotKnown && !final(alert.Delivery) {
		alert.Delivery, alert.Reason = r.Delivery, r.Reason
		notArrived(ch, alert)
	}
}

// maxNotices is how many notices of a case wait for a word at once. Some networks
// never say any.
const maxNotices = 8

// follow keeps a message that is no alert among the notices, until it is known
// what became of it.
func follow(ch *flows.Change, r *Result) {
	c, m := &ch.Case, r.Message
	c.Notices = slices.DeleteFunc(c.Notices, func(a flows.Alert) bool { return a.ID == m.ID })
	if r.Delivery != flows.Sent && r.Delivery != flows.Unknown {
		return
	}
	a := flows.Alert{
		ID: m.ID, Member: m.To, Level: m.Level, Channel: m.Channel, Phone: m.Phone, At: ch.At,
		Delivery: r.Delivery, Provider: r.Sending.Provider, SID: r.Sending.ID, Reason: r.Reason, With: r.with,
	}
	if m.Place > 0 {
		a.SID = "" // the provider knows the text by the first of them
	}
	c.Notices = append(c.Notices, a)
	c.Notices = c.Notices[max(0, len(c.Notices)-maxNotices):]
}

// lookedUp reports whether a message stays in the outbox although it may have
// left: its provider will be asked.
func lookedUp(r *Result) bool { return r.Delivery == flows.Unknown && r.Message.Doubt != "" }

// news reports whether a state says more than what is known. That a provider has
// a message ends the doubt whether it does.
func news(a *flows.Alert, d flows.Delivery) bool {
	return !final(a.Delivery) && (rank(d) > rank(a.Delivery) || a.Delivery == flows.Unknown && d == flows.Sent)
}

// notArrived moves the ladder at once for an alert that will not arrive. A call
// that this installation cannot make at all is no word about the member.
func notArrived(ch *flows.Change, a *flows.Alert) {
	switch {
	case a.Delivery == flows.Unknown && a.Reason == ReasonNotKnown:
		armLadder(ch, a)
	case a.Delivery != flows.Undelivered || a.Reason == ReasonObsolete:
	case a.Channel == flows.Voice && a.Reason == ReasonNoRoute:
		a.Followed = true
	default:
		armLadder(ch, a)
	}
}

// armLadder lets the ladder look at the case now, if the alert belongs to the
// level that is being asked.
func armLadder(ch *flows.Change, a *flows.Alert) {
	c := &ch.Case
	if c.Status == flows.StatusOpen && a.Level == c.Level && !a.At.Before(c.Since) && a.Declined.IsZero() {
		ch.Arm(flows.TimerLadder, ch.At)
	}
}

// Deliver records a provider's later word on a message. It reports false when
// the word is no news: words come twice and in any order, and a state never goes
// back.
func Deliver(now time.Time, c flows.Case, id flows.MessageID, st flows.Status) (flows.Change, bool) {
	ch := flows.BeginChange(now, c)
	alert := ch.Case.Tracked(id)
	if alert == nil || !news(alert, st.Delivery) {
		return flows.Change{}, false
	}
	alert.Delivery, alert.Reason = st.Delivery, st.Reason
	alert.Provider, alert.SID = cmp.Or(alert.Provider, st.Provider), cmp.Or(alert.SID, st.ID)
	ch.CommandID = fmt.Sprintf("status/%s/%s/%d", id, st.Delivery, c.Version)
	ch.Log(flows.Event{
		Kind: flows.EventDelivery, Reason: st.Reason, By: alert.Member, Level: alert.Level, Via: alert.Channel, Message: id,
		Detail: details("delivery", string(st.Delivery), "provider", st.Provider),
	})
	if ch.Case.Alert(id) == nil {
		if final(st.Delivery) {
			ch.Case.Notices = slices.DeleteFunc(ch.Case.Notices, func(a flows.Alert) bool { return a.ID == id })
		}
		return ch, true
	}
	notArrived(&ch, alert)
	return ch, true
}

// rank orders the states of a message; a state that is unknown ranks lowest.
func rank(d flows.Delivery) int {
	switch d {
	case flows.Queued:
		return 1
	case flows.Sent:
		return 2
	case flows.Unknown:
		return 3
	case flows.Delivered, flows.Undelivered:
		return 4
	}
	return 0
}

func final(d flows.Delivery) bool { return d == flows.Delivered || d == flows.Undelivered }

// details keeps the pairs whose value is not empty.
func details(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}
