package store_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

// Steps that leave together have an answer of their own each, and one that gives
// up takes nobody with it.
func TestStepsThatLeaveTogether(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, &redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true}, store.Options{})
	gone, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			ctx := t.Context()
			if i%4 == 0 {
				ctx = gone
			}
			ch := newChange(t, s)
			ch.Turn.Reply.Text = "reply " + strconv.Itoa(i)
			out, err := s.Commit(ctx, ch)
			if i%4 == 0 && errors.Is(err, flows.ErrUnavailable) {
				return
			}
			if err != nil || out.Reply.Text != ch.Turn.Reply.Text {
				t.Errorf("step %d: %+v, %v", i, out, err)
			}
			_, reply, repeated, err := s.Turn(t.Context(), ch.Turn.Session.ID, ch.Turn.ID)
			if err != nil || !repeated || reply.Text != ch.Turn.Reply.Text {
				t.Errorf("step %d is remembered as %+v, %v, %v", i, reply, repeated, err)
			}
		})
	}
	leave()
	wg.Wait()
}

// What was given up while it waited is not sent.
func TestStepsGivenUpAreNotSent(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, &redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true}, store.Options{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	s.SendTogether("sent", gone, t.Context(), gone, t.Context())
	s.SendTogether("sent", gone)
	n, err := server.Client(t).Get(t.Context(), "sent").Int()
	if err != nil || n != 2 {
		t.Errorf("%d commands were carried out, %v; want the 2 that somebody waits for", n, err)
	}
}

// Nothing that comes before, while or after a store is closed waits for ever, and
// the goroutines that sent it end.
func TestNoStepWaitsForAClosedStore(t *testing.T) {
	before := runtime.NumGoroutine()
	server := storetest.StartRedis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, ContextTimeoutEnabled: true})
	s, err := store.Open(t.Context(), store.Options{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	begun := make(chan struct{}, 64)
	for range 64 {
		wg.Go(func() {
			for {
				_, _, _, err := s.Turn(t.Context(), "s", "")
				select {
				case begun <- struct{}{}:
				default:
				}
				if err != nil {
					return
				}
			}
		})
	}
	<-begun
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	patience, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for runtime.NumGoroutine() > before+8 {
		if runtime.Gosched(); patience.Err() != nil {
			t.Fatalf("%d goroutines are left of the store, %d were there before", runtime.NumGoroutine(), before)
		}
	}
}
