package main

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
)

// feeds are the calendars of members: their turns of three months and nothing
// else. Whoever has an address needs no sign-in, so it cannot be guessed.
type feeds struct{ app *app }

func (f feeds) token(id flows.MemberID) string {
	return f.app.vault.Lasting("calendar", string(id))
}

// Path is the address of a member's calendar.
func (f feeds) Path(id flows.MemberID) string {
	return "/ical/" + string(id) + "~" + f.token(id) + ".ics"
}

// Calendar is the feed of an address; false for one that was never given out.
func (f feeds) Calendar(file string) ([]byte, bool) {
	name, ok := strings.CutSuffix(file, ".ics")
	id, token, ok2 := strings.Cut(name, "~")
	member := flows.MemberID(id)
	right := subtle.ConstantTimeCompare([]byte(token), []byte(f.token(member))) == 1
	v := f.app.dir.view.Load()
	m, known := v.roster.Member(member)
	if !ok || !ok2 || !right || !known {
		return nil, false
	}
	now := f.app.now()
	text := func(key string, pairs ...string) string {
		return f.app.data.texts.Text(m.Language, key, pairs...)
	}
	var out bytes.Buffer
	err := duty.ICal(&out, duty.Feed{
		Roster: v.roster, Member: member, From: now.AddDate(0, 0, -7), To: now.AddDate(0, 3, 0), Stamp: now,
		Name:   text("console.duty.title"),
		Title:  func(s escalation.Slot) string { return text("console.duty.turn", "level", fmt.Sprint(int(s.Level))) },
		Remind: time.Hour,
	})
	return out.Bytes(), err == nil
}
