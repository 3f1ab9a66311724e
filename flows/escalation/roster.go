package escalation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/fault"
)

// Roster answers who may be asked: an index over a directory. It does not
// change; a new directory is a new roster.
type Roster struct {
	dir     flows.Directory
	zone    *time.Location
	members map[flows.MemberID]flows.Member
	phones  map[flows.Phone]flows.MemberID
	waiting map[flows.Phone]flows.MemberID // whose unproven phone it is
	places  map[flows.PlaceID]flows.Place
	posts   map[post]*duties
	near    map[flows.PlaceID][]flows.PlaceID
}

// post is what somebody can be on duty for.
type post struct {
	place flows.PlaceID
	level flows.Level
}

type duties struct {
	shifts    []flows.Shift
	overrides []flows.Override // by start
	rotations []flows.Rotation
	periods   []flows.Period
}

// NewRoster checks a directory and indexes it. It reports every fault.
func NewRoster(dir flows.Directory) (*Roster, error) {
	r := &Roster{
		dir:     dir,
		members: make(map[flows.MemberID]flows.Member, len(dir.Members)),
		phones:  make(map[flows.Phone]flows.MemberID, len(dir.Members)),
		waiting: map[flows.Phone]flows.MemberID{},
		places:  make(map[flows.PlaceID]flows.Place, len(dir.Places)),
		posts:   map[post]*duties{},
	}
	var errs []error
	zone, err := time.LoadLocation(dir.Zone)
	if err != nil || dir.Zone == "" {
		errs = append(errs, fault.New("zone", "value", strconv.Quote(dir.Zone)))
	}
	r.zone = zone
	for _, p := range dir.Places {
		r.places[p.ID] = p
	}
	r.near = neighbours(dir)
	if dir.Province == "" {
		errs = append(errs, fault.New("provinceless"))
	}
	errs = append(errs, r.addMembers(), r.addShifts(), r.addRotations(), r.addPeriods(), r.addOverrides())
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("directory %s: %w", dir.Version, err)
	}
	return r, nil
}

func (r *Roster) addMembers() error {
	var errs []error
	for _, m := range r.dir.Members {
		if err := r.checkMember(m); err != nil {
			errs = append(errs, fault.About("member", m.ID, err))
		}
		r.members[m.ID] = m
		for _, p := range m.Phones {
			r.phones[p] = m.ID
		}
		for _, u := range m.Unproven {
			r.waiting[u.Phone] = m.ID
		}
	}
	for _, m := range r.dir.Members {
		for _, id := range m.Delegates {
			if d, ok := r.members[id]; !ok || id == m.ID || Provincial(d.Level) != Provincial(m.Level) {
				errs = append(errs, fault.About("member", m.ID, fault.New("delegate_tier", "value", strconv.Quote(string(id)))))
			}
		}
	}
	return errors.Join(errs...)
}

func (r *Roster) checkMember(m flows.Member) error {
	var errs []error
	if _, ok := r.members[m.ID]; ok || m.ID == "" {
		errs = append(errs, fault.New("id"))
	}
	all := slices.Clone(m.Phones)
	for _, u := range m.Unproven {
		all = append(all, u.Phone)
	}
	if len(all) == 0 {
		errs = append(errs, fault.New("phoneless"))
	}
	for i, p := range all {
		other := cmp.Or(r.phones[p], r.waiting[p])
		if other != "" || p.IsZero() || slices.Contains(all[:i], p) {
			errs = append(errs, fault.New("phone_taken", "n", i+1, "member", other))
		}
	}
	return errors.Join(append(errs, r.checkPost(post{m.Place, m.Level}))...)
}

// checkPost refuses a place that is unknown or gone, and a level of the wrong tier.
func (r *Roster) checkPost(p post) error {
	if p.level < flows.LevelDesk || p.level > flows.LevelCommittee {
		return fault.New("level_none", "level", int(p.level))
	}
	if Provincial(p.level) {
		if p.place != r.dir.Province {
			return fault.New("tier", "level", int(p.level), "place", p.place)
		}
		return nil
	}
	place, ok := r.places[p.place]
	switch {
	case !ok:
		return fault.New("place_none", "place", p.place)
	case place.Until != "":
		return fault.New("place_past", "place", p.place, "since", place.Until)
	}
	return nil
}

// Provincial reports whether the people of a level sit at the province.
func Provincial(l flows.Level) bool {
	return l == flows.LevelDesk || l >= flows.LevelDepartment
}

func (r *Roster) addShifts() error {
	var errs []error
	for i, s := range r.dir.Shifts {
		if err := r.checkShift(s); err != nil {
			errs = append(errs, fault.About("shift", i+1, err))
			continue
		}
		d := r.at(post{s.Place, s.Level})
		d.shifts = append(d.shifts, s)
	}
	return errors.Join(errs...)
}

func (r *Roster) checkShift(s flows.Shift) error {
	if len(s.Days) == 0 || s.From < 0 || s.From >= 24*60 || s.To < 0 || s.To > 24*60 {
		return fault.New("shift")
	}
	return r.checkDuty(post{s.Place, s.Level}, s.Member)
}

// checkDuty refuses members who are unknown or belong to the other tier.
func (r *Roster) checkDuty(p post, ids ...flows.MemberID) error {
	for _, id := range ids {
		m, known := r.members[id]
		switch {
		case !known:
			return fault.New("member_none", "value", strconv.Quote(string(id)))
		case Provincial(m.Level) != Provincial(p.level):
			return fault.New("stand_in", "member", m.ID, "level", int(m.Level), "at", int(p.level))
		}
	}
	return r.checkPost(p)
}

func (r *Roster) addRotations() error {
	var errs []error
	for i, t := range r.dir.Rotations {
		err := r.checkDuty(post{t.Place, t.Level}, t.Members...)
		if len(t.Members) == 0 || t.Every < 1 || t.Start.IsZero() {
			err = fault.New("rotation")
		}
		if err != nil {
			errs = append(errs, fault.About("rotation", i+1, err))
			continue
		}
		d := r.at(post{t.Place, t.Level})
		d.rotations = append(d.rotations, t)
	}
	return errors.Join(errs...)
}

func (r *Roster) addPeriods() error {
	var errs []error
	for i, t := range r.dir.Periods {
		err := r.checkPost(post{t.Place, t.Level})
		if !t.Start.Before(t.End) {
			err = fault.New("backwards")
		}
		for _, s := range t.Shifts {
			if s.Place != t.Place || s.Level != t.Level {
				err = fault.New("period_other")
			} else if bad := r.checkShift(s); bad != nil {
				err = bad
			}
		}
		d := r.at(post{t.Place, t.Level})
		if slices.ContainsFunc(d.periods, func(o flows.Period) bool { return o.Start.Before(t.End) && t.Start.Before(o.End) }) {
			err = fault.New("overlap")
		}
		if err != nil {
			errs = append(errs, fault.About("period", i+1, err))
			continue
		}
		d.periods = append(d.periods, t)
	}
	return errors.Join(errs...)
}

func (r *Roster) addOverrides() error {
	var errs []error
	for i, o := range r.dir.Overrides {
		err := r.checkPost(post{o.Place, o.Level})
		if o.Member != "" {
			err = r.checkDuty(post{o.Place, o.Level}, o.Member)
		}
		if !o.Start.Before(o.End) {
			err = fault.New("backwards")
		}
		if err != nil {
			errs = append(errs, fault.About("override", i+1, err))
			continue
		}
		d := r.at(post{o.Place, o.Level})
		d.overrides = append(d.overrides, o)
	}
	for _, d := range r.posts {
		slices.SortStableFunc(d.overrides, func(a, b flows.Override) int { return a.Start.Compare(b.Start) })
	}
	return errors.Join(errs...)
}

func (r *Roster) at(p post) *duties {
	d := r.posts[p]
	if d == nil {
		d = &duties{}
		r.posts[p] = d
	}
	return d
}

// Member finds a member by id.
func (r *Roster) Member(id flows.MemberID) (flows.Member, bool) {
	m, ok := r.members[id]
	return m, ok
}

// ByPhone finds whose phone a number is.
func (r *Roster) ByPhone(p flows.Phone) (flows.Member, bool) {
	id, ok := r.phones[p]
	if !ok {
		return flows.Member{}, false
	}
	return r.Member(id)
}

// Unproven finds whose phone a number would be, if they sent back the code.
func (r *Roster) Unproven(p flows.Phone) (flows.Member, bool) {
	id, ok := r.waiting[p]
	if !ok {
		return flows.Member{}, false
	}
	return r.Member(id)
}

// Phone is one of a member's phones, in the order they are tried.
func (r *Roster) Phone(id flows.MemberID, index int) (flows.Phone, bool) {
	m, ok := r.members[id]
	if !ok || index < 0 || index >= len(m.Phones) {
		return flows.Phone{}, false
	}
	return m.Phones[index], true
}

// Zone is the time zone of the rota and of the legal clocks.
func (r *Roster) Zone() *time.Location { return r.zone }

// Province is the place whose people sit at the provincial levels.
func (r *Roster) Province() flows.PlaceID { return r.dir.Province }

// Directory is what the roster was made of. It must not be changed.
func (r *Roster) Directory() flows.Directory { return r.dir }

// parseWeekday reads a day by its first three letters.
func parseWeekday(s string) (time.Weekday, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); s == name || s == name[:3] {
			return d, true
		}
	}
	return 0, false
}
