package console

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Health is how the hotline itself is, as it last saw itself: of one process, but
// for what is read from the store. Nothing in it is of a single case, so that who
// may know of which case does not matter.
type Health struct {
	At    time.Time     // of the last look; zero: there was none yet
	Every time.Duration // between two looks
	// Unwell names what is wrong, the worst first: the texts unwell.<reason>.
	Unwell []string
	Open   int       // open cases, each of which must have a timer or a named reason
	Found  []Finding // what the audit of them found, by reason
	// Parts of the store, and how many of them were looked at in time.
	Parts, Served int
	Oldest        time.Duration // how late the timer is that is most overdue
	Waiting       time.Duration // how late the message is that waits longest
	Dead          int           // messages that were given up
	Skew          time.Duration // how far the clock of the store is ahead
	// Watched says that a watcher outside hears from the hotline while it is well,
	// Pinged when it last did, and Deaf why it did not.
	Watched bool
	Pinged  time.Time
	Deaf    string
	Told    []Telling // whom it texted that it is unwell, the last first
}

// Finding is how often an audit found something wrong, and how late the worst is.
type Finding struct {
	Reason string
	N      int
	Late   time.Duration
}

// Telling is a text to supervisors that the hotline is unwell.
type Telling struct {
	At      time.Time
	Reason  string
	Reached int // supervisors that a provider took it for
}

// healthPage is one look at it.
type healthPage struct {
	Page
	Health
	Stale bool // the last look is too long ago to be believed
}

// believed is for how many looks a health may be missing before nobody should
// believe the last one.
const believed = 4

func (c *Console) healthPage(x echo.Context) error {
	p := healthPage{Page: c.page(x, "console.health.title"), Health: c.Health()}
	p.Stale = !p.At.IsZero() && p.Every > 0 && p.now.Sub(p.At) > believed*p.Every
	return c.render(x, http.StatusOK, "health", p)
}

// Calm reports whether there is nothing to do.
func (p healthPage) Calm() bool { return !p.At.IsZero() && !p.Stale && len(p.Unwell) == 0 }

// Says is what is wrong, as the text that supervisors get does, with its accents.
func (p healthPage) Says(reason string) string { return p.T("unwell." + reason) }
