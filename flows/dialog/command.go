package dialog

import (
	"strings"

	"hotline/flows"
)

// order is what a responder's text asks for.
type order struct {
	take, decline bool
	ref           flows.Ref // "": the one case that waits for them
	ok            bool
}

// parseOrder reads an answer to an alert: "1", "1 K7F4", "1k7f4", "K7F4 1",
// "0 K7F4", or a reference alone. No reference has a 1 or a 0, so that the
// answer is found wherever it stands.
func (w *Words) parseOrder(text string) order {
	s := strings.ToUpper(squash(text))
	for f := range strings.FieldsSeq(text) {
		switch w.keywords[squash(f)] {
		case keyTake:
			s = strings.Replace(s, strings.ToUpper(squash(f)), "1", 1)
		case keyPass:
			s = strings.Replace(s, strings.ToUpper(squash(f)), "0", 1)
		}
	}
	var o order
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

// receiptAndPIN finds the twelve digits of a receipt and its PIN in a text, in
// any grouping.
func receiptAndPIN(text string) (number, pin string, ok bool) {
	digits := make([]byte, 0, 12)
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			digits = append(digits, byte(r))
		case strings.ContainsRune(" -.,:;/\t\n", r):
		case strings.ContainsRune("PINpinMAma", r):
		default:
			return "", "", false
		}
		if len(digits) > 12 {
			return "", "", false
		}
	}
	if len(digits) != 12 {
		return "", "", false
	}
	return string(digits[:8]), string(digits[8:]), true
}
