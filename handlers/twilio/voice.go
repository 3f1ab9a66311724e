package twilio

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/twilio/twilio-go/twiml"

	"hotline/flows"
	"hotline/handlers/wire"
)

// An alert by voice is a call that says how urgent it is and the reference, and
// asks for a key. Everything that the call has to know travels in the query of
// the addresses that Twilio asks, and is signed with them: m is the message, r
// the reference, u whether it is urgent, l the language. With k the reference is
// a code that proves whose phone it is: it is read out, and that is all.
//
//	/twilio/voice/ask     somebody, or a machine, picked up
//	/twilio/voice/press   a key was pressed: 1 take, 2 cannot, 3 there, 4 hand on, * repeat
//	/twilio/voice/status  the call is over

// languages are how Twilio calls the languages that it can read aloud.
var languages = map[string]string{"vi": "vi-VN", "en": "en-US"}

// Ask answers a call that was picked up.
func (p *Provider) Ask(r *http.Request) (wire.Exchange, error) {
	form, err := wire.Form(r)
	if err != nil {
		return wire.Exchange{}, err
	}
	if err := wire.Need(form, "CallSid"); err != nil {
		return wire.Exchange{}, err
	}
	// A mailbox that hears a reference tells it to whoever listens next.
	if isMachine(form.Get("AnsweredBy")) {
		return wire.Exchange{Answer: spoken(&twiml.VoiceHangup{})}, nil
	}
	return p.question(r.URL.Query()), nil
}

// Press reads a key. It becomes the text that would answer the same alert, so
// that all answers end in the same place.
func (p *Provider) Press(r *http.Request) (wire.Exchange, error) {
	form, err := wire.Form(r)
	if err != nil {
		return wire.Exchange{}, err
	}
	if err := wire.Need(form, "CallSid", "To"); err != nil {
		return wire.Exchange{}, err
	}
	q := r.URL.Query()
	order, ok := map[string]string{"1": "1 ", "2": "0 ", "3": "3 ", "4": "4 "}[form.Get("Digits")]
	if !ok {
		return p.question(q), nil
	}
	responder, err := p.config.Numbers.Person(form.Get("To"))
	in := flows.Inbound{
		Provider: Name,
		Channel:  flows.Voice,
		Signal:   flows.Input,
		From:     responder,
		To:       form.Get("From"),
		ID:       form.Get("CallSid") + "/" + form.Get("Digits"),
		Text:     order + q.Get("r"),
	}
	return wire.Exchange{Inbound: in, Answer: p.answer(q)}, err
}

// question asks for a key three times and then lets go.
func (p *Provider) question(q url.Values) wire.Exchange {
	lang := q.Get("l")
	urgency := "alert.voice.normal"
	if q.Get("u") != "" {
		urgency = "alert.voice.urgent"
	}
	// A reference is read letter by letter.
	spelled := strings.Join(strings.Split(q.Get("r"), ""), ", ")
	if q.Get("k") != "" {
		code := p.config.Texts.Text(lang, "voice.code", "code", spelled)
		return wire.Exchange{Answer: spoken(p.say(lang, code), p.say(lang, code), &twiml.VoiceHangup{})}
	}
	words := p.config.Texts.Text(lang, urgency, "spelled", spelled)
	var verbs []twiml.Element
	for range 3 {
		verbs = append(verbs, p.listen(q, words))
	}
	verbs = append(verbs, p.say(lang, p.config.Texts.Text(lang, "voice.goodbye")))
	return wire.Exchange{Answer: spoken(verbs...)}
}

// listen says words and waits for a key.
func (p *Provider) listen(q url.Values, words string) *twiml.VoiceGather {
	return &twiml.VoiceGather{
		Input: "dtmf", NumDigits: "1", Timeout: "6", Method: http.MethodPost,
		Action:        p.config.PublicURL + "/twilio/voice/press?" + q.Encode(),
		InnerElements: []twiml.Element{p.say(q.Get("l"), words)},
	}
}

// answer reads the reply aloud, and hangs up or waits for another key.
func (p *Provider) answer(q url.Values) func(context.Context, http.ResponseWriter, flows.Reply) error {
	return func(ctx context.Context, w http.ResponseWriter, reply flows.Reply) error {
		if reply.End {
			return spoken(p.say(q.Get("l"), reply.Text), &twiml.VoiceHangup{})(ctx, w, reply)
		}
		return spoken(p.listen(q, reply.Text), &twiml.VoiceHangup{})(ctx, w, reply)
	}
}

// spoken is an answer that is the same whatever the reply.
func spoken(verbs ...twiml.Element) func(context.Context, http.ResponseWriter, flows.Reply) error {
	return func(_ context.Context, w http.ResponseWriter, _ flows.Reply) error {
		doc, err := twiml.Voice(verbs)
		if err != nil {
			return errors.New("write TwiML")
		}
		return document(w, doc)
	}
}

func (p *Provider) say(lang, words string) *twiml.VoiceSay {
	return &twiml.VoiceSay{Message: words, Language: cmp.Or(languages[lang], languages["vi"]), Voice: p.config.Voices[lang]}
}

// Call reads the notice that a call is over. A machine that picked up is no
// answer, and neither is a human who was not reached.
func (p *Provider) Call(r *http.Request) ([]wire.Receipt, error) {
	form, err := wire.Form(r)
	if err != nil {
		return nil, err
	}
	if err := wire.Need(form, "CallSid", "CallStatus"); err != nil {
		return nil, err
	}
	receipt := calls.Receipt(Name, form.Get("CallSid"), form.Get("CallStatus"))
	receipt.Message = flows.MessageID(r.URL.Query().Get("m"))
	if receipt.Delivery == flows.Delivered && isMachine(form.Get("AnsweredBy")) {
		receipt.Delivery, receipt.Reason = flows.Undelivered, "machine"
	}
	return []wire.Receipt{receipt}, nil
}

// calls are the states of a call, from Twilio's call resource.
var calls = wire.Words{
	"queued":      {Delivery: flows.Sent},
	"initiated":   {Delivery: flows.Sent},
	"ringing":     {Delivery: flows.Sent},
	"in-progress": {Delivery: flows.Sent},
	"completed":   {Delivery: flows.Delivered},
	"busy":        {Delivery: flows.Undelivered, Reason: "busy"},
	"no-answer":   {Delivery: flows.Undelivered, Reason: "no_answer"},
	"failed":      {Delivery: flows.Undelivered, Reason: "failed"},
	"canceled":    {Delivery: flows.Undelivered, Reason: "canceled"},
}

// isMachine reads Twilio's guess of who picked up: machine_start,
// machine_end_beep, fax and the like. When it does not know, it may be human.
func isMachine(answeredBy string) bool {
	return strings.HasPrefix(answeredBy, "machine") || answeredBy == "fax"
}
