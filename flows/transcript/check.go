package transcript

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// check reads a line of facts:
//
//	case K7F4 FACT, FACT …      with these facts, in any order, with or without commas:
//	    intake | open | taken | acknowledged | closed, urgent | normal, danger,
//	    by WHO, after 15m0s, level 2, kind SEXUAL, age under6, place Mai Chau | no place,
//	    hamlet | no hamlet (one is known; a case keeps only its mark),
//	    contact | no contact, texts 2, language en,
//	    logged KIND REASON (a line of its timeline; "-" for no reason)
//	open 2, silent 1
//
// A name that is not bound yet is bound to the oldest case without one.
func (p *player) check(ctx context.Context, text string) error {
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "silent":
		n, err := p.world.Silent(ctx)
		return errors.Join(err, number("silent contacts", rest, n))
	case "open":
		cases, err := p.world.Cases(ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, c := range cases {
			if c.IsOpen() {
				n++
			}
		}
		return number("open cases", rest, n)
	case "case":
		name, facts, _ := strings.Cut(rest, " ")
		c, err := p.find(ctx, name)
		if err != nil {
			return err
		}
		return p.facts(ctx, c, facts)
	}
	return fmt.Errorf("expected case, open or silent, got %q", word)
}

func number(what, want string, got int) error {
	n, err := strconv.Atoi(want)
	if err != nil {
		return fmt.Errorf("expected a number, got %q", want)
	}
	if n != got {
		return fmt.Errorf("%s: want %d, got %d", what, n, got)
	}
	return nil
}

// find is the case of a name.
func (p *player) find(ctx context.Context, name string) (*flows.Case, error) {
	cases, err := p.world.Cases(ctx)
	if err != nil {
		return nil, err
	}
	ref, ok := p.names[name]
	for i := range cases {
		c := &cases[i]
		if ok && string(c.Ref) == ref {
			return c, nil
		}
		if !ok && !p.taken(c.Ref) {
			p.names[name] = string(c.Ref)
			return c, nil
		}
	}
	return nil, fmt.Errorf("there is no case %s", name)
}

func (p *player) taken(ref flows.Ref) bool {
	for _, v := range p.names {
		if v == string(ref) {
			return true
		}
	}
	return false
}

// facts compares a case with words about it.
func (p *player) facts(ctx context.Context, c *flows.Case, text string) error {
	words := strings.Fields(strings.ReplaceAll(text, ",", " "))
	var faults []error
	for len(words) > 0 {
		n, got := p.fact(c, words)
		if words[0] == "logged" && len(words) > 2 {
			var err error
			if n, got, err = p.logged(ctx, c, words); err != nil {
				return err
			}
		}
		if n == 0 {
			return fmt.Errorf("no fact about a case begins with %q", words[0])
		}
		if got != "" {
			faults = append(faults, fmt.Errorf("case: want %s, got %s", strings.Join(words[:n], " "), got))
		}
		words = words[n:]
	}
	return errors.Join(faults...)
}

// logged looks for a line of the timeline.
func (p *player) logged(ctx context.Context, c *flows.Case, words []string) (n int, got string, err error) {
	events, err := p.world.Timeline(ctx, c.ID)
	if err != nil {
		return 0, "", err
	}
	var have []string
	for _, e := range events {
		line := string(e.Kind) + " " + cmp.Or(e.Reason, "-")
		if line == words[1]+" "+words[2] {
			return 3, "", nil
		}
		have = append(have, line)
	}
	return 3, strings.Join(have, ", "), nil
}

// fact checks the first fact of words. It returns how many words it has, and
// what is true instead, if it is not.
func (p *player) fact(c *flows.Case, words []string) (n int, got string) {
	is := func(n int, ok bool, got any) (int, string) {
		if ok {
			return n, ""
		}
		if s := fmt.Sprint(got); s != "" {
			return n, s
		}
		return n, "nothing"
	}
	value := ""
	if len(words) > 1 {
		value = words[1]
	}
	switch w := words[0]; w {
	case "intake", "open", "taken", "closed":
		return is(1, string(c.Status) == w, c.Status)
	case "acknowledged":
		return is(1, c.Status == flows.StatusTaken, c.Status)
	case "urgent", "normal":
		return is(1, string(c.Severity) == w, c.Severity)
	case "danger":
		return is(1, c.Danger, "no danger")
	case "hours":
		return is(2, c.Contact && string(c.Hours) == value, "hours "+c.Hours)
	case "contact":
		return is(1, c.Contact, "no contact")
	case "hamlet":
		return is(1, c.Hamlet != "", "no hamlet")
	case "by":
		return is(2, string(c.Holder) == value, "by "+c.Holder)
	case "after":
		d, err := time.ParseDuration(value)
		return is(2, err == nil && c.Taken.Sub(c.Opened).Round(time.Second) == d, c.Taken.Sub(c.Opened))
	case "level":
		return is(2, strconv.Itoa(int(c.Level)) == value, c.Level)
	case "kind":
		return is(2, c.Kind == value, "kind "+c.Kind)
	case "age":
		return is(2, c.Age == value, "age "+c.Age)
	case "language":
		return is(2, c.Language == value, "language "+c.Language)
	case "texts":
		return is(2, strconv.Itoa(len(c.Texts)) == value, len(c.Texts))
	case "no":
		if value == "contact" {
			return is(2, !c.Contact, "contact")
		}
		if value == "hamlet" {
			return is(2, c.Hamlet == "", "hamlet")
		}
		return is(2, value == "place" && c.Place == "", p.placeName(c.Place))
	case "place":
		return p.place(c, words)
	}
	return 0, ""
}

// place reads the words of a place's name up to the next fact.
func (p *player) place(c *flows.Case, words []string) (int, string) {
	name := p.placeName(c.Place)
	want := strings.Fields(name)
	if len(want) > 0 && len(words) > len(want) && slices.Equal(words[1:len(want)+1], want) {
		return len(want) + 1, ""
	}
	return len(words), "place " + name
}

func (p *player) placeName(id flows.PlaceID) string {
	for _, pl := range p.story.Scene.Directory.Places {
		if pl.ID == id {
			return pl.Name
		}
	}
	return string(id)
}
