package main

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"time"
)

// timeAnswer is what Redis answers to TIME: seconds and microseconds.
var timeAnswer = regexp.MustCompile(`^\*2\r\n\$10\r\n([0-9]{10})\r\n\$[1-6]\r\n`)

// setTime moves the time in an answer of Redis to TIME, if it is one. What Redis
// itself lets expire goes by how long it is there, and stays.
func setTime(answer []byte, ahead time.Duration) {
	m := timeAnswer.FindSubmatchIndex(answer)
	if m == nil {
		return
	}
	seconds, err := strconv.ParseInt(string(answer[m[2]:m[3]]), 10, 64)
	if err == nil {
		copy(answer[m[2]:m[3]], strconv.FormatInt(seconds+int64(ahead.Seconds()), 10))
	}
}

// urgentDialogue reports a child of less than six years: the second level is asked
// after a quarter of an hour.
func urgentDialogue() []string {
	return transcripts("2", "1", "Mai Chau", "1", "2")
}

// quiet is how long nothing may leave while no timer is due: longer than every
// program needs to notice that a clock was set.
const quiet = 20 * time.Second

// clockStepped sets the clock of Redis an hour back while reports are filed:
// nobody's next level is asked. Then it sets it two hours on, an hour ahead of the
// real one: every case's is.
func clockStepped(ctx context.Context, x *trial) error {
	x.dialogue = urgentDialogue()
	if err := x.under(ctx, func(ctx context.Context) error {
		return errors.Join(x.between(ctx, 300*time.Millisecond, time.Second), x.step(ctx, -time.Hour), wait(ctx, 2*time.Second))
	}); err != nil {
		return err
	}
	refs, err := x.board(ctx, x.procs[0])
	if err != nil {
		return err
	}
	if err := x.until(ctx, time.Minute, "all cases are alerted", func() bool { return x.unheard(refs) == 0 }); err != nil {
		return err
	}
	if err := wait(ctx, 2*time.Second); err != nil { // what was under way has left
		return err
	}
	before := x.texts(refs)
	if err := wait(ctx, quiet); err != nil {
		return err
	}
	early, lost := 0, 0
	for ref, n := range x.texts(refs) {
		if n > before[ref] {
			early++
		}
	}
	if early > 0 {
		x.damage.broken("%d timers fired early", early)
	}
	began := realTime()
	if err := x.step(ctx, time.Hour); err != nil {
		return err
	}
	_ = x.until(ctx, time.Minute, "every timer has fired", func() bool {
		lost = 0
		for ref, n := range x.texts(refs) {
			if n == before[ref] {
				lost++
			}
		}
		return lost == 0
	})
	if lost > 0 {
		x.damage.broken("%d timers were lost", lost)
	}
	x.damage.note("%d timers, %d early within %v, all fired %v after the clock was set on", len(refs), early, quiet, realTime().Sub(began).Round(time.Millisecond))
	return x.step(ctx, 0) // people sign in by the real time
}

// step sets the clock of Redis, and the one by which the supervisor signs in.
func (x *trial) step(ctx context.Context, ahead time.Duration) error {
	x.ahead = ahead
	x.proxy.ahead.Store(int64(ahead))
	return wait(ctx, 2*askEvery) // by then every program has noticed
}

// texts are how many texts named each case.
func (x *trial) texts(refs map[string]bool) map[string]int {
	all := map[string]int{}
	for ref := range refs {
		for _, p := range x.providers {
			all[ref] += p.spoke(ref)
		}
	}
	return all
}

// unheard is of how many cases no provider was told.
func (x *trial) unheard(refs map[string]bool) int {
	n := 0
	for _, texts := range x.texts(refs) {
		if texts == 0 {
			n++
		}
	}
	return n
}
