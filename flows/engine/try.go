package engine

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hotline/flows"
)

// Try plays a flow in a terminal, as a phone would show it, with the count of
// characters under each screen. Nothing is stored and nobody is told: the person
// at the terminal says what the verbs make of it.
type Try struct {
	Set      *Set
	In       io.Reader
	Out      io.Writer
	Channel  flows.Channel // USSD if empty
	Language string        // the first of the flow if empty
	// Run performs the verbs; without it the person is asked for an outcome.
	Run Run

	lines *bufio.Scanner
}

// The words that are commands to a Try and no answers.
const (
	tryDrop  = ":drop"  // the line breaks off and the caller dials again
	tryRetry = ":retry" // the gateway sends the last answer twice: the screen again
	tryQuit  = ":quit"
)

// errOver ends a Try when there is nothing more to read.
var errOver = errors.New("no more input")

// Play plays a flow until it ends, or until the input does.
func (t Try) Play(flow string) error {
	t.lines = bufio.NewScanner(t.In)
	if t.Channel == "" {
		t.Channel = flows.USSD
	}
	if t.Run == nil {
		t.Run = t.ask
	}
	s := &flows.Session{Channel: t.Channel, Language: t.Language, Vars: map[string]string{}}
	err := t.Set.Start(s, flow, t.Run)
	for err == nil {
		t.show(s)
		if s.Ended {
			return nil
		}
		err = t.answer(s)
	}
	if errors.Is(err, errOver) {
		return nil
	}
	return err
}

func (t Try) answer(s *flows.Session) error {
	text, err := t.read("> ")
	if err != nil {
		return err
	}
	switch text {
	case tryQuit:
		return errOver
	case tryRetry:
		_, err := t.Set.Screen(s)
		return err
	case tryDrop:
		return t.Set.Resume(s, t.Run)
	}
	return t.Set.Step(s, text, t.Run)
}

func (t Try) read(prompt string) (string, error) {
	t.print("%s", prompt)
	if !t.lines.Scan() {
		t.print("\n")
		return "", errors.Join(errOver, t.lines.Err())
	}
	return t.lines.Text(), nil
}

// print shows something. A terminal that is gone is found when it is read.
func (t Try) print(format string, args ...any) { _, _ = fmt.Fprintf(t.Out, format, args...) }

// tryWidth is the width of the phone's screen in letters.
const tryWidth = 32

func (t Try) show(s *flows.Session) {
	rule := "+" + strings.Repeat("-", tryWidth+2) + "+\n"
	t.print("%s", rule)
	for line := range strings.SplitSeq(s.Screen.Text, "\n") {
		for _, part := range wrap(line, tryWidth, len(line)+1) {
			t.print("| %s%s |\n", part, strings.Repeat(" ", max(0, tryWidth-utf8.RuneCountInString(part))))
		}
	}
	t.print("%s", rule)
	units, fits := t.Set.measure(s.Screen.Text, s.Channel)
	note := "fits"
	if !fits {
		note = "TOO LONG"
	}
	if s.Screen.End {
		note += ", the end"
	}
	t.print("%s/%s, %d characters, %s\n", s.Flow, s.State, units, note)
}

// ask lets the person choose what a verb makes of it, and makes up the rest: the
// longest values that the flow allows for.
func (t Try) ask(verb string, s *flows.Session, input string) (string, error) {
	outcomes := t.Set.verbs[verb]
	choice := 1
	if len(outcomes) > 1 {
		var menu strings.Builder
		for i, o := range outcomes {
			_, _ = fmt.Fprintf(&menu, " %d %s", i+1, o)
		}
		text, err := t.read(fmt.Sprintf("  %s %q?%s: ", verb, input, menu.String()))
		if err != nil {
			return "", err
		}
		choice, _ = strconv.Atoi(tidy(text))
		choice = min(max(choice, 1), len(outcomes))
	} else {
		t.print("  %s %q\n", verb, input)
	}
	t.fill(s)
	if len(outcomes) == 0 {
		return "", fmt.Errorf("verb %s: %w", verb, ErrState)
	}
	return outcomes[choice-1], nil
}

func (t Try) fill(s *flows.Session) {
	fl := t.Set.byName[s.Flow]
	if fl == nil {
		return
	}
	for name, v := range fl.longest {
		if name == optionName {
			s.Options = slices.Repeat([]flows.Option{{Value: v, Label: v}}, 7)
		} else if s.Vars[name] == "" {
			s.Vars[name] = v
		}
	}
}
