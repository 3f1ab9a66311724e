package dialog

import (
	"context"
	"strings"
	"unicode"
)

// near looks for help in the commune that was typed. It files nothing and keeps
// nothing of the place: who reads advice may not want to report. A name that may
// mean several communes is asked for again, with its district. Words of danger
// or harm are no place: they are a report, as everywhere.
func (st *step) near(ctx context.Context, input string) (string, error) {
	a := st.find(input)
	if found := st.Words.Find(input); a.None() && (found.Danger || found.Kind != "") {
		return "none", st.tell(ctx, "text", input)
	}
	if a.Place == "" {
		return "none", nil
	}
	p, _ := st.guide.Places.Place(a.Place)
	var names, phones []string
	for _, help := range []string{p.HealthStation, p.SafeHouse} {
		if help != "" {
			names, phones = append(names, help), append(phones, phoneIn(help))
		}
	}
	if names == nil {
		return "unlisted", nil
	}
	st.set(varNear, strings.Join(names, ". "))
	st.set(varPhones, strings.Join(phones, ", "))
	return "found", nil
}

// phoneIn is what stands behind the last word with letters.
func phoneIn(s string) string {
	words := strings.Fields(s)
	begin := len(words)
	for begin > 0 && !strings.ContainsFunc(words[begin-1], unicode.IsLetter) {
		begin--
	}
	return strings.Join(words[begin:], " ")
}
