package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// spareGarbage is what may lie about before it is collected, in bytes. A server
// keeps some 20 MB; Go would collect whenever as much again was thrown away, which
// is several times a second while many texts come, and costs a tenth of the
// processor. A heap that keeps more than this is collected as usual.
const spareGarbage = 64 << 20

// usualGC is how far the heap may grow between two collections, in percent of what
// stays; hurriedGC is that while everything is read that will stay: collecting more
// often finds nothing.
const (
	usualGC   = 100
	hurriedGC = 200
)

// leastGC is the one of them that holds.
var leastGC atomic.Int64

// hurry lets the heap grow until it is told to stop: what a start reads will stay.
func hurry() (stop func()) {
	before := leastGC.Swap(hurriedGC)
	setGC()
	return func() { leastGC.Store(before); setGC() }
}

// setGC tells the collector how far the heap may grow, by what stayed at the last
// collection, unless the operator has said it.
func setGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(percentGC(live[0].Value.Uint64(), int(leastGC.Load())))
}

// percentGC is how far a heap of which so many bytes stay may grow.
func percentGC(live uint64, least int) int {
	return max(usualGC, least, int(100*spareGarbage/max(live, 1<<20)))
}

// afterEachGC calls do after every collection from now on, which is when what stays
// is known anew. Its cycle is that of a thing that nobody holds.
func afterEachGC(do func()) {
	type cycle struct{ _ *cycle }
	var ended func(*cycle)
	ended = func(c *cycle) {
		do()
		runtime.SetFinalizer(c, ended)
	}
	runtime.SetFinalizer(&cycle{}, ended)
}
