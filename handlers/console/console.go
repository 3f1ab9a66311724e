// Package console is the hotline's web pages: the board that a supervisor keeps
// open, the timeline of one case, and, in demo, the screen where a newcomer
// plays every part.
//
// A page is a Go file, a template and a style of one name: board.go, board.html,
// board.css. Pages are rendered here and kept live by server-sent events that
// carry HTML; the scripts only tick clocks and play the phones. Nothing on a
// page comes from anywhere but this program, and no page ever holds a reporter's
// number or words. Start with [New], then board.go.
package console

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
	"hotline/flows/record"
)

// Board is where the open cases are read.
type Board interface {
	Open(ctx context.Context) ([]flows.Case, error)
}

// Timeline is where one case and what happened to it are read.
type Timeline interface {
	CaseByRef(ctx context.Context, ref flows.Ref) (flows.Case, error)
	Timeline(ctx context.Context, id flows.CaseID) ([]flows.Event, error)
}

// Options are what the console is made of.
type Options struct {
	Board    Board
	Timeline Timeline
	// Guard decides what the reader of a page may see and do. Timeline, History
	// and Casework read and write through it; Board is read whole, once for all
	// readers, and each gets what the guard lets through.
	Guard *access.Guard
	// Place and Member give names to what cases hold only as ids.
	Place  func(flows.PlaceID) string
	Member func(flows.MemberID) (flows.Member, bool)
	Texts  flows.Texts
	Now    func() time.Time
	// Zone is where the province is; nil means UTC.
	Zone *time.Location
	// Live tells open pages that a case has changed; nil means that pages only
	// renew themselves every few seconds.
	Live *Live
	// Casework carries out what members decide on a page; nil: nothing can be
	// done, only read.
	Casework Casework
	// Questions are what may be asked of reporters; nil: nothing may.
	Questions Questions
	// Steps carries out what needs a name, a place or a reason; nil: nothing of it.
	Steps Steps
	// Forms and Referrals are the record of a case, and Catalogue what it is made
	// of; nil: cases have no record.
	Forms     Forms
	Referrals Referrals
	Catalogue *record.Catalogue
	Team      Team
	// Related finds and joins cases that belong together; nil: none are looked for.
	Related Related
	// Limit is when a legal clock of a case runs out; zero: it has none.
	Limit func(*flows.Case, flows.TimerName) time.Time
	// Who is the person behind a request; flows.ErrNotFound when nobody has signed
	// in. Nil: whoever has signed in to Accounts.
	Who func(echo.Context) (access.Who, error)
	// Accounts is where people sign in, and Members whom they may invite.
	Accounts *account.Desk
	Members  func() []flows.Member
	// Authority, when set, is the sign-in of the reader's authority.
	Authority Authority
	// Deeds, when set, adds the page of the audit.
	Deeds Deeds
	// History, when set, adds the page of response times.
	History History
	// Counted, when set, is how many cases of how many History has read since the
	// start.
	Counted func() (have, of int)
	// Public, when set, is counted for a page that anybody may read.
	Public History
	// Rota, when set, adds the duty calendar.
	Rota Rota
	// Hours is how long each member was on duty between two moments, by the rota of
	// now; nil: no page says so.
	Hours func(from, to time.Time) map[flows.MemberID]time.Duration
	// Providers, when set, adds the page of what each provider did.
	Providers *Providers
	// Clerk, when set, lets the rota be changed and adds the page of drills; Feeds
	// adds the members' own calendars.
	Clerk Clerk
	Feeds Feeds
	// Pairs is the two-person rule, and Custody what it and a court may order; nil:
	// seals stay closed but for whoever holds the case.
	Pairs   *access.Pairs
	Custody Custody
	// Directory and Prover, when set, add the page of places, groups and members.
	Directory Directory
	Prover    Prover
	// Health, when set, adds the page of how the hotline itself is.
	Health func() Health
	// Links are the one-time links of alerts; nil: there are none.
	Links *Links
	// Ready, when set, adds the page that leads from an empty system to a live one.
	Ready Readiness
	// Settings, when set, adds the page of what an official may change in files.
	Settings *Settings
	// Printer makes the poster and the guides, and Posters are the communes that a
	// poster can be for; nil: nothing is printed.
	Printer Printer
	Posters func() []string
	// Demo, when set, makes "/" the screen with the phones.
	Demo *Demo
}

// Console serves the pages.
type Console struct {
	Options
	made
	camera camera
	public public
	proofs proofs
	served map[string]bool // "GET /directory": the routes that there are
}

//go:embed *.html
var templates embed.FS

// New makes the console. It fails when a template is broken.
func New(o Options) (*Console, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Guard == nil || o.Who == nil && o.Accounts == nil {
		return nil, errors.New("the console needs to know who may see what")
	}
	if o.Live == nil {
		o.Live = NewLive()
	}
	c := &Console{Options: o, public: public{history: o.Public}}
	var err error
	if c.made, err = makeOnce(); err != nil {
		return nil, err
	}
	if c.Who == nil {
		c.Who = c.signedIn
	}
	return c, nil
}

// made is what is the same in every console: the pages and the files they load.
type made struct {
	pages  map[string]*template.Template
	assets *assets
}

// makeOnce makes it, which takes as long as reading a journal of thousands of cases.
var makeOnce = sync.OnceValues(makePages) //nolint:gochecknoglobals // of embedded files, which do not change

// Prepare does what New would wait for. A start calls it while it waits for something
// else; that a template is broken New says too.
func Prepare() error {
	_, err := makeOnce()
	return err
}

func makePages() (c made, err error) {
	c.pages = map[string]*template.Template{}
	if c.assets, err = loadAssets(); err != nil {
		return c, err
	}
	shared, err := template.New("shared").Funcs(template.FuncMap{"asset": c.assets.url}).
		ParseFS(templates, "layout.html", "parts.html", "rows.html", "ask.html", "hold.html")
	if err != nil {
		return c, fmt.Errorf("templates: %w", err)
	}
	for _, name := range []string{"board", "case", "form", "times", "report", "public", "duty", "drills", "providers", "demo", "fault", "account", "accounts", "tokens", "papers", "audit", "pair", "requests", "ready", "settings", "deliveries", "directory", "health", "several", "workload"} {
		if c.pages[name], err = shared.Clone(); err != nil {
			return c, fmt.Errorf("template %s: %w", name, err)
		}
		if c.pages[name], err = c.pages[name].ParseFS(templates, name+".html"); err != nil {
			return c, fmt.Errorf("template %s: %w", name, err)
		}
	}
	link := template.New("link").Funcs(template.FuncMap{"asset": c.assets.url})
	if c.pages["link"], err = link.ParseFS(templates, "link.html"); err != nil {
		return c, fmt.Errorf("template link: %w", err)
	}
	sign := template.New("signin").Funcs(template.FuncMap{"asset": c.assets.url})
	if c.pages["signin"], err = sign.ParseFS(templates, "signin.html"); err != nil {
		return c, fmt.Errorf("template signin: %w", err)
	}
	return c, nil
}

// Look reads the board before anybody asks for it, so that a store that is lost
// later leaves a last known one. Who asks first gets a fresh one all the same.
func (c *Console) Look(ctx context.Context) {
	c.shoot(ctx)
	c.camera.mu.Lock()
	defer c.camera.mu.Unlock()
	c.camera.tried = time.Time{}
}

// Register adds the pages to e. What each asks of its reader is in rights.go.
func (c *Console) Register(e *echo.Echo) {
	g := e.Group("", secure, sameOrigin, c.bounded, compressed(), c.enter, c.allow)
	home := c.boardPage
	if c.Demo != nil {
		home = c.demoPage
		g.GET("/demo", c.demoPage)
		g.GET("/demo/story", c.demoStory)
		g.POST("/demo/speed", c.setSpeed)
		g.POST("/demo/role", c.setRole)
	}
	g.GET("/", c.homePage(home))
	g.GET("/board", c.boardPage)
	g.GET("/board/live", c.boardLive)
	g.GET("/board/several", c.severalPage)
	g.POST("/board/several", c.doSeveral)
	g.GET("/deliveries", c.deliveriesPage)
	g.GET("/cases/:ref", c.casePage)
	g.GET("/cases/:ref/live", c.caseLive)
	g.POST("/cases/:ref/:deed", c.act)
	if c.Questions != nil {
		g.POST("/cases/:ref/ask", c.ask)
	}
	g.GET("/cases/:ref/print", c.printCase)
	if c.Forms != nil {
		g.GET("/cases/:ref/forms/:form", c.formPage)
		g.POST("/cases/:ref/forms/:form", c.saveForm)
		g.POST("/cases/:ref/forms/:form/finish", c.finishForm)
		g.GET("/cases/:ref/forms/:form/print", c.printForm)
	}
	if c.Related != nil {
		g.POST("/cases/:ref/join", c.join)
	}
	if c.Referrals != nil {
		g.POST("/cases/:ref/refer", c.refer)
	}
	if c.History != nil {
		g.GET("/times", c.timesPage)
		g.GET("/times.csv", c.timesCSV)
		g.GET("/times.xlsx", c.timesXLSX)
		g.GET("/times.json", c.timesJSON)
		if c.Rota != nil && c.Hours != nil {
			g.GET("/workload", c.workloadPage)
			g.GET("/workload.csv", c.workloadCSV)
		}
		g.GET("/report", c.reportPage)
		g.GET("/report.pdf", c.reportPDF)
		g.GET("/report.xlsx", c.reportXLSX)
	}
	if c.Rota != nil {
		g.GET("/duty", c.dutyPage)
	}
	if c.Providers != nil {
		g.GET("/providers", c.providersPage)
		g.GET("/providers/live", c.providersLive)
	}
	if c.Accounts != nil {
		c.registerSignIn(e)
		c.registerAccount(g)
	}
	if c.Ready != nil {
		g.GET("/ready", c.readyPage)
	}
	if c.Settings != nil {
		g.GET("/settings", c.settingsPage)
		g.GET("/settings/flow/:file", c.flowPicture)
	}
	if c.Pairs != nil {
		c.registerSeals(g)
	}
	if c.Printer != nil {
		g.GET("/papers", c.papersPage)
		g.GET("/papers/:sheet", c.printSheet)
	}
	if c.Deeds != nil {
		g.GET("/audit", c.auditPage)
	}
	if c.Clerk != nil {
		g.POST("/duty", c.changeDuty)
		g.GET("/drills", c.drillsPage)
		g.GET("/drills.json", c.drillsFile)
		g.POST("/drills", c.startDrill)
	}
	if c.Directory != nil {
		g.GET("/directory", c.directoryPage)
		g.POST("/directory/preview", c.previewImport)
		g.POST("/directory/import", c.confirmImport)
		g.POST("/directory/code", c.proveMember)
		g.POST("/directory/resend", c.resendCode)
		g.GET("/directory/files/:file", c.exportDirectory)
	}
	if c.Health != nil {
		g.GET("/health", c.healthPage)
	}
	if c.Feeds != nil {
		e.GET("/ical/:file", c.feed, secure)
	}
	if c.Links != nil {
		r := e.Group("/r", secure, sameOrigin, c.bounded)
		r.GET("/:link", c.linkPage)
		r.POST("/:link/open", c.openLink)
		r.POST("/:link/:deed", c.linkAct)
	}
	if c.Public != nil {
		e.GET("/figures", c.publicPage, secure, compressed())
	}
	e.GET("/assets/:version/*", c.assets.serve, secure)
	e.GET("/favicon.ico", func(x echo.Context) error { return x.Redirect(http.StatusFound, c.assets.url("icon.svg")) })
	c.served = map[string]bool{}
	for _, r := range e.Routes() {
		c.served[r.Method+" "+r.Path] = true
	}
}

// secure sets the headers that let a page do nothing it was not made for.
func secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(x echo.Context) error {
		h := x.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-store")
		}
		return next(x)
	}
}

// sameOrigin refuses posts that another site made this browser send.
func sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(x echo.Context) error {
		if guard.Check(x.Request()) != nil {
			return echo.NewHTTPError(http.StatusForbidden, "posted from another site")
		}
		return next(x)
	}
}

// fault shows an error as a page in the reader's language. The error itself is
// for the log, never for the reader.
func (c *Console) fault(x echo.Context, cause error) error {
	p := c.page(x, "console.error.title")
	status, text := http.StatusServiceUnavailable, p.T("error.store")
	if s, key, ok := refused(cause); ok {
		status, text = s, p.T(key+".more")
		p.Title = p.T(key)
	}
	return c.render(x, status, "fault", faultPage{p, text})
}

type faultPage struct {
	Page
	Text string
}
