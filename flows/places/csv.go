package places

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hotline/flows"
)

// The dates of a list that has no columns for them: the lists of before July
// 2025 have districts, those since have none.
const (
	Reform = "2025-07-01" // the district tier was abolished
	Before = "2004-01-01" // the codes of before came into force
)

// Fault is one thing wrong in a file.
type Fault struct {
	File string
	Line int
	What string
}

func (f Fault) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What) }

// Faults is everything wrong in a file. Nothing of the file is used then.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// table reads a CSV file with a header row by column names.
type table struct {
	file   string
	csv    *csv.Reader
	column map[string]int
	row    []string
	line   int
	faults Faults
}

// openTable reads the header. Every column must be known, those in need must be
// there.
func openTable(name string, r io.Reader, need, may []string) *table {
	t := &table{file: name, column: map[string]int{}, line: 1}
	in := bufio.NewReader(r)
	if bom, err := in.Peek(3); err == nil && bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	t.csv = csv.NewReader(in)
	t.csv.FieldsPerRecord = -1
	t.csv.ReuseRecord = true
	head, err := t.csv.Read()
	if err != nil {
		t.fault("no header row: %s", cause(err))
		return t
	}
	for i, c := range head {
		c = strings.TrimSpace(c)
		if !slices.Contains(need, c) && !slices.Contains(may, c) {
			t.fault("column %q: want one of %s", clip(c), strings.Join(append(slices.Clone(need), may...), ", "))
		}
		if _, twice := t.column[c]; twice {
			t.fault("column %q stands twice", clip(c))
		}
		t.column[c] = i
	}
	for _, c := range need {
		if _, ok := t.column[c]; !ok {
			t.fault("column %q is missing", c)
		}
	}
	return t
}

// next moves to the next row that can be read.
func (t *table) next() bool {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			t.line = parse.StartLine
			t.fault("%s", parse.Err)
			continue
		}
		if err != nil {
			t.fault("read: %s", err)
			return false
		}
		t.row = row
		t.line, _ = t.csv.FieldPos(0)
		if len(row) != len(t.column) {
			t.fault("%d fields, want %d", len(row), len(t.column))
			continue
		}
		return true
	}
}

// get is a field of the row, composed and without outer spaces; "" for a column
// that the file does not have.
func (t *table) get(column string) string {
	i, ok := t.column[column]
	if !ok || i >= len(t.row) {
		return ""
	}
	s := t.row[i]
	if !utf8.ValidString(s) {
		t.fault("%s is not UTF-8", column)
		return ""
	}
	return strings.Clone(norm.NFC.String(strings.TrimSpace(s)))
}

func (t *table) fault(format string, args ...any) {
	t.faults = append(t.faults, Fault{t.file, t.line, fmt.Sprintf(format, args...)})
}

// err is all faults, or nil.
func (t *table) err() error {
	if len(t.faults) == 0 {
		return nil
	}
	return t.faults
}

func cause(err error) string {
	if errors.Is(err, io.EOF) {
		return "the file is empty"
	}
	return err.Error()
}

// clip keeps a wrong value short in a fault.
func clip(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}

// list splits a field that holds several values.
func list(s string) []string {
	var out []string
	for v := range strings.SplitSeq(s, ";") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// period is the dates of a row: its own, or those that its kind of list implies.
func period(t *table, fromColumn, untilColumn string, old bool) (from, until string) {
	from, until = t.get(fromColumn), t.get(untilColumn)
	if from == "" {
		if from = Reform; old {
			from = Before
			if until == "" {
				until = Reform
			}
		}
	}
	t.date(fromColumn, from)
	if until != "" {
		t.date(untilColumn, until)
		if until <= from {
			t.fault("%s %s is not after %s %s", untilColumn, clip(until), fromColumn, clip(from))
		}
	}
	return from, until
}

func newID(code, from string) flows.PlaceID { return flows.NewPlaceID(code, from) }
