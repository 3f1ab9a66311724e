package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/figures"
)

// aboutToken is who a token works for.
type aboutToken struct {
	Account string        `json:"account"`
	Role    access.Role   `json:"role"`
	Member  *person       `json:"member,omitempty"`
	Place   *place        `json:"place,omitempty"`
	Token   string        `json:"token"`
	Verbs   []access.Verb `json:"verbs"`
	Within  []*place      `json:"within,omitempty"`
	Until   time.Time     `json:"until"`
}

func (a *API) me(c *call) (any, error) {
	v := aboutToken{
		Account: c.who.Account, Role: c.who.Role, Member: a.person(c.who.Member.ID), Place: a.place(c.who.Member.Place),
		Token: c.token.ID, Verbs: c.token.Verbs, Until: c.token.Until,
	}
	for _, id := range c.token.Within {
		v.Within = append(v.Within, a.place(id))
	}
	return v, nil
}

// figureRow is one group of response times.
type figureRow struct {
	Key    string              `json:"key"`
	Name   string              `json:"name,omitempty"`
	Cases  int                 `json:"cases"`
	Left   int                 `json:"left"`
	Steps  map[string]measured `json:"steps"`
	Missed map[string]int      `json:"missed"`
}

type measured struct {
	Count   int  `json:"count"`
	Waiting int  `json:"waiting"`
	Median  *int `json:"median_seconds,omitempty"`
	Ninety  *int `json:"ninety_seconds,omitempty"`
}

func (a *API) readFigures(c *call) (any, error) {
	to, err := c.moment("to", c.now)
	if err != nil {
		return nil, err
	}
	from, err := c.moment("from", to.AddDate(0, 0, -30))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, g := range figures.Groupings() {
		names = append(names, string(g))
	}
	by, err := c.one("by", names...)
	switch {
	case err != nil:
		return nil, err
	case !to.After(from):
		return nil, unfit("order", "to: expected a moment after from")
	case by == "":
		by = string(figures.ByPlace)
	}
	facts, err := a.History.Facts(c.ctx, from, to)
	if err != nil {
		return nil, err
	}
	times := figures.Compute(facts, figures.Query{From: from, To: to, By: figures.By(by), Zone: a.Zone})
	rows := make([]figureRow, len(times.Rows))
	for i, r := range times.Rows {
		rows[i] = a.figureRow(r)
		if id := flows.PlaceID(r.Key); by == string(figures.ByPlace) && id != "" {
			rows[i].Name = a.Names.Place(id)
		}
	}
	counted := 100
	if have, of := a.Counted(); of > 0 {
		counted = 100 * have / of
	}
	return map[string]any{
		"from": from.UTC(), "to": to.UTC(), "by": by, "counted_percent": counted, "total": a.figureRow(times.Total), "rows": rows,
	}, nil
}

func (a *API) figureRow(r figures.Row) figureRow {
	row := figureRow{Key: r.Key, Cases: r.Cases, Left: r.Left, Steps: map[string]measured{}, Missed: map[string]int{}}
	maps.Copy(row.Missed, r.Misses)
	for step, m := range r.Measures {
		v := measured{Count: m.Count, Waiting: m.Waiting}
		if m.Count > 0 {
			median, ninety := int(m.Median.Seconds()), int(m.Ninety.Seconds())
			v.Median, v.Ninety = &median, &ninety
		}
		row.Steps[string(step)] = v
	}
	return row
}

// carrier is what one provider did in an hour.
type carrier struct {
	Provider    string         `json:"provider"`
	Sent        int            `json:"sent"`
	Delivered   int            `json:"delivered"`
	Undelivered int            `json:"undelivered"`
	Unknown     int            `json:"unknown"`
	Failed      map[string]int `json:"failed"`
	Median      int64          `json:"median_ms,omitempty"`
	Slow        int64          `json:"slow_ms,omitempty"`
	Rests       time.Time      `json:"rests_until,omitzero"`
}

func (a *API) readDeliveries(c *call) (any, error) {
	list := []carrier{}
	for _, t := range a.Traffic(c.now) {
		failed := t.Failed
		if failed == nil {
			failed = map[string]int{}
		}
		list = append(list, carrier{
			t.Provider, t.Sent, t.Delivered, t.Undelivered, t.Unknown, failed, t.Median.Milliseconds(), t.Slow.Milliseconds(), t.Rests,
		})
	}
	return map[string]any{"providers": list}, nil
}

// deedView is one line of the audit.
type deedView struct {
	Number uint64         `json:"number"`
	Chain  string         `json:"chain"`
	At     time.Time      `json:"at"`
	Kind   flows.DeedKind `json:"kind"`
	Who    *person        `json:"who,omitempty"`
	Second *person        `json:"second,omitempty"`
	What   string         `json:"what,omitempty"`
	Why    string         `json:"why,omitempty"`
	From   string         `json:"from,omitempty"`
	Ref    flows.Ref      `json:"ref,omitempty"`

	of flows.CaseID
}

func (a *API) readAudit(c *call) (any, error) {
	f, err := a.deedFilter(c)
	if err != nil {
		return nil, err
	}
	all, whole, err := a.Deeds.Deeds(c.ctx, f)
	if err != nil {
		return nil, err
	}
	list := make([]deedView, len(all))
	for i, d := range all {
		list[i] = deedView{d.Seq, d.Chain, d.At.UTC(), d.Kind, a.person(d.Who), a.person(d.Second), d.What, d.Why, d.From, "", d.Case}
	}
	// The latest first: a page begun before a new deed goes on behind the same one.
	key := func(d deedView) string {
		return fmt.Sprintf("%019d %s %019d", 1<<62-d.At.UnixMicro(), d.Chain, 1<<62-int64(d.Number))
	}
	slices.SortFunc(list, func(x, y deedView) int { return strings.Compare(key(x), key(y)) })
	part, next, err := page(a, c, list, key)
	if err != nil {
		return nil, err
	}
	for i := range part {
		if part[i].of != "" {
			part[i].Ref = a.Guard.RefOf(c.ctx, part[i].of)
		}
	}
	return struct {
		Whole bool       `json:"whole"`
		Deeds []deedView `json:"deeds"`
		Next  string     `json:"next,omitempty"`
	}{whole, part, next}, nil
}

func (a *API) deedFilter(c *call) (f flows.DeedFilter, err error) {
	var kinds []string
	for _, k := range flows.DeedKinds() {
		kinds = append(kinds, string(k))
	}
	kind, err := c.one("kind", kinds...)
	if err != nil {
		return f, err
	}
	f = flows.DeedFilter{Who: flows.MemberID(c.QueryParam("who")), Kind: flows.DeedKind(kind)}
	if f.After, err = c.moment("after", time.Time{}); err != nil {
		return f, err
	}
	if f.Before, err = c.moment("before", time.Time{}); err != nil {
		return f, err
	}
	if s := c.QueryParam("ref"); s != "" {
		ref, ok := flows.ParseRef(s)
		if !ok {
			return f, bad("parameter", "ref: expected a reference, as K7F4")
		}
		f.Case, err = a.Guard.IDOf(c.ctx, ref)
	}
	return f, err
}
