package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// receiptsShown are what callers have read, and when they got on.
type receiptsShown struct {
	mu    sync.Mutex
	of    map[string]receiptShown // by number
	last  time.Time
	worst time.Duration
}

// receiptShown is a receipt as a caller has it in front of them.
type receiptShown struct {
	dialogue int
	pin      string
}

var receiptForm = regexp.MustCompile(`(\d{4} \d{4}), PIN (\d{6})`)

// receiptIn is the number of the receipt on a screen, or "".
func receiptIn(screen string) string {
	number, _ := receiptAndPIN(screen)
	return number
}

func receiptAndPIN(screen string) (number, pin string) {
	if m := receiptForm.FindStringSubmatch(screen); m != nil {
		return strings.ReplaceAll(m[1], " ", ""), m[2]
	}
	return "", ""
}

// answered notes that a caller got on.
func (s *receiptsShown) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := realTime()
	if !s.last.IsZero() {
		s.worst = max(s.worst, now.Sub(s.last))
	}
	s.last = now
}

// outage is the longest time in which nobody got on.
func (s *receiptsShown) outage() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.worst
}

func (s *receiptsShown) add(dialogue int, screen string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, pin := receiptAndPIN(screen)
	if s.of == nil {
		s.of = map[string]receiptShown{}
	}
	s.of[number] = receiptShown{dialogue, pin}
}

// pace is what a caller waits between two reports.
const pace = 150 * time.Millisecond

// file files reports from several callers at once: as many as asked for, and on
// until over says that the trouble has ended. Each insists until it is answered.
func (r *arena) file(ctx context.Context, reports, callers int, shown *receiptsShown, over func() bool) error {
	errs := make(chan error, callers)
	var next atomic.Int64
	next.Store(int64(len(shown.of)))
	last := int64(len(shown.of) + reports)
	for range callers {
		go func() {
			for {
				n := next.Add(1) - 1
				if n >= last && over() {
					errs <- nil
					return
				}
				if err := r.fileOne(ctx, int(n), shown); err != nil {
					errs <- err
					return
				}
				if err := wait(ctx, pace); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	var all []error
	for range callers {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// fileOne is one whole report.
func (r *arena) fileOne(ctx context.Context, n int, shown *receiptsShown) error {
	var screen string
	for _, transcript := range r.dialogue {
		var err error
		if screen, err = insist(ctx, r.at, n, transcript, func() {}); err != nil {
			return err
		}
		shown.answered()
	}
	if receiptIn(screen) == "" {
		return fmt.Errorf("dialogue %d ended without a receipt", n)
	}
	shown.add(n, screen)
	return nil
}

// insist posts a hop until it is answered, as a gateway with a patient caller. At
// tells whom it reaches at each try.
func insist(ctx context.Context, at func(try int) *caller, n int, transcript string, tick func()) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for try := n; ; try++ {
		tick()
		status, screen, err := at(try).hop(ctx, fmt.Sprintf("session-%d", n), fmt.Sprintf("+8491%07d", n), transcript)
		if err == nil && status == http.StatusOK && (strings.HasPrefix(screen, "CON ") || receiptIn(screen) != "") {
			return screen, nil
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return "", fmt.Errorf("dialogue %d got no answer", n)
		}
	}
}
