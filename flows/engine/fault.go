package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a flow or a text, and where.
type Fault struct {
	File      string
	Line, Col int // from 1; 0 where the fault belongs to the whole file
	Text      string
	// Warning marks what should be looked at but stops nobody.
	Warning bool
}

// String is the fault as editors like it: file:line:col: text.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Col)
	}
	b.WriteString(": ")
	if f.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(f.Text)
	return b.String()
}

// Faults are all faults of a load or a check, one a line when printed.
type Faults []Fault

// Error lists the faults, one a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Stops reports whether any of the faults is more than a warning.
func (fs Faults) Stops() bool {
	return slices.ContainsFunc(fs, func(f Fault) bool { return !f.Warning })
}

// sort puts the faults in the order of the files and removes doubles.
func (fs Faults) sort() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(fs)
}

// pos is a place in a file.
type pos struct {
	file      string
	line, col int
}

// add records a fault at a place.
func (fs *Faults) add(at pos, format string, args ...any) {
	*fs = append(*fs, Fault{File: at.file, Line: at.line, Col: at.col, Text: fmt.Sprintf(format, args...)})
}
