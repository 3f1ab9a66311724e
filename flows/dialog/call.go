package dialog

import (
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// call is an inbound with the questions of identity answered: who, which
// conversation, which turn of it.
type call struct {
	in       flows.Inbound
	now      time.Time
	guide    Guide
	member   flows.Member
	known    bool // the phone is a responder's
	session  flows.SessionID
	dial     string
	turnID   string
	remember time.Duration
	shortcut []string // answers that were dialled with the code: *1111*1#
	speaks   string
}

func (s *Service) call(in flows.Inbound) call {
	c := call{in: in, now: in.At, guide: s.Guide(), remember: s.Settings.Remember, speaks: s.Settings.Language}
	if !in.From.IsZero() {
		c.member, c.known = c.guide.World.Roster.ByPhone(in.From)
	}
	if c.known && c.member.Language != "" {
		c.speaks = c.member.Language
	}
	service := in.To
	if in.Channel == flows.USSD {
		service = s.Settings.Code
		c.dialled(s.Settings.Code)
		if in.Session != "" {
			c.dial = s.Keys.Digest("dial", in.Provider, in.Session)
		}
	}
	c.session = s.Keys.Session(in.Channel, service, in.From)
	if in.From.IsZero() {
		// A hidden number is a caller of its own for one call.
		c.session = flows.SessionID(s.Keys.Digest("hidden", in.Provider, in.Session, in.ID))
	}
	c.turnID = s.identity(&c)
	return c
}

func (c *call) language() string { return c.speaks }

// dialled takes the answers out of a star code. The code itself arrives as the
// service, or on gateways that send one answer at a time as the first answer.
func (c *call) dialled(code string) {
	base := strings.TrimSuffix(code, "#")
	dial := c.in.To
	if !c.in.Cumulative && strings.HasPrefix(c.in.Text, "*") && strings.HasSuffix(c.in.Text, "#") {
		dial, c.in.Text, c.in.Signal = c.in.Text, "", flows.Begin
	}
	rest, ok := strings.CutPrefix(strings.TrimSuffix(dial, "#"), base+"*")
	if ok && rest != "" {
		c.shortcut = strings.Split(rest, "*")
	}
}

// identity names the turn, always by a keyed digest. A gateway that numbers its
// messages has said it; a cumulative transcript identifies itself by its length
// and content. What is left is one answer without a name: the same answer again
// within moments is then the same turn, and forgotten after.
func (s *Service) identity(c *call) string {
	in := c.in
	switch {
	case in.Signal == flows.Hangup:
		return s.Keys.Digest("turn", in.Provider, "hangup", in.Session, string(c.session))
	case in.ID != "":
		return s.Keys.Digest("turn", in.Provider, "id", in.ID, string(c.session))
	case in.Cumulative:
		return s.Keys.Digest("turn", in.Provider, "transcript", in.Session, string(c.session), strconv.Itoa(len(in.Text)), in.Text)
	}
	c.remember = s.Settings.Echo
	return s.Keys.Digest("turn", in.Provider, "answer", in.Session, string(c.session), string(in.Signal), in.Text)
}

// mark is the place in a transcript up to which it has been answered.
func (s *Service) mark(text string) flows.Mark {
	return flows.Mark{Len: len(text), Digest: s.Keys.Digest("transcript", text)}
}

// rest is what a transcript says after a mark. It reports false when the
// transcript does not begin with what was answered: a late hop, or another
// one's.
func (s *Service) rest(text string, m flows.Mark) (string, bool) {
	if len(text) < m.Len {
		return "", false
	}
	if m.Len == 0 {
		return text, true
	}
	if s.mark(text[:m.Len]) != m {
		return "", false
	}
	return text[m.Len:], true
}
