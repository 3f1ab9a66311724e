package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/handlers/console"
)

type benchConsoleCmd struct {
	benchFlags
	Rounds  int           `help:"Rounds." default:"3"`
	Time    time.Duration `help:"Length of one measurement of pages." default:"3s"`
	Cases   int           `help:"Open cases on the board." default:"10000"`
	Viewers int           `help:"Viewers who load the first page at once." default:"50"`
	Live    int           `help:"Viewers whose page stays open." default:"500"`
	Commits int           `help:"Changes a round that the open pages are to show, one a second." default:"5"`
}

// Run measures the board: pages, and how soon open pages show a change.
func (c benchConsoleCmd) Run(ctx context.Context, s streams) error {
	return c.measure(ctx, s, benchReport{
		Name: "Console",
		About: []string{
			fmt.Sprintf("%d open cases; the first page of the board, each time whole, by %d viewers without a pause, and by %d who come once a second each whether or not it keeps up", c.Cases, c.Viewers, c.Viewers),
			fmt.Sprintf("live: %d pages stay open while %d cases change, one a second; from the moment a commit returned to the moment a viewer has read the new board", c.Live, c.Commits),
		},
	}, c.one)
}

func (c benchConsoleCmd) one(ctx context.Context, p *benchPart) error {
	live := console.NewLive()
	rig, err := newRig(ctx, p.fsync, rigOptions{changed: live.Committed, pages: func(a *app, e *echo.Echo) error { return benchPages(a, e, live) }})
	if err != nil {
		return err
	}
	defer rig.close()
	defer live.Close()
	if err := fillCases(ctx, rig.app.store, realTime(), c.Cases, 1, func(done int) { p.bar.show("loading cases", done, c.Cases) }); err != nil {
		return err
	}
	if err := c.weigh(ctx, p, rig); err != nil {
		return err
	}
	for i := range c.Rounds {
		p.bar.show("console, "+p.Setting, i, c.Rounds)
		if err := c.pages(ctx, p, rig); err != nil {
			return err
		}
		if err := c.lives(ctx, p, rig); err != nil {
			return err
		}
	}
	p.aim("first page, viewers at once, p99", 0, 100)
	p.aim("first page, compressed", 0, 150)
	p.aim("commit to open page, last viewer", 0, 500)
	return rig.profileRedis(ctx, p)
}

// benchPages adds the pages as the provincial desk sees them.
func benchPages(a *app, e *echo.Echo, live *console.Live) error {
	guard := a.guard()
	pages, err := console.New(console.Options{
		Board: a.store, Guard: guard, Timeline: guard, Place: a.dir.placeName, Member: a.dir.member,
		Texts: a.data.texts, Now: a.now, Zone: a.dialog.Settings.Zone, Live: live, Who: (&console.Demo{Roles: a.visitors()}).DemoWho,
	})
	if err != nil {
		return fmt.Errorf("make the console: %w", err)
	}
	pages.Register(e)
	return nil
}

// board loads the first page.
func loadBoard(ctx context.Context, client *http.Client, rig *benchRig) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base(rig.full)+"/board", http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("load the board: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("load the board: %w", err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(page, []byte("</html>"))) {
		err = fmt.Errorf("status %d, %d bytes", resp.StatusCode, len(page))
	}
	if err != nil {
		return nil, fmt.Errorf("load the board: %w", err)
	}
	return page, nil
}

// weigh notes the size of the first page, as it is and compressed.
func (c benchConsoleCmd) weigh(ctx context.Context, p *benchPart, rig *benchRig) error {
	page, err := loadBoard(ctx, http.DefaultClient, rig)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(page)
	if err := errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("compress the board: %w", err)
	}
	p.row("first page", "kB").add(float64(len(page)) / 1000)
	p.row("first page, compressed", "kB").add(float64(packed.Len()) / 1000)
	return nil
}

func (c benchConsoleCmd) pages(ctx context.Context, p *benchPart, rig *benchRig) error {
	client := callers(4 * c.Viewers)
	defer client.CloseIdleConnections()
	one := func(ctx context.Context, _, _ int) error {
		_, err := loadBoard(ctx, client, rig)
		return err
	}
	pressed, err := load(ctx, c.Viewers, 1, c.Time, realTime, one)
	if err != nil {
		return err
	}
	visits, err := arrivals(ctx, float64(c.Viewers), 1, c.Time, realTime, one)
	if err != nil {
		return err
	}
	p.row("first page, viewers at once", "/s").add(pressed.rate())
	p.row("first page, viewers at once, p99", "ms").add(ms(pressed.P99))
	p.row("first page, one visit a second each, p99", "ms").add(ms(visits.P99))
	return nil
}

// lives opens pages, commits, and notes how late the pages were.
func (c benchConsoleCmd) lives(ctx context.Context, p *benchPart, rig *benchRig) error {
	open, err := rig.app.store.Open(ctx)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	seen := make(chan time.Time, c.Live)
	var viewers sync.WaitGroup
	defer viewers.Wait()
	defer leave()
	client := callers(c.Live)
	for range c.Live {
		viewers.Go(func() { watchBoard(ctx, client, rig, seen) })
	}
	if _, err := arrived(ctx, seen, c.Live); err != nil { // all have their first board
		return err
	}
	var late []time.Duration
	for i := range min(c.Commits, len(open)) {
		pause(ctx, time.Second)
		drainTimes(seen)
		// The oldest case stands on the first page of everybody.
		ch := flows.BeginChange(realTime(), open[i])
		ch.Case.Severity = flows.Urgent
		ch.Log(flows.Event{Kind: flows.EventRaised, Reason: "bench"})
		if _, err := rig.app.store.Commit(ctx, ch); err != nil {
			return err
		}
		committed := realTime()
		at, err := arrived(ctx, seen, c.Live)
		if err != nil {
			return err
		}
		for _, t := range at {
			late = append(late, t.Sub(committed))
		}
	}
	slices.Sort(late)
	if len(late) > 0 {
		p.row("commit to open page, p50", "ms").add(ms(late[len(late)/2]))
		p.row("commit to open page, last viewer", "ms").add(ms(late[len(late)-1]))
	}
	return nil
}

// watchBoard keeps a page open and tells when it has read a new board.
func watchBoard(ctx context.Context, client *http.Client, rig *benchRig, seen chan<- time.Time) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base(rig.full)+"/board/live", http.NoBody)
	if err != nil {
		return
	}
	resp, err := client.Do(req)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	lines, inBoard := bufio.NewReaderSize(resp.Body, 64<<10), false
	for named := false; ; {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		switch {
		case bytes.HasPrefix(line, []byte("event:")):
			named = true
		case len(line) == 1: // the end of an event
			if inBoard {
				select {
				case seen <- realTime():
				default:
				}
			}
			named, inBoard = false, false
		case !named:
			inBoard = true
		}
	}
}

// arrived waits until so many viewers have a new board.
func arrived(ctx context.Context, seen <-chan time.Time, n int) ([]time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	at := make([]time.Time, 0, n)
	for len(at) < n {
		select {
		case t := <-seen:
			at = append(at, t)
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d open pages were renewed within 30 s", len(at), n)
		}
	}
	return at, nil
}

func drainTimes(seen <-chan time.Time) {
	for {
		select {
		case <-seen:
		default:
			return
		}
	}
}
