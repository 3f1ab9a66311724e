package transcript

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// names are the references and receipts of a story and what they stand for.
type names map[string]string

// What in an expected text is a name: a reference, the halves of a receipt, a PIN.
var (
	isRef  = regexp.MustCompile(`^[ACEFGHJKMNPQRTUVWXY34679]{4,8}$`)
	naming = regexp.MustCompile(`\b[ACEFGHJKMNPQRTUVWXY34679]{4,8}\b|\b\d{4} \d{4}\b|PIN:? \d{6}\b|\b(?:\d{4}|\d{6})\b`)
	digits = regexp.MustCompile(`\d{6}|\d{4}`)
)

// aRef tells a reference from a word in capitals: it has a letter and a digit.
func aRef(s string) bool {
	return isRef.MatchString(s) && strings.ContainsAny(s, "34679") && strings.ContainsAny(s, "ACEFGHJKMNPQRTUVWXY")
}

// typed is a text as the story writes it, with the real references in it.
func (n names) typed(text string) string {
	var b strings.Builder
	word := 0
	flush := func(end int) {
		b.WriteString(n.real(text[word:end]))
	}
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 {
			continue
		}
		flush(i)
		b.WriteByte(c)
		word = i + 1
	}
	flush(len(text))
	return b.String()
}

// real is what one word stands for: a name, two receipt halves without a space,
// or an answer and a name without a space, as 1k7f4.
func (n names) real(word string) string {
	if v, ok := n[strings.ToUpper(word)]; ok {
		if word == strings.ToLower(word) {
			return strings.ToLower(v)
		}
		return v
	}
	if len(word) == 8 {
		if a, ok := n[word[:4]]; ok {
			if b, ok := n[word[4:]]; ok {
				return a + b
			}
		}
	}
	if len(word) > 4 && (word[0] == '0' || word[0] == '1') {
		return word[:1] + n.real(word[1:])
	}
	return word
}

// pattern makes an expected text into an expression; groups lists the names that
// it captures, in order.
func (n names) pattern(want string) (expr *regexp.Regexp, groups []string) {
	want = strings.ReplaceAll(want, " / ", "\n")
	var b strings.Builder
	b.WriteString(`(?s)^`)
	rest := want
	for rest != "" {
		loc := naming.FindStringIndex(rest)
		if loc == nil {
			break
		}
		b.WriteString(plain(rest[:loc[0]]))
		groups = n.name(&b, rest[loc[0]:loc[1]], groups)
		rest = rest[loc[1]:]
	}
	b.WriteString(plain(rest))
	b.WriteString(`$`)
	return regexp.MustCompile(b.String()), groups
}

// name writes the expression of one name: its value if it is bound, else a group
// that will bind it.
func (n names) name(b *strings.Builder, text string, groups []string) []string {
	if !strings.ContainsAny(text, " ") {
		switch _, bound := n[text]; {
		case aRef(text):
			return n.group(b, text, `[ACEFGHJKMNPQRTUVWXY34679]{4,8}`, groups)
		case digits.MatchString(text) && (bound || slices.Contains(groups, text)):
			return n.group(b, text, someDigits(text), groups)
		}
		b.WriteString(plain(text))
		return groups
	}
	at := 0
	for _, loc := range digits.FindAllStringIndex(text, -1) {
		b.WriteString(plain(text[at:loc[0]]))
		half := text[loc[0]:loc[1]]
		groups = n.group(b, half, someDigits(half), groups)
		at = loc[1]
	}
	b.WriteString(plain(text[at:]))
	return groups
}

// someDigits is the expression of as many digits as a name has.
func someDigits(name string) string { return `\d{` + strconv.Itoa(len(name)) + `}` }

func (n names) group(b *strings.Builder, name, any string, groups []string) []string {
	if v, ok := n[name]; ok {
		b.WriteString(regexp.QuoteMeta(v))
		return groups
	}
	b.WriteString("(" + any + ")")
	return append(groups, name)
}

// plain quotes a text, with "..." for anything, the blanks around it included.
func plain(s string) string {
	parts := strings.Split(s, "...")
	for i := range parts {
		if i > 0 {
			parts[i] = strings.TrimLeft(parts[i], " \n")
		}
		if i < len(parts)-1 {
			parts[i] = strings.TrimRight(parts[i], " \n")
		}
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, `.*`)
}

// match compares what was read with what a story expects, and binds the names
// that are new.
func (n names) match(want, got string) bool {
	expr, groups := n.pattern(want)
	found := expr.FindStringSubmatch(got)
	if found == nil {
		return false
	}
	for i, name := range groups {
		if v, ok := n[name]; ok && v != found[i+1] {
			return false
		}
		n[name] = found[i+1]
	}
	return true
}
