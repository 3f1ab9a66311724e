package api

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// person and place are ids with what they are called.
type (
	person struct {
		ID   flows.MemberID `json:"id"`
		Name string         `json:"name,omitempty"`
	}
	place struct {
		ID   flows.PlaceID `json:"id"`
		Name string        `json:"name,omitempty"`
	}
	// timer is a clock of a case, running or run out.
	timer struct {
		Name flows.TimerName `json:"name"`
		Due  time.Time       `json:"due"`
	}
)

// caseView is a case in a list. It is written field by field: what is not here
// cannot leave.
type caseView struct {
	Ref             flows.Ref        `json:"ref"`
	Version         int64            `json:"version"`
	Status          flows.CaseStatus `json:"status"`
	Severity        flows.Severity   `json:"severity"`
	Danger          bool             `json:"danger"`
	Kind            string           `json:"kind,omitempty"`
	Age             string           `json:"age,omitempty"`
	Place           *place           `json:"place,omitempty"`
	Channel         flows.Channel    `json:"channel"`
	Language        string           `json:"language"`
	Contact         bool             `json:"contact"`
	AgainstOfficial bool             `json:"against_official"`
	Holder          *person          `json:"holder,omitempty"`
	Level           flows.Level      `json:"level"`
	Opened          time.Time        `json:"opened"`
	Routed          time.Time        `json:"routed,omitzero"`
	Taken           time.Time        `json:"taken,omitzero"`
	Closed          time.Time        `json:"closed,omitzero"`
	Outcome         string           `json:"outcome,omitempty"`
	Why             string           `json:"why,omitempty"`
	Tags            []string         `json:"tags,omitempty"`
	Undelivered     int              `json:"undelivered"`
	Timers          []timer          `json:"timers"`
	NoTimer         string           `json:"no_timer,omitempty"`
}

// wholeView is a case by itself.
type wholeView struct {
	caseView
	Policy    string       `json:"policy,omitempty"`
	Stages    []stageView  `json:"stages,omitempty"`
	Missed    []timer      `json:"missed"`
	Messages  []message    `json:"messages"`
	Forms     []formView   `json:"forms"`
	Referrals []referral   `json:"referrals"`
	Links     []linkView   `json:"links"`
	Questions []putElement `json:"questions"`
}

type stageView struct {
	Stage flows.Stage `json:"stage"`
	At    time.Time   `json:"at"`
}

type message struct {
	Number     int            `json:"number"`
	Asks       bool           `json:"asks"`
	To         *person        `json:"to,omitempty"`
	ToReporter bool           `json:"to_reporter,omitempty"`
	Level      flows.Level    `json:"level"`
	Channel    flows.Channel  `json:"channel"`
	At         time.Time      `json:"at"`
	Delivery   flows.Delivery `json:"delivery"`
	Provider   string         `json:"provider,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Declined   time.Time      `json:"declined,omitzero"`
}

type formView struct {
	Code   string    `json:"code"`
	Filled *int      `json:"filled,omitempty"`
	Of     int       `json:"of"`
	Done   time.Time `json:"done,omitzero"`
	Due    time.Time `json:"due,omitzero"`
	Missed bool      `json:"missed"`
}

type referral struct {
	To string    `json:"to"`
	At time.Time `json:"at"`
	By *person   `json:"by"`
}

type linkView struct {
	Kind flows.LinkKind `json:"kind"`
	Ref  flows.Ref      `json:"ref"`
	At   time.Time      `json:"at"`
}

type putElement struct {
	Question string    `json:"question"`
	Asked    time.Time `json:"asked"`
	Answered time.Time `json:"answered,omitzero"`
	By       *person   `json:"by"`
}

// person is a member by id; nil for nobody and for a reporter, whose id is that of
// the case.
func (a *API) person(id flows.MemberID) *person {
	if _, reporter := id.Reporter(); reporter || id == "" {
		return nil
	}
	m, _ := a.Names.Member(id)
	return &person{id, m.Name}
}

func (a *API) place(id flows.PlaceID) *place {
	if id == "" {
		return nil
	}
	return &place{id, a.Names.Place(id)}
}

func (a *API) view(k *flows.Case) caseView {
	return caseView{
		Ref: k.Ref, Version: k.Version, Status: k.Status, Severity: k.Severity, Danger: k.Danger, Kind: k.Kind, Age: k.Age,
		Place: a.place(k.Place), Channel: k.Channel, Language: k.Language, Contact: k.Contact, AgainstOfficial: k.AgainstOfficial,
		Holder: a.person(k.Holder), Level: k.Level, Opened: k.Opened, Routed: k.Routed, Taken: k.Taken, Closed: k.Closed,
		Outcome: k.Outcome, Why: k.Why, Tags: k.Tags, Undelivered: k.Unreached(), Timers: timers(k.Timers), NoTimer: k.NoTimer,
	}
}

// timers are clocks by their moment.
func timers(of flows.Timers) []timer {
	list := make([]timer, 0, len(of))
	for name, due := range of {
		list = append(list, timer{name, flows.Moment(due)})
	}
	slices.SortFunc(list, func(a, b timer) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Name, b.Name)) })
	return list
}

func (a *API) whole(k *flows.Case) wholeView {
	w := wholeView{
		caseView: a.view(k), Policy: k.Policy, Missed: timers(k.Missed), Messages: a.messages(k),
		Referrals: []referral{}, Links: []linkView{}, Questions: []putElement{},
	}
	for s, at := range k.Stages {
		w.Stages = append(w.Stages, stageView{s, at})
	}
	slices.SortFunc(w.Stages, func(a, b stageView) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Stage, b.Stage)) })
	for _, r := range k.Referrals {
		w.Referrals = append(w.Referrals, referral{r.To, r.At, a.person(r.By)})
	}
	for _, q := range k.Questions {
		w.Questions = append(w.Questions, putElement{q.Key, q.Asked, q.Answered, a.person(q.By)})
	}
	return w
}

// messages are those that asked somebody and those that told somebody, as far as
// the case remembers them.
func (a *API) messages(k *flows.Case) []message {
	list := make([]message, 0, len(k.Alerts)+len(k.Notices))
	add := func(of []flows.Alert, asks bool) {
		for _, m := range of {
			_, reporter := m.Member.Reporter()
			list = append(list, message{
				Number: number(m.ID), Asks: asks, To: a.person(m.Member), ToReporter: reporter, Level: m.Level, Channel: m.Channel,
				At: m.At, Delivery: m.Delivery, Provider: m.Provider, Reason: m.Reason, Declined: m.Declined,
			})
		}
	}
	add(k.Alerts, true)
	add(k.Notices, false)
	slices.SortFunc(list, func(a, b message) int { return cmp.Compare(a.Number, b.Number) })
	return list
}

// number is that of a message in its case: the whole id names the case for ever.
func number(id flows.MessageID) int {
	_, n, _ := strings.Cut(string(id), "/")
	i, _ := strconv.Atoi(n)
	return i
}
