package places

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hotline/flows"
	"hotline/flows/fault"
)

// The dates of a list that has no columns for them: the lists of before July
// 2025 have districts, those since have none.
const (
	Reform = "2025-07-01" // the district tier was abolished
	Before = "2004-01-01" // the codes of before came into force
)

// table reads a CSV file with a header row by column names.
type table struct {
	file   string
	csv    *csv.Reader
	column map[string]int
	row    []string
	line   int
	faults fault.List
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
		t.unread(err)
		return t
	}
	for i, c := range head {
		c = strings.TrimSpace(c)
		if !slices.Contains(need, c) && !slices.Contains(may, c) {
			t.fault("column_unknown", "value", quoted(c), "want", strings.Join(append(slices.Clone(need), may...), ", "))
		}
		if _, twice := t.column[c]; twice {
			t.fault("column_twice", "value", quoted(c))
		}
		t.column[c] = i
	}
	for _, c := range need {
		if _, ok := t.column[c]; !ok {
			t.fault("column_missing", "value", quoted(c))
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
			t.unread(parse)
			continue
		}
		if err != nil {
			t.unread(err)
			return false
		}
		t.row = row
		t.line, _ = t.csv.FieldPos(0)
		if len(row) != len(t.column) {
			t.fault("fields", "n", len(row), "want", len(t.column))
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
		t.fault("encoding", "column", column)
		return ""
	}
	return strings.Clone(norm.NFC.String(strings.TrimSpace(s)))
}

func (t *table) fault(kind fault.Kind, with ...any) {
	t.faults = append(t.faults, fault.New(kind, with...).At(t.file, t.line))
}

// unread notes why no row can be read.
func (t *table) unread(err error) {
	t.faults = append(t.faults, fault.Unread(err).At(t.file, t.line))
}

// err is all faults, or nil.
func (t *table) err() error { return t.faults.Err() }

// quoted is a wrong value as a fault shows it.
func quoted(s string) string { return strconv.Quote(clip(s)) }

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
			t.fault("after", "column", untilColumn, "value", clip(until), "than", clip(from))
		}
	}
	return from, until
}

func newID(code, from string) flows.PlaceID { return flows.NewPlaceID(code, from) }
