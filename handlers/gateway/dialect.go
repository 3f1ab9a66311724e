package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Dialect is how an aggregator speaks: which fields it sends and wants, and what
// its words mean. It is data; presets/ holds those that are known, and an
// operator writes others the same way.
//
// A field is named by its path in the body, as results.0.from; a path that
// begins with a slash is a segment of the address after the route, as /0; one
// that begins with a question mark is in the query.
//
// What is written may hold values: $text, $session, $id, $from and $to (with
// their plus sign), $digits (the number written to, without one), $sender, $key,
// $more (the mark that a session goes on or ends), and $in.PATH for a field of
// the request as it came.
type Dialect struct {
	USSD   *Talk   `yaml:"ussd,omitempty"`
	SMS    *Talk   `yaml:"sms,omitempty"`
	Status *Report `yaml:"status,omitempty"`
	Send   *Letter `yaml:"send,omitempty"`
	// Signature is how requests are signed, if the settings hold a key.
	Signature *Signature `yaml:"signature,omitempty"`
}

// Body is how a body is written.
type Body string

// The kinds of bodies.
const (
	JSON   Body = "json"
	Form   Body = "form"
	XML    Body = "xml"
	Text   Body = "text"   // out only
	Params Body = "params" // in only: a form, or the query of a GET
	None   Body = "none"   // out only
)

// Talk is a webhook by which people speak.
type Talk struct {
	Body       Body    `yaml:"body"`
	List       string  `yaml:"list,omitempty"` // path of a list with one message each
	Fields     Fields  `yaml:"fields"`
	Part       *Part   `yaml:"part,omitempty"`
	Cumulative bool    `yaml:"cumulative,omitempty"`
	Signal     *Signal `yaml:"signal,omitempty"`
	Reply      *Page   `yaml:"reply,omitempty"` // none: the reply leaves as a message
}

// Fields are the paths of what a webhook says. An empty path is not sent.
type Fields struct {
	ID      string `yaml:"id,omitempty"`
	Session string `yaml:"session,omitempty"`
	From    string `yaml:"from"`
	To      string `yaml:"to,omitempty"`
	Text    string `yaml:"text"`
}

// Signal says how a gateway announces what a request is. Words are compared
// without case; any other word is an answer.
type Signal struct {
	Field  string   `yaml:"field"`
	Begin  []string `yaml:"begin,omitempty"`
	Hangup []string `yaml:"hangup,omitempty"`
}

// Page is what goes back. JSON and forms are written from fields, text and XML
// from a template.
type Page struct {
	Body     Body              `yaml:"body"`
	Fields   Pairs             `yaml:"fields,omitempty"`
	Template string            `yaml:"template,omitempty"`
	Headers  map[string]string `yaml:"headers,omitempty"`
	More     any               `yaml:"more,omitempty"` // of $more while a session goes on
	End      any               `yaml:"end,omitempty"`  // of $more when it ends
}

// Pairs are paths and what is written there, in the order of the file: some
// aggregators compare bytes.
type Pairs []Pair

// Pair is one of them.
type Pair struct {
	Path  string
	Value any
}

// UnmarshalYAML reads a mapping.
func (p *Pairs) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want paths and values", n.Line)
	}
	*p = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		pair := Pair{Path: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&pair.Value); err != nil {
			return err
		}
		*p = append(*p, pair)
	}
	return nil
}

// Report is a webhook that tells what became of messages.
type Report struct {
	Body    Body              `yaml:"body"`
	List    string            `yaml:"list,omitempty"`
	ID      string            `yaml:"id,omitempty"`      // path of the gateway's id
	Message string            `yaml:"message,omitempty"` // path of ours
	Word    string            `yaml:"word"`              // path of the status word
	Words   map[string]string `yaml:"words"`             // word → sent, delivered or undelivered
}

// Letter is how a message out is written, and how its answer is read.
type Letter struct {
	URL    string `yaml:"url,omitempty"` // the settings of the gateway may say another
	Page   `yaml:",inline"`
	Answer Answer `yaml:"answer,omitempty"`
}

// Answer is what is read from the answer to a message out. Without a word every
// 2xx is a yes.
type Answer struct {
	ID   string `yaml:"id,omitempty"`   // path of the gateway's id
	Word string `yaml:"word,omitempty"` // path of a word
	// Refused and Busy are words that mean never and later; all others mean yes.
	Refused []string `yaml:"refused,omitempty"`
	Busy    []string `yaml:"busy,omitempty"`
}

// Parse reads a dialect over another, whose settings it keeps where it says
// nothing. Unknown names are faults; all are reported, each with its line.
func Parse(base Dialect, data []byte) (Dialect, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&base); err != nil && !errors.Is(err, io.EOF) {
		return Dialect{}, fmt.Errorf("gateway dialect: %w", err)
	}
	return base, base.check()
}

// check finds what no request could ever satisfy.
func (d Dialect) check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("gateway dialect: "+format, args...))
	}
	for i, t := range []*Talk{d.USSD, d.SMS} {
		if t == nil {
			continue
		}
		name := []string{"ussd", "sms"}[i]
		if !slices.Contains([]Body{JSON, Form, XML, Params}, t.Body) {
			fault("%s.body is %q, want json, form, xml or params", name, t.Body)
		}
		if t.Fields.From == "" || t.Fields.Text == "" {
			fault("%s.fields need from and text", name)
		}
		if p := t.Part; p != nil && (p.Ref == "" || p.Number == "" || p.Of == "") {
			fault("%s.part needs ref, number and of", name)
		}
		if t.Reply != nil && !slices.Contains([]Body{JSON, Form, XML, Text, None}, t.Reply.Body) {
			fault("%s.reply.body is %q, want json, form, xml, text or none", name, t.Reply.Body)
		}
		if t.Reply == nil && d.Send == nil {
			fault("%s has no reply, and there is no send by which it could leave", name)
		}
	}
	if d.USSD != nil && d.USSD.Reply == nil {
		fault("ussd needs a reply")
	}
	if d.Status != nil {
		for word, means := range d.Status.Words {
			if _, ok := deliveries[means]; !ok {
				fault("status.words.%s is %q, want sent, delivered or undelivered", word, means)
			}
		}
	}
	d.Signature.check(fault)
	return errors.Join(faults...)
}

var deliveries = map[string]wire.Meaning{
	"sent":        {Delivery: flows.Sent},
	"delivered":   {Delivery: flows.Delivered},
	"undelivered": {Delivery: flows.Undelivered, Reason: "undelivered"},
}

// is reports whether a word is one of a list, without case.
func is(word string, list []string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return strings.EqualFold(w, word) })
}
