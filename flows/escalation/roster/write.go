package roster

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// Kind names one of the files of a roster.
type Kind string

// The files.
const (
	KindMembers   Kind = "members"
	KindRota      Kind = "rota"
	KindOverrides Kind = "overrides"
	KindRotations Kind = "rotations"
	KindPeriods   Kind = "periods"
)

// Write exports one file of a directory in the form that Read takes back. The
// members' file holds their numbers: it is the directory's own record.
func Write(w io.Writer, d flows.Directory, kind Kind) error {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return fmt.Errorf("zone %q: %w", d.Zone, err)
	}
	rows, err := rowsOf(d, kind, zone)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write %s: %w", kind, err)
	}
	return nil
}

func rowsOf(d flows.Directory, kind Kind, zone *time.Location) ([][]string, error) {
	place := func(p flows.PlaceID) string {
		if p == d.Province {
			return ProvinceWord
		}
		return string(p)
	}
	local := func(t time.Time) string { return t.In(zone).Format(time.RFC3339) }
	level := func(l flows.Level) string { return strconv.Itoa(int(l)) }
	var rows [][]string
	switch kind {
	case KindMembers:
		rows = append(rows, []string{"id", "name", "role", "place", "level", "phones", "language", "verified", "delegates", "from", "until"})
		for _, m := range d.Members {
			rows = append(rows, memberCells(m, place(m.Place), level(m.Level)))
		}
	case KindRota:
		rows = append(rows, []string{"place", "level", "member", "days", "from", "to"})
		for _, s := range d.Shifts {
			rows = append(rows, append([]string{place(s.Place), level(s.Level)}, shiftCells(s)...))
		}
	case KindOverrides:
		rows = append(rows, []string{"place", "level", "member", "start", "end"})
		for _, o := range d.Overrides {
			rows = append(rows, []string{place(o.Place), level(o.Level), string(o.Member), local(o.Start), local(o.End)})
		}
	case KindRotations:
		rows = append(rows, []string{"place", "level", "members", "start", "every"})
		for _, t := range d.Rotations {
			var ids []string
			for _, id := range t.Members {
				ids = append(ids, string(id))
			}
			rows = append(rows, []string{place(t.Place), level(t.Level), strings.Join(ids, ";"), local(t.Start), strconv.Itoa(t.Every)})
		}
	case KindPeriods:
		rows = append(rows, []string{"place", "level", "start", "end", "member", "days", "from", "to"})
		for _, t := range d.Periods {
			head := []string{place(t.Place), level(t.Level), local(t.Start), local(t.End)}
			if len(t.Shifts) == 0 {
				rows = append(rows, append(head, "", "", "", ""))
			}
			for _, s := range t.Shifts {
				rows = append(rows, append(slices.Clip(head), shiftCells(s)...))
			}
		}
	default:
		return nil, fmt.Errorf("no such file: %s", kind)
	}
	return rows, nil
}

// memberCells are a line of the members' file. A member with a phone that does
// not count yet is not verified: taking such a line back asks for codes only where
// nobody has sent them, see [Keep].
func memberCells(m flows.Member, place, level string) []string {
	verified := "no"
	if len(m.Unproven) == 0 {
		verified = "yes"
	}
	for len(m.Unproven) > 0 {
		m, _ = m.Prove(m.Unproven[0].Phone) // only to see them all in their order
	}
	var phones, delegates []string
	for _, p := range m.Phones {
		phones = append(phones, p.E164())
	}
	for _, id := range m.Delegates {
		delegates = append(delegates, string(id))
	}
	return []string{
		string(m.ID), m.Name, m.Role, place, level, strings.Join(phones, ";"), m.Language,
		verified, strings.Join(delegates, ";"), m.From, m.Until,
	}
}

// shiftCells are member, days, from and to.
func shiftCells(s flows.Shift) []string {
	var days []string
	for _, d := range s.Days {
		days = append(days, strings.ToLower(d.String()[:3]))
	}
	return []string{string(s.Member), strings.Join(days, ","), clockText(s.From), clockText(s.To)}
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }
