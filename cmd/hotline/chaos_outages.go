package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// takeOver is how soon the second provider must have an urgent alert that the
// first one refused.
const takeOver = time.Minute

// providerDown files while the first provider is down, and lets it come back: the
// second one has told of every case in time, and nothing leaves again.
func providerDown(ctx context.Context, x *trial) error {
	x.providers[0].be("down")
	began := realTime()
	err := x.under(ctx, func(context.Context) error { return nil })
	if err != nil {
		return err
	}
	refs, err := x.board(ctx, x.procs[0])
	if err != nil {
		return err
	}
	last := time.Duration(0)
	err = x.until(ctx, takeOver, "the second provider has told of every case", func() bool {
		last = 0
		for ref := range refs {
			at := x.providers[1].first(ref)
			if at.IsZero() {
				return false
			}
			last = max(last, at.Sub(began))
		}
		return true
	})
	if err != nil {
		x.damage.broken("not every case was told of by the second provider within %v", takeOver)
		return nil
	}
	x.damage.note("all reports were filed and told of by the second provider within %v", last.Round(time.Millisecond))
	x.providers[0].be("")
	// Longer than the first one rests: what waits for it would leave now.
	return wait(ctx, 35*time.Second)
}

// diskFull files until the disk of the journal is full: readiness says so, and
// callers are still answered, for Redis has it all. Then there is room: what is
// missing is written by itself, and brings everything back to an empty Redis.
func diskFull(ctx context.Context, x *trial) error {
	if err := x.under(ctx, func(context.Context) error { return nil }); err != nil {
		return err
	}
	s := x.procs[0]
	if err := x.until(ctx, 10*time.Second, "readiness tells of a full disk", func() bool {
		status, page, err := x.get(ctx, "http://"+s.ready+"/readyz", false)
		return err == nil && status == http.StatusServiceUnavailable && strings.Contains(page, "journal")
	}); err != nil {
		x.damage.broken("readiness says nothing of a full disk")
	}
	began := realTime()
	if err := s.inside(ctx, "mount", "-o", "remount,size=64m", s.journal); err != nil {
		return err
	}
	if err := x.awaitReady(ctx, s); err != nil {
		return err
	}
	x.damage.note("ready again by itself %v after there was room", realTime().Sub(began).Round(time.Millisecond))
	// The small disk ends with the program that has it: the journal moves.
	if err := os.CopyFS(s.journal, os.DirFS(fmt.Sprintf("/proc/%d/root%s", s.pid(), s.journal))); err != nil {
		return fmt.Errorf("copy the journal: %w", err)
	}
	s.wrap = nil
	return x.bringBack(ctx)
}

// inside runs a command that sees the disks as the program does.
func (s *serving) inside(ctx context.Context, args ...string) error {
	enter := []string{"--target", strconv.Itoa(s.pid()), "--user", "--mount", "--preserve-credentials", "--"}
	out, err := exec.CommandContext(ctx, "nsenter", append(enter, args...)...).CombinedOutput() //nolint:gosec // our own
	if err != nil {
		return fmt.Errorf("%s beside the program: %w\n%s", args[0], err, out)
	}
	return nil
}

func (s *serving) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return 0
	}
	return s.proc.Process.Pid
}
