package escalation

import (
	"slices"
	"strings"

	"hotline/flows"
)

// alertText is what a member reads or hears: the reference, a word for the
// severity and how to answer; never a story, a place or a word about a child.
func alertText(c *flows.Case, a Ask, d Decision, w World) string {
	key := "alert." + string(a.Channel) + "." + string(c.Severity)
	if a.Channel == flows.SMS && (d.Kind == flows.EventEscalated || d.Kind == flows.EventReopened) {
		key += ".again"
	}
	if a.Aid {
		key = "alert.sms." + string(c.Severity) + ".aid"
	}
	if a.Channel == flows.Voice {
		return w.Texts.Text(language(a.Member), key, "ref", string(c.Ref), "spelled", spelled(c.Ref))
	}
	return w.Texts.Text(language(a.Member), key, "ref", string(c.Ref))
}

// spelled is a reference as a voice reads it: letter by letter.
func spelled(r flows.Ref) string { return strings.Join(strings.Split(string(r), ""), ", ") }

func language(m flows.Member) string {
	if m.Language == "" {
		return "vi"
	}
	return m.Language
}

// tellHolder asks the holder of a case for an entry.
func tellHolder(ch *flows.Change, d Decision, w World) {
	if m, ok := w.Roster.Member(ch.Case.Holder); ok {
		notice(ch, m, "alert.page", d.Level, w)
	}
}

// tellClock says to the holder that a clock runs out or has run out. A breach,
// or a clock that nobody holds, is told to the provincial department's people on
// duty, or to the desk where there are none.
func tellClock(ch *flows.Change, d Decision, w World) {
	c := &ch.Case
	key := "alert.warn." + string(d.Timer)
	if d.Kind == flows.EventBreached {
		key = "alert.breach." + string(d.Timer)
	}
	var told []flows.MemberID
	if m, ok := w.Roster.Member(c.Holder); ok && c.Holder != "" {
		notice(ch, m, key, d.Level, w)
		told = append(told, m.ID)
	}
	if d.Kind != flows.EventBreached && len(told) > 0 {
		return
	}
	for _, l := range []flows.Level{flows.LevelDepartment, flows.LevelDesk} {
		for _, m := range available(ch.At, c, l, w) {
			if !slices.Contains(told, m.ID) {
				notice(ch, m, key, d.Level, w)
				told = append(told, m.ID)
			}
		}
		if len(told) > 0 {
			return
		}
	}
}

func notice(ch *flows.Change, m flows.Member, key string, l flows.Level, w World) {
	c := &ch.Case
	ch.Post(flows.Message{
		To: m.ID, Channel: flows.SMS, Purpose: flows.PurposeNotice,
		Urgent: c.Severity == flows.Urgent, Level: l, Language: language(m),
		Text: w.Texts.Text(language(m), key, "ref", string(c.Ref)),
	})
}
