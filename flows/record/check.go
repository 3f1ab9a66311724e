package record

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The longest contents, in characters.
const (
	maxLine = 200
	maxLong = 4000
)

// The forms in which moments are kept; browsers speak them too.
const (
	dateForm   = "2006-01-02"
	momentForm = "2006-01-02T15:04"
)

// Fault says what is wrong with a field: a key of the texts form.fault.*.
type Fault string

// The faults.
const (
	TooLong  Fault = "long"
	NotDate  Fault = "date"
	NotNum   Fault = "number"
	NotAmong Fault = "option"
	Missing  Fault = "required"
	HasPhone Fault = "phone"
	Garbled  Fault = "control"
	NotThen  Fault = "future"
)

// phone finds what looks like a number of a Vietnamese subscriber, however it is
// spaced: a record must not become the place where a reporter's number lies.
var phone = regexp.MustCompile(`(?:\+?84|\b0)[ .\-]?[35789](?:[ .\-]?\d){8}(?:\D|$)`)

// Limit is how many characters a field takes.
func (f *Field) Limit() int {
	if f.Type == Long {
		return maxLong
	}
	return maxLine
}

// Check finds out whether a text may stand in a field; empty: it may. An empty
// field may always be saved.
func (f *Field) Check(text string) Fault {
	switch {
	case text == "":
		return ""
	case !utf8.ValidString(text) || strings.ContainsFunc(text, garbage):
		return Garbled
	case utf8.RuneCountInString(text) > f.Limit():
		return TooLong
	}
	switch f.Type {
	case Date:
		if _, err := time.Parse(dateForm, text); err != nil {
			return NotDate
		}
	case Moment:
		if _, err := time.Parse(momentForm, text); err != nil {
			return NotDate
		}
	case Number:
		if n, err := strconv.Atoi(text); err != nil || n < 0 || n > f.Max {
			return NotNum
		}
	case Choice:
		if !slices.Contains(f.Options, text) {
			return NotAmong
		}
	default:
		if phone.MatchString(text) {
			return HasPhone
		}
	}
	return ""
}

func garbage(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// tidy is a text as it is kept: the line ends of browsers become one kind, and
// nothing hangs over at the ends.
func tidy(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.TrimFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' })
}

// Faults lists what keeps a form from being finished, by field.
func (f *Form) Faults(s Sheet) map[string]Fault {
	faults := map[string]Fault{}
	for _, d := range f.Fields {
		text := s[d.Name].Text
		if fault := d.Check(text); fault != "" {
			faults[d.Name] = fault
		} else if d.Required && text == "" {
			faults[d.Name] = Missing
		}
	}
	return faults
}

// Filled is how many fields of a form say something.
func (f *Form) Filled(s Sheet) int {
	n := 0
	for _, d := range f.Fields {
		if s[d.Name].Text != "" {
			n++
		}
	}
	return n
}
