package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/record"
)

// The directory has records of its own: flows.Phone masks itself in JSON, and
// here the number must survive.
type directoryRecord struct {
	Version   string             `json:"version"`
	Province  flows.PlaceID      `json:"province"`
	Zone      string             `json:"zone"`
	Places    []flows.Place      `json:"places,omitempty"`
	Mapping   []flows.Succession `json:"mapping,omitempty"`
	Members   []memberRecord     `json:"members,omitempty"`
	Shifts    []shiftRecord      `json:"shifts,omitempty"`
	Overrides []overrideRecord   `json:"overrides,omitempty"`
	Rotations []rotationRecord   `json:"rotations,omitempty"`
	Periods   []periodRecord     `json:"periods,omitempty"`
}

type memberRecord struct {
	ID        flows.MemberID   `json:"id"`
	Name      string           `json:"name"`
	Role      string           `json:"role,omitempty"`
	Place     flows.PlaceID    `json:"place"`
	Level     flows.Level      `json:"level"`
	Phones    []string         `json:"phones,omitempty"` // E.164
	Language  string           `json:"language,omitempty"`
	Unproven  []unprovenRecord `json:"unproven,omitempty"`
	Delegates []flows.MemberID `json:"delegates,omitempty"`
	From      string           `json:"from,omitempty"`
	Until     string           `json:"until,omitempty"`
}

type unprovenRecord struct {
	Phone string `json:"phone"` // E.164
	Order int    `json:"order"`
}

type shiftRecord struct {
	Place  flows.PlaceID  `json:"place"`
	Level  flows.Level    `json:"level"`
	Member flows.MemberID `json:"member"`
	Days   []time.Weekday `json:"days"`
	From   int            `json:"from"`
	To     int            `json:"to"`
}

type overrideRecord struct {
	Place  flows.PlaceID  `json:"place"`
	Level  flows.Level    `json:"level"`
	Member flows.MemberID `json:"member,omitempty"`
	Start  time.Time      `json:"start"`
	End    time.Time      `json:"end"`
}

type rotationRecord struct {
	Place   flows.PlaceID    `json:"place"`
	Level   flows.Level      `json:"level"`
	Members []flows.MemberID `json:"members"`
	Start   time.Time        `json:"start"`
	Every   int              `json:"every"`
}

type periodRecord struct {
	Place  flows.PlaceID `json:"place"`
	Level  flows.Level   `json:"level"`
	Start  time.Time     `json:"start"`
	End    time.Time     `json:"end"`
	Shifts []shiftRecord `json:"shifts,omitempty"`
}

// Directory reads the directory. It returns flows.ErrNotFound before the first
// import.
func (s *Store) Directory(ctx context.Context) (flows.Directory, error) {
	const op = "read the directory"
	body, err := s.client.HGet(ctx, keyDirectory, "b").Bytes()
	if err != nil {
		return flows.Directory{}, wrap(op, err)
	}
	var r directoryRecord
	if json.Unmarshal(body, &r) != nil {
		return flows.Directory{}, fmt.Errorf("%s: %w", op, record.ErrRecord)
	}
	d, err := r.directory()
	if err != nil {
		return flows.Directory{}, fmt.Errorf("%s: %w", op, err)
	}
	return d, nil
}

// DirectoryVersion is the version in place, "" before the first import. It is
// cheap: a process asks it to learn whether its own copy is old.
func (s *Store) DirectoryVersion(ctx context.Context) (string, error) {
	v, err := s.client.HGet(ctx, keyDirectory, "v").Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return v, wrap("read the directory's version", err)
}

// ReplaceDirectory puts a directory in place of the version that the caller saw
// ("" for none). It returns flows.ErrConflict if another one is in place.
func (s *Store) ReplaceDirectory(ctx context.Context, from string, d flows.Directory) error {
	const op = "replace the directory"
	if d.Version == "" {
		return malformed(op, "it has no version")
	}
	body, err := EncodeDirectory(d)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	c := newCall(&s.scripts.replaceDirectory, 1, 3)
	c.add(keyDirectory, from, d.Version, body)
	v, err := run(ctx, s.client, c)
	if err != nil {
		return wrap(op, err)
	}
	if v != int64(1) {
		return s.replacedByUs(ctx, op, d.Version, body)
	}
	return nil
}

// EncodeDirectory is a directory as it is stored, with its numbers.
func EncodeDirectory(d flows.Directory) ([]byte, error) {
	body, err := json.Marshal(newDirectoryRecord(d))
	if err != nil {
		return nil, fmt.Errorf("encode the directory: %w", err)
	}
	return body, nil
}

// RestoreDirectory puts an encoded directory in place where there is none.
func (s *Store) RestoreDirectory(ctx context.Context, body []byte) error {
	const op = "restore the directory"
	var r directoryRecord
	if json.Unmarshal(body, &r) != nil {
		return fmt.Errorf("%s: %w", op, record.ErrRecord)
	}
	d, err := r.directory()
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if err := s.ReplaceDirectory(ctx, "", d); !errors.Is(err, flows.ErrConflict) {
		return err
	}
	return nil
}

// replacedByUs tells a conflict from our own first attempt, sent twice.
func (s *Store) replacedByUs(ctx context.Context, op, version string, body []byte) error {
	have, err := s.client.HMGet(ctx, keyDirectory, "v", "b").Result()
	if err != nil {
		return wrap(op, err)
	}
	if len(have) == 2 && have[0] == version && have[1] == string(body) {
		return nil
	}
	return fmt.Errorf("%s: %w", op, flows.ErrConflict)
}

func newDirectoryRecord(d flows.Directory) directoryRecord {
	r := directoryRecord{
		Version: d.Version, Province: d.Province, Zone: d.Zone, Places: d.Places, Mapping: d.Mapping,
	}
	for _, m := range d.Members {
		phones := make([]string, len(m.Phones))
		for i, p := range m.Phones {
			phones[i] = p.E164()
		}
		var unproven []unprovenRecord
		for _, u := range m.Unproven {
			unproven = append(unproven, unprovenRecord{u.Phone.E164(), u.Order})
		}
		r.Members = append(r.Members, memberRecord{
			m.ID, m.Name, m.Role, m.Place, m.Level, phones, m.Language, unproven, m.Delegates, m.From, m.Until,
		})
	}
	r.Shifts = newShiftRecords(d.Shifts)
	for _, o := range d.Overrides {
		r.Overrides = append(r.Overrides, overrideRecord(o))
	}
	for _, o := range d.Rotations {
		r.Rotations = append(r.Rotations, rotationRecord(o))
	}
	for _, p := range d.Periods {
		r.Periods = append(r.Periods, periodRecord{p.Place, p.Level, p.Start, p.End, newShiftRecords(p.Shifts)})
	}
	return r
}

func (r directoryRecord) directory() (flows.Directory, error) {
	d := flows.Directory{
		Version: r.Version, Province: r.Province, Zone: r.Zone, Places: r.Places, Mapping: r.Mapping,
	}
	for _, m := range r.Members {
		var phones []flows.Phone
		for _, number := range m.Phones {
			p, err := flows.ParsePhone(number)
			if err != nil {
				return flows.Directory{}, fmt.Errorf("member %s: %w", m.ID, err)
			}
			phones = append(phones, p)
		}
		var unproven []flows.Unproven
		for _, u := range m.Unproven {
			p, err := flows.ParsePhone(u.Phone)
			if err != nil {
				return flows.Directory{}, fmt.Errorf("member %s: %w", m.ID, err)
			}
			unproven = append(unproven, flows.Unproven{Phone: p, Order: u.Order})
		}
		d.Members = append(d.Members, flows.Member{
			ID: m.ID, Name: m.Name, Role: m.Role, Place: m.Place, Level: m.Level, Phones: phones, Language: m.Language,
			Unproven: unproven, Delegates: m.Delegates, From: m.From, Until: m.Until,
		})
	}
	d.Shifts = shifts(r.Shifts)
	for _, o := range r.Overrides {
		d.Overrides = append(d.Overrides, flows.Override(o))
	}
	for _, o := range r.Rotations {
		d.Rotations = append(d.Rotations, flows.Rotation(o))
	}
	for _, p := range r.Periods {
		d.Periods = append(d.Periods, flows.Period{Place: p.Place, Level: p.Level, Start: p.Start, End: p.End, Shifts: shifts(p.Shifts)})
	}
	return d, nil
}

func newShiftRecords(shifts []flows.Shift) []shiftRecord {
	var r []shiftRecord
	for _, s := range shifts {
		r = append(r, shiftRecord(s))
	}
	return r
}

func shifts(records []shiftRecord) []flows.Shift {
	var s []flows.Shift
	for _, r := range records {
		s = append(s, flows.Shift(r))
	}
	return s
}
