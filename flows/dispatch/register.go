package dispatch

import (
	"regexp"
	"strings"

	"hotline/flows"
)

// Standing is what became of something that a provider has to approve.
type Standing string

// The standings.
const (
	Approved Standing = "approved"
	Pending  Standing = "pending"
	Refused  Standing = "refused"
)

// Otherwise says what becomes of a text that a provider has not approved.
type Otherwise string

// The policies. In Vietnam an unregistered brand name or text is dropped by the
// network without a word, so that the default is another provider.
const (
	Fallback  Otherwise = "fallback" // another provider; this one only if no other takes it
	Never     Otherwise = "never"    // another provider or none
	SendStill Otherwise = "send"     // this provider all the same
)

// Registration is what one provider was told for one destination.
type Registration struct {
	Provider string
	Prefix   string // of the destination, as +84; empty: any
	Sender   string // the name that texts leave under; empty: the provider's own
	SenderIs Standing
	// Templates are the texts that may leave; none: the provider asks for none.
	Templates []Template
	Otherwise Otherwise // empty: Fallback
}

// Template is one registered text.
type Template struct {
	Key  string // what it is called, for people
	Fits func(text string) bool
	Is   Standing
}

// Register is all of them; the first that fits counts.
type Register []Registration

// Of is what a provider was told, for people to read.
func (rs Register) Of(provider string) []flows.Registered {
	var all []flows.Registered
	for _, r := range rs {
		if r.Provider != provider {
			continue
		}
		if r.Sender != "" {
			all = append(all, flows.Registered{Prefix: r.Prefix, What: r.Sender, Is: string(r.SenderIs)})
		}
		for _, t := range r.Templates {
			all = append(all, flows.Registered{Prefix: r.Prefix, What: t.Key, Text: true, Is: string(t.Is)})
		}
	}
	return all
}

// unfit is why a provider does not get a message, if it does not.
type unfit struct {
	reason string // of a closed set
	never  bool   // not even when no other provider takes it
}

// fit writes the registered sender into a text, and says why the provider may
// not have it.
func (rs Register) fit(provider string, m flows.Message, to flows.Phone) (flows.Message, unfit) {
	if m.Channel != flows.SMS {
		return m, unfit{}
	}
	for i := range rs {
		r := &rs[i]
		if r.Provider != provider || !strings.HasPrefix(to.E164(), r.Prefix) {
			continue
		}
		reason := r.reason(m.Text)
		if r.Sender != "" && r.SenderIs == Approved {
			m.Sender = r.Sender
		}
		if reason == "" || r.Otherwise == SendStill {
			return m, unfit{}
		}
		return m, unfit{reason, r.Otherwise == Never}
	}
	return m, unfit{}
}

// reason says what is not approved: the sender's name, or the text. A text that
// fits several templates has the best standing of them.
func (r *Registration) reason(text string) string {
	switch {
	case r.Sender != "" && r.SenderIs == Pending:
		return "sender_pending"
	case r.Sender != "" && r.SenderIs == Refused:
		return "sender_refused"
	case len(r.Templates) == 0:
		return ""
	}
	reason := "no_template"
	for _, t := range r.Templates {
		if !t.Fits(text) {
			continue
		}
		switch t.Is {
		case Approved:
			return ""
		case Pending:
			reason = "template_pending"
		case Refused:
			if reason == "no_template" {
				reason = "template_refused"
			}
		}
	}
	return reason
}

var variable = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

// Shape makes the test whether a text was made from a template in which names
// stand in braces, as "GAP {ref}.".
func Shape(template string) func(text string) bool {
	re := regexp.MustCompile(`(?s)^` + variable.ReplaceAllString(regexp.QuoteMeta(template), `.+?`) + `$`)
	return re.MatchString
}
