// Package fault says what is wrong in files that people write: each fault has a
// kind and the values that go with it, so that it can be told in any language.
// [Fault.Error] is the English of the commands; pages take the words of a kind
// from the locales.
package fault

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"hotline/flows"
)

// Kind names what is wrong, as in the locales below console.csv.
type Kind string

// Other is what has no kind of its own: a file that could not be read. Its value
// what is an error's text.
const Other Kind = "other"

// Fault is one thing wrong in a file, or in what was made of several.
type Fault struct {
	File  string
	Line  int    // 0 where no one line is to blame
	Of    string // member, shift, rotation, period, override; or ""
	Which string // the member's id, or the place in the list from 1
	Kind  Kind
	With  []string // pairs of name and value
}

// New is a fault of a kind; with are pairs of name and value.
func New(kind Kind, with ...any) Fault {
	f := Fault{Kind: kind}
	for _, v := range with {
		f.With = append(f.With, fmt.Sprint(v))
	}
	return f
}

// Unread is the fault of a file of comma-separated values that cannot be read on.
func Unread(err error) Fault {
	switch {
	case errors.Is(err, io.EOF):
		return New("empty")
	case errors.Is(err, csv.ErrBareQuote):
		return New("quote_bare")
	case errors.Is(err, csv.ErrQuote):
		return New("quote_open")
	}
	return New(Other, "what", flows.MaskNumbers(err.Error()))
}

// At is the fault in a line of a file.
func (f Fault) At(file string, line int) Fault {
	f.File, f.Line = file, line
	return f
}

// Where is the file and line, or "".
func (f Fault) Where() string {
	if f.File == "" || f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// Error is the fault in English.
func (f Fault) Error() string {
	s := flows.Texts{"": english}.Text("", string(f.Kind), f.With...)
	if f.Of != "" {
		s = f.Of + " " + f.Which + ": " + s
	}
	if at := f.Where(); at != "" {
		s = at + ": " + s
	}
	return s
}

// List is everything wrong. Nothing of the files is used then.
type List []Fault

// Error is one fault a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is the list, or nil where nothing is wrong.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// In finds the faults in an error, in their order. What is none becomes [Other],
// with the numbers in it masked.
func In(err error) List {
	if err == nil {
		return nil
	}
	switch e := err.(type) { //nolint:errorlint // the tree is walked by hand, branch by branch
	case Fault:
		return List{e}
	case List:
		return e
	case interface{ Unwrap() []error }:
		var all List
		for _, one := range e.Unwrap() {
			all = append(all, In(one)...)
		}
		return all
	}
	if inner := errors.Unwrap(err); inner != nil {
		if found := In(inner); !found.other() {
			return found
		}
	}
	return List{New(Other, "what", flows.MaskNumbers(err.Error()))}
}

// other reports whether nothing in the list has a kind of its own.
func (l List) other() bool {
	for _, f := range l {
		if f.Kind != Other {
			return false
		}
	}
	return true
}

// About says of every fault in an error which thing of the directory it is about.
func About(of string, which any, err error) error {
	var all List
	for _, f := range In(err) {
		f.Of, f.Which = of, fmt.Sprint(which)
		all = append(all, f)
	}
	return all.Err()
}
