package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Live tells open pages that something has changed. It carries no content: a
// page that is told reads the board again.
type Live struct {
	mu    sync.Mutex
	pages map[chan struct{}]bool
	turn  uint64
}

// NewLive makes a Live with nobody listening.
func NewLive() *Live { return &Live{pages: map[chan struct{}]bool{}} }

// Changed says that a case has changed. It never waits: a page that is still
// busy with the last change will find this one when it reads.
func (l *Live) Changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn++
	for page := range l.pages {
		select {
		case page <- struct{}{}:
		default:
		}
	}
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

func (l *Live) now() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.turn
}

// snapshot is the board as it was last read, shared by all who look at it: one
// change costs one read, however many pages are open.
type snapshot struct {
	mu    sync.Mutex
	turn  uint64
	cases []flows.Case
	at    time.Time // when the cases were read; zero: never
	err   error     // of the last try
	tried bool
}

// shots is how long a read board is good for when nobody reports a change.
const shots = 5 * time.Second

// open returns the open cases, when they were read, and the error of the last
// try: with an error the cases are the last ones known, which may be none.
func (c *Console) open(ctx context.Context) ([]flows.Case, time.Time, error) {
	turn, now := c.Live.now(), c.Now()
	s := &c.shot
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.tried && s.err == nil && s.turn == turn && now.Sub(s.at).Abs() < shots
	if fresh {
		return s.cases, s.at, nil
	}
	cases, err := c.Board.Open(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return s.cases, s.at, s.err // this reader left; it says nothing about the store
	}
	s.turn, s.err, s.tried = turn, err, true
	if err == nil {
		s.cases, s.at = cases, now
	}
	return s.cases, s.at, s.err
}

// The rhythm of live pages: they are renewed at once after a change but not
// more often than pause, and every beat when nothing changes, so that a page
// notices a lost store, and a proxy an open connection.
const (
	pause = 150 * time.Millisecond
	beat  = 5 * time.Second
)

// boardLive streams the board as HTML, one event for every change.
func (c *Console) boardLive(x echo.Context) error {
	changed, leave := c.Live.Subscribe()
	defer leave()
	ctx := x.Request().Context()
	control := http.NewResponseController(x.Response())
	_ = control.SetWriteDeadline(time.Time{}) // the stream outlives the server's limit for pages
	h := x.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	x.Response().WriteHeader(http.StatusOK)

	last := uint64(0)
	for {
		v := c.board(x, c.words(choice(x, "lang", "vi", "vi", "en")))
		if err := c.writeBoard(x, v, v.print() != last); err != nil {
			return err
		}
		last = v.print()
		if control.Flush() != nil || !await(ctx, pause, nil) || !await(ctx, beat, changed) {
			return nil // the reader has left
		}
	}
}

// writeBoard writes the time and, when it has changed, the board: HTML as one
// unnamed event.
func (c *Console) writeBoard(x echo.Context, v boardView, changed bool) error {
	w := x.Response()
	_, _ = fmt.Fprintf(w, "event: clock\ndata: %d %d\n\n", v.Now(), v.Speed())
	if !changed {
		return nil
	}
	var b bytes.Buffer
	if err := c.pages["board"].ExecuteTemplate(&b, "board", v); err != nil {
		return fmt.Errorf("render the board: %w", err)
	}
	for line := range bytes.Lines(b.Bytes()) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			_, _ = fmt.Fprintf(w, "data: %s\n", line)
		}
	}
	_, err := fmt.Fprint(w, "\n")
	return err
}

// await returns true after d or a change, and false when ctx ends.
func await(ctx context.Context, d time.Duration, changed <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-changed:
	}
	return true
}
