package dialog

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Desk is where a key that is pressed in a call ends: escalation.Service, the
// same as a text, a link and the console.
type Desk interface {
	AnswerRef(ctx context.Context, member flows.MemberID, ref flows.Ref, via flows.Channel, decide escalation.Decide) (flows.Case, error)
}

// Calls answers the keys that responders press in a call. 1 takes the case and
// offers two more: 3, being with the child, and 4, handing it on to the next
// colleague on duty. 2 says that one cannot. Words are spoken, so with accents.
type Calls struct {
	Desk     Desk
	Guide    func() Guide
	Texts    flows.Texts
	Language string // of whoever has none in the directory
}

// Handle takes what a provider makes of a key: the key and the reference, as
// "1 K7F4", and "0 K7F4" for a 2, as a text would say it.
func (c *Calls) Handle(ctx context.Context, in flows.Inbound) (flows.Reply, error) {
	key, typed, _ := strings.Cut(in.Text, " ")
	who, known := c.Guide().World.Roster.ByPhone(in.From)
	ref, ok := flows.ParseRef(typed)
	if !known || !ok {
		return flows.Reply{Text: c.Texts.Text(c.Language, "press.late"), End: true}, nil
	}
	return c.Press(who, key, func(d escalation.Decide) (flows.Case, error) {
		return c.Desk.AnswerRef(ctx, who.ID, ref, flows.Voice, d)
	})
}

// Press does what a key says with the case that answer decides on. The reply is
// what is said; unless it ends the call, another key may follow.
func (c *Calls) Press(who flows.Member, key string, answer func(escalation.Decide) (flows.Case, error)) (flows.Reply, error) {
	decide, done := keyed(key)
	if decide == nil {
		return c.say(who, "press.again", false), nil
	}
	k, err := answer(decide)
	refused, is := errors.AsType[*escalation.Refused](err)
	switch {
	case is && refused.Reason == escalation.RefusedHeld && key == "1":
		return c.say(who, done, false), nil // the same key again, or its webhook
	case is && refused.Reason == escalation.RefusedNobody:
		return c.say(who, "press.nobody", false), nil
	case is && k.Status == flows.StatusOpen && (key == "3" || key == "4"):
		return c.say(who, "press.again", false), nil // it must be taken first
	case is:
		return c.say(who, "press.late", true), nil
	case err != nil:
		return flows.Reply{}, err
	}
	return c.say(who, done, key != "1"), nil
}

// keyed is what a key stands for, and what is said when it is done.
func keyed(key string) (escalation.Decide, string) {
	switch key {
	case "1":
		return escalation.Take, "press.taken"
	case "2", "0":
		return escalation.Decline, "press.declined"
	case "3":
		return escalation.OnSite, "press.on_site"
	case "4":
		return escalation.HandOn, "press.handed"
	}
	return nil, ""
}

func (c *Calls) say(who flows.Member, key string, end bool) flows.Reply {
	return flows.Reply{Text: c.Texts.Text(cmp.Or(who.Language, c.Language), key), End: end}
}
