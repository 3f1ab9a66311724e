package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

// BenchmarkStep is a step of a conversation that refines a case: load, then
// session, case, timers, turn memory and event in one script.
func BenchmarkStep(b *testing.B) {
	server := storetest.StartRedis(b)
	s := open(b, &redis.Options{Addr: server.Addr}, store.Options{})
	ch := newChange(b, s)
	if _, err := s.Commit(b.Context(), ch); err != nil {
		b.Fatal(err)
	}
	id := ch.Turn.Session.ID
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		turn := fmt.Sprint("turn", i)
		session, _, repeated, err := s.Turn(b.Context(), id, turn)
		if err != nil || repeated {
			b.Fatal(err, repeated)
		}
		step := flows.BeginChange(now, *session.Case)
		step.Arm(flows.TimerIntake, now.Add(time.Duration(i)*time.Second))
		session.Case = &step.Case
		step.Turn = &flows.Turn{ID: turn, Session: session, From: session.Version, Keep: time.Hour, Remember: time.Second, Reply: flows.Reply{Text: "next"}}
		if _, err := s.Commit(b.Context(), step); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTurn is a step that moves no case: load, then save.
func BenchmarkTurn(b *testing.B) {
	server := storetest.StartRedis(b)
	s := open(b, &redis.Options{Addr: server.Addr}, store.Options{})
	ch := newChange(b, s)
	turn := *ch.Turn
	turn.Session.Case = nil
	if _, err := s.SaveTurn(b.Context(), now, turn); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprint("turn", i)
		session, _, _, err := s.Turn(b.Context(), turn.Session.ID, id)
		if err != nil {
			b.Fatal(err)
		}
		step := flows.Turn{ID: id, Session: session, From: session.Version, Keep: time.Hour, Remember: time.Second, Reply: flows.Reply{Text: "next"}}
		if _, err := s.SaveTurn(b.Context(), now, step); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommit is a timer that fired: a new level, two messages, an event.
func BenchmarkCommit(b *testing.B) {
	server := storetest.StartRedis(b)
	s := open(b, &redis.Options{Addr: server.Addr}, store.Options{})
	ch := newChange(b, s)
	ch.Turn = nil
	if _, err := s.Commit(b.Context(), ch); err != nil {
		b.Fatal(err)
	}
	c := ch.Case
	b.ReportAllocs()
	for i := int64(1); b.Loop(); i++ {
		c.Version = i
		step := flows.BeginChange(now, c)
		step.CommandID = fmt.Sprint("ladder", i)
		step.Arm(flows.TimerLadder, now.Add(time.Duration(i)*time.Second))
		step.Log(flows.Event{Kind: flows.EventEscalated, Reason: "no_answer", Level: flows.LevelHead})
		if _, err := s.Commit(b.Context(), step); err != nil {
			b.Fatal(err)
		}
	}
}
