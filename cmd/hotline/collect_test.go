package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestASmallHeapMayGrowAndALargeOneAsUsual(t *testing.T) {
	for _, tt := range []struct {
		name  string
		live  uint64
		least int
		want  int
	}{
		{"a program that has just begun", 0, 0, 6400},
		{"a server at work", 16 << 20, 0, 400},
		{"as much as may be thrown away", 64 << 20, 0, 100},
		{"everything in one process", 1 << 30, 0, 100},
		{"a start that reads a large journal", 1 << 30, hurriedGC, 200},
		{"a start that has read little", 16 << 20, hurriedGC, 400},
	} {
		if got := percentGC(tt.live, tt.least); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// A start within a start, as serve and rebuild are, ends as it began.
func TestAStartInAHurryLeavesTheCollectorAsItWas(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	big := make([]byte, 2*spareGarbage)
	runtime.GC()
	outer := hurry()
	inner := hurry()
	for _, want := range []uint64{hurriedGC, hurriedGC, usualGC} {
		if got := percentNow(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
		inner()
		inner, outer = outer, func() {}
	}
	runtime.KeepAlive(big)
}

func TestTheOperatorSaysHowOftenToCollect(t *testing.T) {
	t.Setenv("GOGC", "50")
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	stop := hurry()
	setGC()
	if got := percentNow(); got != 50 {
		t.Errorf("got %d, want 50", got)
	}
	stop()
}

func percentNow() uint64 {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func TestEveryCollectionIsToldOf(*testing.T) {
	told := make(chan struct{}, 1)
	afterEachGC(func() {
		select {
		case told <- struct{}{}:
		default:
		}
	})
	for range 3 {
		runtime.GC()
		<-told // or the test never ends
	}
}
