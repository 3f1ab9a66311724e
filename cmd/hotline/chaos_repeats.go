package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// repeats counts the messages that came more than once, how many of one kill, and
// those of whose case the page does not say so.
func (x *trial) repeats(ctx context.Context) {
	again := map[string]int{}
	perKill := map[int]int{}
	for id, at := range x.takes() {
		for _, before := range at[:len(at)-1] {
			again[id]++
			perKill[x.killAfter(before)]++
		}
	}
	worst := 0
	for _, n := range perKill {
		worst = max(worst, n)
	}
	for _, n := range again {
		x.damage.Repeats += n
	}
	if len(x.kills) > 0 && x.damage.Repeats > 0 {
		x.damage.note("%d repeats of one kill at most", worst)
	}
	if x.marked {
		x.damage.Unmarked = x.unmarked(ctx, again)
	}
}

// takes are the moments at which any provider got each message, in order.
func (x *trial) takes() map[string][]time.Time {
	all := map[string][]time.Time{}
	for _, p := range x.providers {
		for id, at := range p.taken() {
			all[id] = append(all[id], at...)
		}
	}
	for _, at := range all {
		slices.SortFunc(at, time.Time.Compare)
	}
	return all
}

// killAfter is the place of the first kill after a moment.
func (x *trial) killAfter(at time.Time) int {
	n, _ := slices.BinarySearchFunc(x.kills, at, time.Time.Compare)
	return n
}

// maybeTwice is what the page of a case says of a message that an earlier process
// may have sent.
const maybeTwice = "Có thể đã gửi hai lần"

// unmarked counts the messages that came again and of which no page says so.
func (x *trial) unmarked(ctx context.Context, again map[string]int) int {
	n := 0
	for id := range again {
		marked := func() bool {
			for _, p := range x.providers {
				if slices.ContainsFunc(p.named(id), func(ref string) bool { return x.saysTwice(ctx, ref) }) {
					return true
				}
			}
			return false
		}
		if x.until(ctx, 10*time.Second, "a repeat is marked", marked) != nil {
			n++
		}
	}
	return n
}

func (x *trial) saysTwice(ctx context.Context, ref string) bool {
	status, page, err := x.get(ctx, fmt.Sprintf("http://%s/cases/%s", x.procs[0].public, ref), true)
	return err == nil && status == http.StatusOK && strings.Contains(page, maybeTwice)
}

// afterLease is when what a killed program had claimed has come back and left.
const afterLease = 33 * time.Second
