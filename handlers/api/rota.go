package api

import (
	"cmp"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation/duty"
)

// How much of the rota one request reads, of all places and of one, and how much
// one override replaces.
const (
	longestAll      = 24 * time.Hour
	longestPlace    = 62 * 24 * time.Hour
	longestOverride = 31 * 24 * time.Hour
)

// turn is a time in which the same people are on duty.
type turn struct {
	Place   *place      `json:"place"`
	Level   flows.Level `json:"level"`
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to"`
	Members []*person   `json:"members"`
}

// posts are the places whose duty the token may see.
func (a *API) posts(c *call) []flows.Place {
	places := a.Guard.Places()
	return slices.DeleteFunc(slices.Clone(a.Rota.Posts()), func(p flows.Place) bool {
		return !access.Allowed(c.who, access.Rota, places.Of(p.ID)).OK
	})
}

// levelsOf are the rungs that a place fills itself.
func levelsOf(p flows.Place) []flows.Level {
	if p.Parent == "" {
		return []flows.Level{flows.LevelDesk, flows.LevelDepartment, flows.LevelCommittee}
	}
	return []flows.Level{flows.LevelDuty, flows.LevelHead, flows.LevelChair}
}

func (a *API) listDuty(c *call) (any, error) {
	from, err := c.moment("from", c.now.Truncate(time.Minute))
	if err != nil {
		return nil, err
	}
	to, err := c.moment("to", from.Add(24*time.Hour))
	if err != nil {
		return nil, err
	}
	posts, longest := a.posts(c), longestAll
	if id := flows.PlaceID(c.QueryParam("place")); id != "" {
		longest = longestPlace
		posts = slices.DeleteFunc(posts, func(p flows.Place) bool { return p.ID != id })
		if len(posts) == 0 {
			return nil, flows.ErrNotFound
		}
	}
	switch {
	case !to.After(from):
		return nil, unfit("order", "to: expected a moment after from")
	case to.Sub(from) > longest:
		return nil, unfit("too_long", "at most a day of all places, or 62 of one")
	}
	turns := []turn{}
	for _, p := range posts {
		for _, l := range levelsOf(p) {
			for _, s := range a.Rota.Slots(p.ID, l, from, to) {
				t := turn{a.place(p.ID), l, s.Start.UTC(), s.End.UTC(), []*person{}}
				for _, id := range s.Members {
					t.Members = append(t.Members, a.person(id))
				}
				turns = append(turns, t)
			}
		}
	}
	return map[string]any{"turns": turns}, nil
}

// override is a change of who is on duty.
type override struct {
	Place  flows.PlaceID  `json:"place"`
	Level  *flows.Level   `json:"level"`
	Member flows.MemberID `json:"member"`
	From   time.Time      `json:"from"`
	To     time.Time      `json:"to"`
}

func (a *API) overrideDuty(c *call) (any, error) {
	var in override
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if in.Level == nil {
		return nil, bad("body", "expected the object that the document describes")
	}
	if err := a.Guard.May(c.ctx, access.Arrange, a.Guard.Places().Of(in.Place)); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(a.Rota.Posts(), func(p flows.Place) bool { return p.ID == in.Place })
	switch {
	case i < 0:
		return nil, unfit("place", "place: expected one with people of its own")
	case !slices.Contains(levelsOf(a.Rota.Posts()[i]), *in.Level):
		return nil, unfit("level", "level: the place does not fill it")
	case !slices.ContainsFunc(a.Rota.Members(in.Place), func(m flows.Member) bool { return m.ID == in.Member }):
		return nil, unfit("no_member", "member: expected one of the place")
	case !in.To.After(in.From) || in.To.Sub(in.From) > longestOverride:
		return nil, unfit("order", "to: expected a moment after from, 31 days at most")
	case !in.To.After(c.now):
		return nil, unfit("past", "to: it is over")
	}
	return a.once(c, func() (any, error) {
		o := flows.Override{Place: in.Place, Level: *in.Level, Member: in.Member, Start: in.From, End: in.To}
		return in, a.Clerk.Arrange(c.ctx, c.who.Member.ID, []flows.Override{o})
	})
}

// readiness is how ready a place was in drills.
type readiness struct {
	Place    *place `json:"place"`
	Drills   int    `json:"drills"`
	Asked    int    `json:"asked"`
	Answered int    `json:"answered"`
	Nobody   int    `json:"nobody_on_duty"`
	Median   int    `json:"median_seconds,omitempty"`
	Worst    int    `json:"worst_seconds,omitempty"`
}

func (a *API) listDrills(c *call) (any, error) {
	all, err := a.Clerk.Drills(c.ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(d duty.Drill) bool { return c.now.Sub(d.At) >= longestBack })
	posts, list := a.posts(c), []readiness{}
	for _, r := range duty.Ready(all) {
		if slices.ContainsFunc(posts, func(p flows.Place) bool { return p.ID == r.Place }) {
			list = append(list, readiness{a.place(r.Place), r.Drills, r.Asked, r.Answered, r.Nobody, r.MedianSecs, r.WorstSecs})
		}
	}
	return map[string]any{"drills": len(all), "places": list}, nil
}

type placeView struct {
	ID         flows.PlaceID   `json:"id"`
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	District   string          `json:"district,omitempty"`
	Province   string          `json:"province,omitempty"`
	Parent     flows.PlaceID   `json:"parent,omitempty"`
	Until      string          `json:"until,omitempty"`
	Neighbours []flows.PlaceID `json:"neighbours,omitempty"`
}

// reachable reports whether a place is within what the token was made for.
func (a *API) reachable(c *call, id flows.PlaceID) bool {
	return access.Allowed(c.who, access.Directory, a.Guard.Places().Of(id)).OK
}

func (a *API) listPlaces(c *call) (any, error) {
	list := []placeView{}
	for _, p := range a.Directory().Places {
		if a.reachable(c, p.ID) {
			list = append(list, placeView{p.ID, p.Name, p.Type, p.District, p.Province, p.Parent, p.Until, p.Neighbours})
		}
	}
	slices.SortFunc(list, func(x, y placeView) int { return cmp.Compare(x.ID, y.ID) })
	part, next, err := page(a, c, list, func(p placeView) string { return string(p.ID) })
	return struct {
		Places []placeView `json:"places"`
		Next   string      `json:"next,omitempty"`
	}{part, next}, err
}

// group is the people of a place. Their phones stay in the directory.
type group struct {
	Place   *place   `json:"place"`
	Members []member `json:"members"`
}

type member struct {
	ID       flows.MemberID `json:"id"`
	Name     string         `json:"name"`
	Role     string         `json:"role,omitempty"`
	Level    flows.Level    `json:"level"`
	Language string         `json:"language,omitempty"`
}

func (a *API) listGroups(c *call) (any, error) {
	of := map[flows.PlaceID]*group{}
	list := []*group{}
	for _, m := range a.Directory().Members {
		if !a.reachable(c, m.Place) {
			continue
		}
		if of[m.Place] == nil {
			of[m.Place] = &group{Place: a.place(m.Place)}
			list = append(list, of[m.Place])
		}
		g := of[m.Place]
		g.Members = append(g.Members, member{m.ID, m.Name, m.Role, m.Level, m.Language})
	}
	key := func(g *group) string { return string(g.Place.ID) }
	slices.SortFunc(list, func(x, y *group) int { return cmp.Compare(key(x), key(y)) })
	part, next, err := page(a, c, list, key)
	return struct {
		Groups []*group `json:"groups"`
		Next   string   `json:"next,omitempty"`
	}{part, next}, err
}
