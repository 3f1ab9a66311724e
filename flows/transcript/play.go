package transcript

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hotline/flows"
)

// Play plays a story in a world and reports the first line where expectation and
// outcome differ. If log is not nil, it shows what happens as it happens.
func Play(ctx context.Context, story *Story, w World, log io.Writer) error {
	p := player{story: story, world: w, names: names{}, log: log}
	for _, s := range story.Steps {
		p.step = s
		if err := p.play(ctx); err != nil {
			return fmt.Errorf("%s:%d: %w", s.File, s.Line, err)
		}
	}
	if err := p.audit(ctx); err != nil {
		return fmt.Errorf("%s: at the end: %w", story.Name, err)
	}
	return nil
}

type player struct {
	story *Story
	world World
	names names
	log   io.Writer

	step   Step
	phone  flows.Phone // whose call it is
	texted string      // who sent the last text or was called; "" in a USSD call
	reply  flows.Reply // the last one
	sent   []Sent      // messages that the story has not mentioned yet
}

func (p *player) tell(format string, args ...any) {
	if p.log != nil {
		_, _ = fmt.Fprintf(p.log, format+"\n", args...)
	}
}

func (p *player) play(ctx context.Context) error {
	s := p.step
	switch s.Verb {
	case "ussd", "on", ">", "sms", "ring", "press", "retry", "drop", "hangup":
		if err := p.act(ctx); err != nil {
			return err
		}
		p.collect()
		return nil
	case "<":
		return p.read()
	case "!":
		return p.leaves()
	case "@":
		p.tell("@ +%s", s.Wait)
		if err := p.world.Advance(ctx, s.Wait); err != nil {
			return err
		}
	case "undelivered":
		if err := p.world.Undelivered(ctx, flows.MemberID(s.Who)); err != nil {
			return err
		}
	case "asks":
		if err := p.asks(ctx); err != nil {
			return err
		}
	case "=":
		return p.check(ctx, s.Text)
	}
	p.collect()
	return nil
}

// act does what a phone or its gateway does.
func (p *player) act(ctx context.Context) (err error) {
	s := p.step
	text := p.names.typed(s.Text)
	switch s.Verb {
	case "ussd":
		if p.phone, err = p.number(s.Who); err != nil {
			return err
		}
		p.texted = ""
		p.reply, err = p.world.Dial(ctx, p.phone, s.Text)
	case "on":
		p.phone, err = p.number(s.Who)
		p.texted = ""
		return err
	case ">":
		p.texted = ""
		p.reply, err = p.world.Answer(ctx, p.phone, text)
	case "sms":
		var phone flows.Phone
		if phone, err = p.number(s.Who); err != nil {
			return err
		}
		p.texted = s.Who
		p.reply, err = p.world.Text(ctx, phone, text)
	case "ring":
		p.texted = s.Who
		p.reply, err = p.world.Ring(ctx, flows.MemberID(s.Who))
	case "press":
		p.texted = s.Who
		p.reply, err = p.world.Press(ctx, flows.MemberID(s.Who), s.Text)
	case "retry":
		return p.retry(ctx)
	case "drop":
		return nil
	case "hangup":
		return p.world.Hangup(ctx, p.phone)
	}
	p.tell("%s %s%s\n%s", s.Verb, s.Who, " "+text, shown(p.reply, p.texted == ""))
	return err
}

// asks lets a member put a question to a reporter. One that is refused is told
// by its reason: "asks WHO K7F4 ask.still refused level".
func (p *player) asks(ctx context.Context) error {
	s := p.step
	name, rest, _ := strings.Cut(s.Text, " ")
	key, want, _ := strings.Cut(rest, " refused ")
	c, err := p.find(ctx, name)
	if err != nil {
		return err
	}
	err = p.world.Ask(ctx, flows.MemberID(s.Who), c.Ref, key)
	switch {
	case want == "":
		return err
	case err == nil:
		return errors.New("it is not refused")
	case !strings.HasSuffix(err.Error(), ": "+want):
		return differs("refused: "+want, err.Error())
	}
	return nil
}

// number is the phone of a member, or a number as it stands.
func (p *player) number(who string) (flows.Phone, error) {
	if phone, ok := p.story.Scene.Phones[who]; ok {
		return phone, nil
	}
	phone, err := flows.ParsePhone(who)
	if err != nil {
		return phone, fmt.Errorf("%q is neither a member nor a number", who)
	}
	return phone, nil
}

func (p *player) retry(ctx context.Context) error {
	again, err := p.world.Again(ctx)
	if err != nil {
		return err
	}
	if again != p.reply {
		return differs("the same reply again: "+shown(p.reply, true), shown(again, true))
	}
	return nil
}

func (p *player) collect() {
	for _, m := range p.world.Sent() {
		p.tell("! %s %s: %s", m.Via, m.To, m.Text)
		p.sent = append(p.sent, m)
	}
}

// read compares the last reply.
func (p *player) read() error {
	got := shown(p.reply, p.texted == "")
	want := p.step.Text
	if want == "nothing" {
		want = ""
	}
	if !p.names.match(want, got) {
		return differs(p.step.Text, got)
	}
	return nil
}

// shown is a reply as a story writes it.
func shown(r flows.Reply, call bool) string {
	switch {
	case !call:
		return r.Text
	case r.End:
		return "END " + r.Text
	}
	return "CON " + r.Text
}

func differs(want, got string) error {
	return fmt.Errorf("it differs\n  want %s\n  got  %s", want, strings.ReplaceAll(got, "\n", " / "))
}

// leaves finds the message that a story expects among those that left. The reply
// to a text of the same person counts too: it is a text to them.
func (p *player) leaves() error {
	s := p.step
	if s.Text == "..." && s.Who == "" {
		p.sent = nil
		return nil
	}
	if s.Via == flows.SMS && s.Who == p.texted && p.names.match(s.Text, p.reply.Text) {
		return nil
	}
	for i, m := range p.sent {
		if m.Via == s.Via && string(m.To) == s.Who && (s.Text == "" || p.names.match(s.Text, m.Text)) {
			p.sent = slices.Delete(p.sent, i, i+1)
			return nil
		}
	}
	return differs(fmt.Sprintf("%s %s: %s", s.Via, s.Who, s.Text), list(p.sent))
}

func list(sent []Sent) string {
	if len(sent) == 0 {
		return "nothing that left"
	}
	lines := make([]string, len(sent))
	for i, m := range sent {
		lines[i] = fmt.Sprintf("%s %s: %s", m.Via, m.To, m.Text)
	}
	return strings.Join(lines, "\n       ")
}

// audit is the end of every story.
func (p *player) audit(ctx context.Context) error {
	var faults []error
	if len(p.sent) > 0 {
		faults = append(faults, fmt.Errorf("the story does not mention\n       %s", list(p.sent)))
	}
	cases, err := p.world.Cases(ctx)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.IsOpen() && len(c.Timers) == 0 && c.NoTimer == "" {
			faults = append(faults, fmt.Errorf("case %s is %s and has no timer", c.Ref, c.Status))
		}
	}
	return errors.Join(faults...)
}
