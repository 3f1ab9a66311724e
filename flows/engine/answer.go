package engine

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"hotline/flows"
)

// complete fills in the limits that an input does not state.
func (in *input) complete() {
	switch {
	case in.as == "age" && in.max < 0:
		in.max = 17
	case in.as == "pin" && in.max < 0:
		in.min, in.max = flows.PINDigits, flows.PINDigits
	case in.as == "receipt":
		in.min, in.max = 8, 8
	case in.max < 0:
		in.max = defaultMax
	}
}

// tidy takes off what thumbs and gateways add around a short answer. An answer
// of signs alone stays: some operators page with "#".
func tidy(s string) string {
	if t := strings.Trim(s, " \t\r\n\x00.,;:)(#\"'"); t != "" {
		return t
	}
	return strings.TrimSpace(s)
}

// accept tells whether an answer is what an input asks for, and what is saved of
// it. Texts and places stay as they came: nothing that was typed is changed.
func (in *input) accept(s string) (string, bool) {
	switch in.as {
	case "text", "place":
		return s, in.acceptText(s)
	case "number", "age":
		t := tidy(s)
		if in.as == "age" {
			t = leadingDigits(t)
		}
		n, err := strconv.Atoi(t)
		return strconv.Itoa(n), err == nil && len(t) <= 9 && n >= in.min && n <= in.max
	case "receipt":
		// A wrong check digit is no fault here: a number that does not exist gets
		// the same answer as a wrong PIN.
		number, _ := flows.ParseReceipt(tidy(s))
		return number, number != ""
	default: // digits, pin
		t := strings.ReplaceAll(tidy(s), " ", "")
		ok := len(t) > 0 && len(t) >= in.min && len(t) <= in.max && strings.Trim(t, "0123456789") == ""
		return t, ok
	}
}

// acceptText wants a letter or digit and at most max characters. A place or a
// report may be one character; an emoji alone is not.
func (in *input) acceptText(s string) bool {
	if utf8.RuneCountInString(s) > in.max {
		return false
	}
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n > 0 && n >= in.min
}

// leadingDigits lets "5 tuoi" pass for 5.
func leadingDigits(s string) string {
	for i, r := range s {
		if r < '0' || r > '9' {
			return s[:i]
		}
	}
	return s
}
