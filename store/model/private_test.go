package model_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hotline/flows"
)

// What reporters write.
const (
	fromMaiChau   = "cuu chau voi, dang bi nhot o xa Mai Chau"
	fromNowhere   = "cuu chau voi, dang bi nhot o xa Khong Ai Biet"
	aboutOfficial = "cuu chau voi, dang bi cong an xa Mai Chau nhot"
)

// plain stands for the vault and its keys: it hides nothing from whoever knows how,
// but neither a number nor words are found in what it returns. Open leaves both as
// they are.
type plain struct{ open bool }

func (p plain) Session(ch flows.Channel, service string, phone flows.Phone) flows.SessionID {
	return flows.SessionID("session " + string(ch) + " " + service + " " + p.hide(phone.E164()))
}

func (p plain) hide(s string) string {
	if p.open {
		return s
	}
	return hex.EncodeToString([]byte(digest(s)[:6]))
}

func (plain) Digest(purpose string, parts ...string) string {
	return purpose + " " + plain{}.hide(strings.Join(parts, " "))
}
func (plain) Receipt(number string) string  { return "receipt " + number }
func (plain) PIN(number, pin string) string { return "pin " + number + pin }
func (plain) SamePIN(_ context.Context, stored, number, pin string) (bool, error) {
	return stored == "pin "+number+pin, nil
}

func (p plain) Seal(_ context.Context, _ flows.CaseID, _ string, text []byte) ([]byte, error) {
	sealed := slices.Clone(text)
	for i := range sealed {
		if !p.open {
			sealed[i] ^= 0xff
		}
	}
	return sealed, nil
}

func (p plain) Open(ctx context.Context, id flows.CaseID, field string, sealed []byte) ([]byte, error) {
	return p.Seal(ctx, id, field, sealed)
}

// tells reports whether something holds a reporter's number or words.
func tells(s string) bool {
	for _, part := range []string{one[3:], two[3:], "cuu chau", "dang bi"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// secret: neither stands in any key of Redis (D§2, 3).
func (img *image) secret() error {
	for k, c := range img.data {
		all := append([]string{k}, c.list...)
		if c.text != nil {
			all = append(all, *c.text)
		}
		for f, v := range c.hash {
			all = append(all, f, v)
		}
		for m := range c.scored {
			all = append(all, m)
		}
		if slices.ContainsFunc(all, tells) {
			return errors.New("Redis holds a reporter's number or words")
		}
	}
	return nil
}

// fed: nor in the feed of live pages.
func (s *server) fed() error {
	for _, k := range s.mini.Keys() {
		if s.mini.Type(k) != "stream" {
			continue
		}
		entries, err := s.mini.Stream(k)
		if err != nil {
			return fmt.Errorf("read the feed: %w", err)
		}
		for _, e := range entries {
			if slices.ContainsFunc(e.Values, tells) {
				return errors.New("the feed holds a reporter's number or words")
			}
		}
	}
	return nil
}

// silent: nor in a message that leaves.
func silent(m *flows.Message) error {
	if tells(fmt.Sprintf("%+v", *m)) {
		return errors.New("a message holds a reporter's number or words")
	}
	return nil
}

// heard: nobody's report is refused (D§2, 4): who was answered has filed, and the
// answer holds neither the number nor the words.
func (w *world) heard(s *state) error {
	for i, a := range w.actors {
		_, phone, text := strings.Cut(a.name, "text from ")
		if !text || !s.procs[i].done {
			continue
		}
		var reply string
		for _, fact := range s.told {
			if who, words, ok := strings.Cut(fact, ": "); ok && strings.HasPrefix(who, "filed by ") {
				reply = words
			}
		}
		if reply == "" {
			return fmt.Errorf("the text from %s ended without a case", phone)
		}
		if tells(reply) {
			return errors.New("a reply holds a reporter's number or words")
		}
	}
	return nil
}

// taken: a case has the words of its reporter.
func taken(c *flows.Case, broken mutation) error {
	for _, t := range c.Texts {
		if words, _ := (plain{broken.unsealed}).Open(context.Background(), c.ID, t.Field, t.Data); tells(string(words)) {
			return nil
		}
	}
	return errors.New("a case has lost what its reporter wrote")
}

// concerned: whoever is asked, or will be, is of the commune of the case or of the
// province, and of the province alone when the place is not known or the report is
// about somebody who holds office (D§2, 5).
func concerned(whole *flows.Whole) error {
	c := whole.Case
	roster := town().World.Roster
	var asked []flows.MemberID
	for _, a := range c.Alerts {
		asked = append(asked, a.Member)
	}
	for _, m := range whole.Waiting {
		asked = append(asked, m.To)
	}
	for _, id := range asked {
		m, known := roster.Member(id)
		if known && (m.Place == roster.Province() || m.Place == c.Place && !c.AgainstOfficial) {
			continue
		}
		return fmt.Errorf("%s is asked about a case that is none of theirs", id)
	}
	return nil
}

// reasoned: every decision has a named reason (D§2, 6).
func reasoned(line []flows.Event) error {
	for _, e := range line {
		switch e.Kind {
		case flows.EventRefined, flows.EventRouted, flows.EventAlerted, flows.EventEscalated, flows.EventSkipped,
			flows.EventRaised, flows.EventWarned, flows.EventDeclined, flows.EventReopened:
			if e.Reason == "" {
				return fmt.Errorf("%s without a reason", e.Kind)
			}
		}
	}
	return nil
}

// write spoils a change as the bug that was sown would.
func (b mutation) write(ch *flows.Change) {
	ch.Case, ch.Events, ch.Send = ch.Case.Clone(), slices.Clone(ch.Events), slices.Clone(ch.Send)
	for i := range ch.Events {
		if b.unreasoned {
			ch.Events[i].Reason = ""
		}
		if b.feeds {
			ch.Events[i].Detail = map[string]string{"from": one}
		}
	}
	for i := range ch.Send {
		switch {
		case b.talkative:
			ch.Send[i].Text += ": " + fromMaiChau
		case b.astray:
			ch.Send[i].To = "stranger"
		case b.blabs:
			ch.Send[i].To = "duty"
		}
	}
}
