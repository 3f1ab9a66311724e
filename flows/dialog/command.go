package dialog

import (
	"cmp"
	"strings"

	"hotline/flows"
	"hotline/flows/escalation"
)

// order is what a responder's text asks for.
type order struct {
	take, decline bool
	ref           flows.Ref // "": the one case that waits for them
	why           string    // of a decline: a code of package escalation, "" if none was given
	ok            bool
}

// parseOrder reads an answer to an alert: "1", "1 K7F4", "1k7f4", "K7F4 1",
// "0 K7F4", or a reference alone. Behind a no may stand why. No reference has a
// 1 or a 0, so that the answer is found wherever it stands.
func (w *Words) parseOrder(text string) order {
	fields := strings.Fields(text)
	for n := len(fields); n > 0; n-- {
		o := w.answerIn(fields[:n])
		if !o.ok || n < len(fields) && !o.decline {
			continue
		}
		if n < len(fields) {
			// Without a reference it must be a 0 and a reason that is known: a 0
			// may begin a number, and "ban" is "you" as well as "busy".
			if o.why = w.why(fields[n:]); o.ref == "" && (o.why == "" || fields[0] != "0") {
				return order{}
			}
			o.why = cmp.Or(o.why, escalation.DeclinedOther)
		}
		return o
	}
	return order{}
}

// answerIn reads words that are an answer and nothing else.
func (w *Words) answerIn(fields []string) order {
	var o order
	s := strings.ToUpper(w.digits(fields, &o))
	if s == "" {
		return o
	}
	if answer := s[0]; answer == '1' || answer == '0' {
		o.take, o.decline, s = answer == '1', answer == '0', s[1:]
	} else if answer := s[len(s)-1]; answer == '1' || answer == '0' {
		o.take, o.decline, s = answer == '1', answer == '0', s[:len(s)-1]
	}
	if s == "" {
		o.ok = true
		return o
	}
	o.ref, o.ok = flows.ParseRef(s)
	return o
}

// digits writes the words for yes and no as the digits that they stand for. A
// word that is a no and a reason at once, as "busy", is both.
func (w *Words) digits(fields []string, o *order) string {
	var b strings.Builder
	for i := 0; i < len(fields); i++ {
		word := squash(fields[i])
		if i+1 < len(fields) {
			if two := word + squash(fields[i+1]); w.keywords[two] == keyTake || w.keywords[two] == keyPass {
				word, i = two, i+1
			}
		}
		switch w.keywords[word] {
		case keyTake:
			word = "1"
		case keyPass:
			o.why, word = w.why([]string{word}), "0"
		}
		b.WriteString(word)
	}
	return b.String()
}

// keyword is the command that a whole text is; rest is what follows a command
// that takes more.
func (w *Words) keyword(text string) (k keyword, rest string) {
	if k, ok := w.keywords[squash(text)]; ok && !forStaff(k) {
		return k, ""
	}
	first, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch k := w.keywords[squash(first)]; k {
	case keyReport, keyAdvice:
		return k, rest
	case keyCode:
		if onlyDigits(rest) {
			return k, rest
		}
	}
	if _, _, ok := receiptAndPIN(text); ok {
		return keyCode, text
	}
	if words := strings.Fields(text); len(words) > 2 && w.keywords[squash(words[0]+words[1])] == keyAdvice {
		return keyAdvice, strings.Join(words[2:], " ")
	}
	return "", ""
}

// onlyDigits reports whether a text is digits in any grouping: whoever sends
// those after the code word asks for a status, however wrong they are.
func onlyDigits(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789 -.,:;/PINpin") == ""
}

// provedDigits are those of a receipt number and its PIN.
const provedDigits = 8 + flows.PINDigits

// receiptAndPIN finds the digits of a receipt and its PIN in a text, in any
// grouping.
func receiptAndPIN(text string) (number, pin string, ok bool) {
	digits := make([]byte, 0, provedDigits)
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			digits = append(digits, byte(r))
		case strings.ContainsRune(" -.,:;/\t\n", r):
		case strings.ContainsRune("PINpinMAma", r):
		default:
			return "", "", false
		}
		if len(digits) > provedDigits {
			return "", "", false
		}
	}
	if len(digits) != provedDigits {
		return "", "", false
	}
	return string(digits[:8]), string(digits[8:]), true
}
