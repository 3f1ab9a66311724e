package api

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// longestBack is how far back closed cases are listed.
const longestBack = 366 * 24 * time.Hour

func (a *API) listCases(c *call) (any, error) {
	list, err := a.casesOf(c)
	if err != nil {
		return nil, err
	}
	fits, err := filter(c)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(a.Guard.Visible(c.ctx, list), func(k flows.Case) bool { return !fits(&k) })
	key := func(k flows.Case) string { return fmt.Sprintf("%016d %s", flows.Millis(k.Opened), k.Ref) }
	slices.SortFunc(list, func(x, y flows.Case) int { return strings.Compare(key(x), key(y)) })
	part, next, err := page(a, c, list, key)
	if err != nil {
		return nil, err
	}
	views := make([]caseView, len(part))
	for i := range part {
		views[i] = a.view(&part[i])
	}
	return struct {
		Cases []caseView `json:"cases"`
		Next  string     `json:"next,omitempty"`
	}{views, next}, nil
}

// casesOf are the open cases, or those closed since a moment.
func (a *API) casesOf(c *call) ([]flows.Case, error) {
	since, err := c.moment("closed_since", time.Time{})
	switch {
	case err != nil:
		return nil, err
	case since.IsZero():
		return a.Cases.Open(c.ctx)
	case c.QueryParam("status") != "":
		return nil, bad("parameter", "closed_since: not together with status")
	case c.now.Sub(since) > longestBack:
		return nil, unfit("too_far", "closed_since: at most a year back")
	}
	return a.Cases.Ended(c.ctx, since)
}

// filter reads which cases of a list are wanted.
func filter(c *call) (func(*flows.Case) bool, error) {
	status, err := c.one("status", string(flows.StatusIntake), string(flows.StatusOpen), string(flows.StatusTaken))
	if err != nil {
		return nil, err
	}
	severity, err := c.one("severity", string(flows.Urgent), string(flows.Normal))
	if err != nil {
		return nil, err
	}
	level, err := c.one("level", "0", "1", "2", "3", "4", "5")
	if err != nil {
		return nil, err
	}
	place := flows.PlaceID(c.QueryParam("place"))
	return func(k *flows.Case) bool {
		return (status == "" || string(k.Status) == status) && (severity == "" || string(k.Severity) == severity) &&
			(level == "" || strconv.Itoa(int(k.Level)) == level) && (place == "" || k.Place == place)
	}, nil
}

// find reads the case of a request through the guard.
func (a *API) find(c *call) (flows.Case, error) {
	ref, ok := flows.ParseRef(c.Param("ref"))
	if !ok {
		return flows.Case{}, flows.ErrNotFound
	}
	return a.Guard.CaseByRef(c.ctx, ref)
}

func (a *API) readCase(c *call) (any, error) {
	k, err := a.find(c)
	if err != nil {
		return nil, err
	}
	w := a.whole(&k)
	if w.Forms, err = a.forms(c, &k); err != nil {
		return nil, err
	}
	for _, l := range k.Links {
		_, err := a.Guard.Store.CaseByRef(c.ctx, l.Ref)
		if errors.Is(err, flows.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		w.Links = append(w.Links, linkView{l.Kind, l.Ref, l.At})
	}
	return w, nil
}

// forms are how far each form is. How much stands in one is for who may open it.
func (a *API) forms(c *call, k *flows.Case) ([]formView, error) {
	var started map[string]int
	if escalation.MayRead(k, c.who.Member) {
		var err error
		if started, err = a.Forms.Started(c.ctx, k.ID); err != nil {
			return nil, err
		}
	}
	list := []formView{}
	for _, f := range a.Catalogue.Forms {
		if _, removed := k.Stages[flows.StageRemoved]; f.Stage == flows.StageReturned && !removed {
			continue
		}
		clock := escalation.ClockOf(f.Stage)
		_, missed := k.Missed[clock]
		v := formView{Code: f.Code, Of: len(f.Fields), Done: k.Stages[f.Stage], Missed: missed}
		if due, running := k.Timers[clock]; running && clock != "" {
			v.Due = flows.Moment(due)
			if limit := a.Limit(k, clock); !limit.IsZero() {
				v.Due = limit
			}
		}
		if started != nil {
			n := started[f.Code]
			v.Filled = &n
		}
		list = append(list, v)
	}
	return list, nil
}

// event is a line of a timeline.
type event struct {
	Number  int               `json:"number"`
	At      time.Time         `json:"at"`
	Kind    flows.EventKind   `json:"kind"`
	Reason  string            `json:"reason,omitempty"`
	By      *person           `json:"by,omitempty"`
	Level   flows.Level       `json:"level"`
	Via     flows.Channel     `json:"via,omitempty"`
	Message int               `json:"message,omitempty"`
	Detail  map[string]string `json:"detail,omitempty"`
}

// details are what of an event's details leaves: an id of a provider and what is
// added later do not, until somebody has thought about it.
func details() []string {
	return []string{"after", "because", "delivery", "from", "held_until", "late", "off", "provider", "repeat", "to", "why", "at"}
}

func (a *API) readTimeline(c *call) (any, error) {
	k, err := a.find(c)
	if err != nil {
		return nil, err
	}
	all, err := a.Guard.Timeline(c.ctx, k.ID)
	if err != nil {
		return nil, err
	}
	list := make([]event, len(all))
	for i, e := range all {
		list[i] = event{
			Number: i + 1, At: e.At, Kind: e.Kind, Reason: e.Reason, By: a.person(e.By), Level: e.Level, Via: e.Via, Message: number(e.Message),
		}
		for _, name := range details() {
			if v := e.Detail[name]; v != "" {
				if list[i].Detail == nil {
					list[i].Detail = map[string]string{}
				}
				list[i].Detail[name] = v
			}
		}
	}
	part, next, err := page(a, c, list, func(e event) string { return fmt.Sprintf("%09d", e.Number) })
	if err != nil {
		return nil, err
	}
	return struct {
		Events []event `json:"events"`
		Next   string  `json:"next,omitempty"`
	}{part, next}, nil
}
