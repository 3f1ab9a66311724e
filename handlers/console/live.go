package console

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Live tells open pages what has changed. The store's OnCommit calls Committed;
// who cannot say what changed calls Changed, and all is read again.
type Live struct {
	mu     sync.Mutex
	pages  map[chan struct{}]bool
	turn   uint64
	recent []flows.Case
	whole  bool // recent does not tell everything
	closed bool
	done   chan struct{}
}

// maxRecent is how many cases are kept for the next look at the board.
const maxRecent = 4096

// NewLive makes a Live with nobody listening.
func NewLive() *Live {
	return &Live{pages: map[chan struct{}]bool{}, done: make(chan struct{})}
}

// Close ends the streams of all pages, so that a server can stop. Give it to
// http.Server.RegisterOnShutdown.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.done)
	}
}

// Committed says that a change was committed.
func (l *Live) Committed(ch flows.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := ch.Case
	k.Version = max(k.Version, ch.From+1)
	if len(l.recent) >= maxRecent {
		l.recent, l.whole = nil, true
	}
	l.recent = append(l.recent, k)
	l.wake()
}

// Changed says that something has changed.
func (l *Live) Changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = true
	l.wake()
}

// wake never waits: a page that is still busy with the last change will find
// this one when it looks.
func (l *Live) wake() {
	l.turn++
	for page := range l.pages {
		select {
		case page <- struct{}{}:
		default:
		}
	}
}

// news hands over what has changed since it was last asked.
func (l *Live) news() (turn uint64, recent []flows.Case, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	recent, whole = l.recent, l.whole
	l.recent, l.whole = nil, false
	return l.turn, recent, whole
}

// Subscribe returns a channel that gets a value after changes, and the function
// that ends it.
func (l *Live) Subscribe() (<-chan struct{}, func()) {
	page := make(chan struct{}, 1)
	l.mu.Lock()
	l.pages[page] = true
	l.mu.Unlock()
	return page, func() {
		l.mu.Lock()
		delete(l.pages, page)
		l.mu.Unlock()
	}
}

// The rhythm of live pages: they are renewed at once after a change but not
// more often than pause, and every beat when nothing changes, so that a page
// notices a lost store, and a proxy an open connection.
const (
	pause = 150 * time.Millisecond
	beat  = 5 * time.Second
)

// boardLive streams the board.
func (c *Console) boardLive(x echo.Context) error {
	lang, f := choice(x, "lang", "vi", "vi", "en"), readFilter(x)
	return c.stream(x, func() (part, error) {
		return c.boardPart(c.sight(x.Request().Context()), c.words(lang), f)
	})
}

// stream sends what look returns, again whenever it has changed: unnamed events
// replace the HTML, events named "clock" carry the time and its speed.
func (c *Console) stream(x echo.Context, look func() (part, error)) error {
	if _, err := look(); err != nil {
		return c.fault(x, err)
	}
	changed, leave := c.Live.Subscribe()
	defer leave()
	ctx := x.Request().Context()
	control := http.NewResponseController(x.Response())
	_ = control.SetWriteDeadline(time.Time{}) // the stream outlives the server's limit for pages
	h := x.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	x.Response().WriteHeader(http.StatusOK)
	asked := c.Now()
	for last := uint64(0); ; {
		if now := c.Now(); now.Sub(asked).Abs() >= beat {
			asked = now
			if !c.still(x) {
				return nil // signed out; the page finds out when it comes back
			}
		}
		p, err := look()
		if err != nil {
			return nil //nolint:nilerr // the page notices the silence and says so
		}
		w := c.words("")
		_, _ = fmt.Fprintf(x.Response(), "event: clock\ndata: %d %d\n\n", w.Now(), w.Speed())
		if p.print != last {
			last = p.print
			_, _ = x.Response().Write(event(p.html))
		}
		if control.Flush() != nil || !c.Live.await(ctx, pause, nil) || !c.Live.await(ctx, beat, changed) {
			return nil // the reader has left
		}
	}
}

// event is HTML as one unnamed server-sent event.
func event(html []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(html) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			b.WriteString("data: ")
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// await returns true after d or a change, and false when ctx or all streams end.
func (l *Live) await(ctx context.Context, d time.Duration, changed <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-l.done:
		return false
	case <-t.C:
	case <-changed:
	}
	return true
}
