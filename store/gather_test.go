package store_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

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
