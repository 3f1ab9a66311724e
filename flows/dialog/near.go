package dialog

import (
	"context"
	"strings"
	"unicode"

	"hotline/flows/places"
)

// near looks for help in the commune that was typed. It files nothing and keeps
// nothing of the place: who reads advice may not want to report. A name that may
// mean several communes is asked for again, with its district. A sentence with
// words of danger or harm is a report, as everywhere, whatever place stands in it.
func (st *step) near(ctx context.Context, input string) (string, error) {
	a := st.find(input)
	name := isName(a, input)
	if found := st.Words.Find(input); !name && (found.Danger || found.Kind != "") {
		return "none", st.tell(ctx, "text", input)
	}
	st.vague = name
	if a.Place == "" || a.Confirm {
		return "none", nil // never a guess: the numbers of another commune help nobody
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

// isName reports whether an answer of the resolver is to the name of a place, and
// not to a sentence that holds one: those are long, and found with less care.
func isName(a places.Answer, input string) bool {
	const longest = 4 // words of a commune and its district
	switch a.How {
	case places.HowNone, places.HowSentence:
		return false
	case places.HowNear:
		return len(strings.Fields(input)) <= longest
	}
	return !a.None()
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
