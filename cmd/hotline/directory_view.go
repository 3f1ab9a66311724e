package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/dialog"
	"hotline/flows/escalation"
	"hotline/store/vault/relay"
)

// view is one version of the directory, indexed for those who use it. It does
// not change; a new directory is a new view.
type view struct {
	directory flows.Directory
	roster    *escalation.Roster
	world     escalation.World
	guide     dialog.Guide
	names     map[flows.PlaceID]string
	places    *access.Places
	since     time.Time // when this process took it over
}

func newView(d flows.Directory, data *data, now time.Time) (*view, error) {
	roster, err := escalation.NewRoster(d)
	if err != nil {
		return nil, err
	}
	v := &view{
		directory: d, roster: roster, world: data.world(roster),
		guide: dialog.NewGuide(data.world(roster), now.In(roster.Zone())),
		names: make(map[flows.PlaceID]string, len(d.Places)), places: access.NewPlaces(d), since: now,
	}
	for _, p := range d.Places {
		v.names[p.ID] = p.Name
	}
	return v, nil
}

// directories is where the view is replaced.
type directories interface {
	DirectoryVersion(ctx context.Context) (string, error)
	Directory(ctx context.Context) (flows.Directory, error)
}

// current holds the view in use and follows the store: a directory imported by
// another process is in use here a few seconds later.
type current struct {
	view  atomic.Pointer[view]
	store directories
	data  *data
	now   func() time.Time
}

// refresh takes over the stored directory if it is another one.
func (c *current) refresh(ctx context.Context) error {
	version, err := c.store.DirectoryVersion(ctx)
	if err != nil {
		return fmt.Errorf("look for a new directory: %w", err)
	}
	if old := c.view.Load(); old != nil && old.directory.Version == version {
		return nil
	}
	d, err := c.store.Directory(ctx)
	if err != nil {
		return fmt.Errorf("load the directory: %w", err)
	}
	v, err := newView(d, c.data, c.now())
	if err != nil {
		return err
	}
	c.view.Store(v)
	return nil
}

func (c *current) places() *access.Places { return c.view.Load().places }

func (c *current) world() escalation.World { return c.view.Load().world }
func (c *current) guide() dialog.Guide     { return c.view.Load().guide }

// inUse is the version in use and since when; the zero values when none is.
func (c *current) inUse() (string, time.Time) {
	if v := c.view.Load(); v != nil {
		return v.directory.Version, v.since
	}
	return "", time.Time{}
}

// Phone finds a member's number when a message leaves.
func (c *current) Phone(id flows.MemberID, n int) (flows.Phone, bool) {
	m, ok := c.view.Load().roster.Member(id)
	if !ok || n < 0 || n >= len(m.Phones) {
		return flows.Phone{}, false
	}
	return m.Phones[n], true
}

// everybody finds members in the directory and reporters in the relay.
type everybody struct {
	*current
	numbers *relay.Relay
	now     func() time.Time
	warn    func(error)
}

// Phone asks the relay for the reporter of a case in the moment of sending.
func (e everybody) Phone(id flows.MemberID, n int) (flows.Phone, bool) {
	about, ok := id.Reporter()
	if !ok {
		return e.current.Phone(id, n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	phone, err := e.numbers.Phone(ctx, e.now(), about)
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		e.warn(err)
	}
	return phone, err == nil
}

func (c *current) member(id flows.MemberID) (flows.Member, bool) {
	return c.view.Load().roster.Member(id)
}

// members are all people of the directory.
func (c *current) members() []flows.Member { return c.view.Load().directory.Members }

// placeName is a place for people who read with accents.
func (c *current) placeName(id flows.PlaceID) string { return c.view.Load().names[id] }

// OnDuty is who is on duty for a place and level at a moment.
func (c *current) OnDuty(place flows.PlaceID, level flows.Level, at time.Time) []flows.Member {
	return c.view.Load().roster.OnDuty(place, level, at)
}

// Members are the people of a place.
func (c *current) Members(place flows.PlaceID) []flows.Member {
	var list []flows.Member
	for _, m := range c.view.Load().directory.Members {
		if m.Place == place {
			list = append(list, m)
		}
	}
	return list
}

// Posts are the places with people of their own, the province first.
func (c *current) Posts() []flows.Place {
	v := c.view.Load()
	staffed := map[flows.PlaceID]bool{}
	for _, m := range v.directory.Members {
		staffed[m.Place] = true
	}
	var posts []flows.Place
	for _, p := range v.directory.Places {
		switch {
		case p.ID == v.directory.Province:
			p.Parent = ""
			posts = slices.Insert(posts, 0, p)
		case staffed[p.ID]:
			posts = append(posts, p)
		}
	}
	return posts
}

// hours is how long each member was on duty between two moments. Who was on duty
// for two posts at a time was on duty once.
func (c *current) hours(from, to time.Time) map[flows.MemberID]time.Duration {
	sums := map[flows.MemberID]time.Duration{}
	for id, slots := range c.view.Load().roster.AllDuties(from, to) {
		reached := from
		for _, s := range slots { // by their start
			if s.Start.After(reached) {
				reached = s.Start
			}
			if s.End.After(reached) {
				sums[id] += s.End.Sub(reached)
				reached = s.End
			}
		}
	}
	return sums
}
