package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/flows/dialog"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
	"hotline/flows/figures"
	"hotline/flows/record"
)

// Base is where the API lives.
const Base = "/api/v1"

// Program is the channel of what a program decided.
const Program flows.Channel = "api"

// Tokens finds who a token works for: account.Desk.
type Tokens interface {
	ByToken(ctx context.Context, secret string) (access.Who, account.Token, error)
}

// Cases are where cases are listed, before the guard takes out what is not the
// token's.
type Cases interface {
	Open(ctx context.Context) ([]flows.Case, error)
	// Ended are the cases that were closed since a moment.
	Ended(ctx context.Context, since time.Time) ([]flows.Case, error)
}

// Steps carries out a decision about a case: escalation.Service.
type Steps interface {
	Answer(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, decide escalation.Decide) (flows.Case, error)
}

// Questions are where reviewed questions to reporters are prepared and put.
type Questions interface {
	Asking(ctx context.Context, k flows.Case) (dialog.Asking, error)
	Ask(ctx context.Context, by flows.MemberID, id flows.CaseID, via flows.Channel, key string) (flows.Case, error)
}

// Forms tells how far the forms of a case are: record.Service.
type Forms interface {
	Started(ctx context.Context, id flows.CaseID) (map[string]int, error)
}

// Rota is who is on duty, and who could be.
type Rota interface {
	Posts() []flows.Place
	Members(place flows.PlaceID) []flows.Member
	Slots(place flows.PlaceID, level flows.Level, from, to time.Time) []escalation.Slot
}

// Clerk is where the rota is changed, and where drills are read.
type Clerk interface {
	Arrange(ctx context.Context, by flows.MemberID, overrides []flows.Override) error
	Drills(ctx context.Context) ([]duty.Drill, error)
}

// History is where what is counted of cases is read: access.Guard.
type History interface {
	Facts(ctx context.Context, from, to time.Time) ([]*figures.Fact, error)
}

// Deeds is where the audit is read.
type Deeds interface {
	Deeds(ctx context.Context, f flows.DeedFilter) (list []flows.Deed, whole bool, err error)
}

// Once keeps the first of what is claimed under a name, for a time: the store.
type Once interface {
	ClaimOnce(ctx context.Context, what, who string, keep time.Duration) (string, error)
	// Claimed is what was claimed under a name; flows.ErrNotFound: nothing.
	Claimed(ctx context.Context, what string) (string, error)
}

// Names are what ids of the directory are called.
type Names struct {
	Member func(flows.MemberID) (flows.Member, bool)
	Place  func(flows.PlaceID) string
}

// Options are what the API is made of. All of them must be set.
type Options struct {
	Guard     *access.Guard
	Tokens    Tokens
	Cases     Cases
	Steps     Steps
	Questions Questions
	Forms     Forms
	Catalogue *record.Catalogue
	Rota      Rota
	Clerk     Clerk
	History   History
	Counted   func() (have, of int)
	Traffic   func(now time.Time) []flows.Traffic
	Deeds     Deeds
	Once      Once
	Names     Names
	Directory func() flows.Directory
	// Team are the members whom a case can be given to.
	Team func(*flows.Case) []flows.Member
	// Limit is when a legal clock of a case runs out.
	Limit func(*flows.Case, flows.TimerName) time.Time
	// Sign is the keyed hash that cursors are proven with.
	Sign func(purpose string, parts ...string) string
	Now  func() time.Time
	Zone *time.Location
	// PerMinute is how many requests a token may make.
	PerMinute int
}

// API serves the routes.
type API struct {
	Options
	doc    document
	mu     sync.Mutex
	limits map[string]*limit
}

// handler answers one operation with what is sent as JSON.
type handler func(c *call) (any, error)

// New makes the API. It fails when the document and the handlers differ.
func New(o Options) (*API, error) {
	a := &API{Options: o, limits: map[string]*limit{}}
	var err error
	if a.doc, err = readDocument(); err != nil {
		return nil, err
	}
	handlers := a.handlers()
	var errs []error
	for i := range a.doc.operations {
		op := &a.doc.operations[i]
		if op.handle = handlers[op.ID]; op.handle == nil {
			errs = append(errs, fmt.Errorf("openapi.yaml: nothing answers %s", op.ID))
		}
		delete(handlers, op.ID)
	}
	for id := range handlers {
		errs = append(errs, fmt.Errorf("openapi.yaml: %s is not there", id))
	}
	return a, errors.Join(errs...)
}

// handlers are the operations by their ids in openapi.yaml.
func (a *API) handlers() map[string]handler {
	return map[string]handler{
		"document":       a.document,
		"me":             a.me,
		"listCases":      a.listCases,
		"readCase":       a.readCase,
		"readTimeline":   a.readTimeline,
		"listQuestions":  a.listQuestions,
		"askQuestion":    a.askQuestion,
		"take":           a.step(escalation.Take),
		"decline":        a.step(escalation.Decline),
		"onSite":         a.step(escalation.OnSite),
		"raise":          a.step(escalation.Raise),
		"lower":          a.step(escalation.Lower),
		"handOver":       a.handOver,
		"close":          a.closeCase,
		"primeroCase":    a.primeroCase,
		"listDuty":       a.listDuty,
		"overrideDuty":   a.overrideDuty,
		"listPlaces":     a.listPlaces,
		"listGroups":     a.listGroups,
		"listDrills":     a.listDrills,
		"readFigures":    a.readFigures,
		"readDeliveries": a.readDeliveries,
		"readAudit":      a.readAudit,
	}
}

// Register adds the routes to e. What is not there is a problem too, not a page.
func (a *API) Register(e *echo.Echo) {
	for i := range a.doc.operations {
		op := &a.doc.operations[i]
		e.Add(op.Method, Base+op.route(), a.serve(op))
	}
	for _, path := range []string{Base, Base + "/*"} {
		e.RouteNotFound(path, func(x echo.Context) error { return send(x, a.missing(x)) })
	}
}

// missing says why no operation fits a request.
func (a *API) missing(x echo.Context) *problem {
	for i := range a.doc.operations {
		if op := &a.doc.operations[i]; op.fits(x.Request().URL.Path) {
			x.Response().Header().Set("Allow", a.doc.methods(op.Path))
			return &problem{Status: http.StatusMethodNotAllowed, Code: "method"}
		}
	}
	return &problem{Status: http.StatusNotFound, Code: "no_route"}
}
