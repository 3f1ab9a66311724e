package main

import (
	"testing"
	"time"

	"hotline/flows"
	tally "hotline/flows/figures"
	"hotline/store"
)

// TestCountedFollowsTheStore counts a case that was there before, one that comes
// while it runs, and what happens to either.
func TestCountedFollowsTheStore(t *testing.T) {
	s, err := store.OpenEmbedded(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	opened := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	write := func(ch flows.Change) flows.Case {
		t.Helper()
		if _, err := s.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		c, err := s.Case(t.Context(), ch.Case.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	file := func(id flows.CaseID) flows.Case {
		ch := flows.BeginChange(opened, flows.Case{ID: id, Status: flows.StatusOpen, Severity: flows.Urgent, Opened: opened})
		ch.Arm(flows.TimerLadder, opened.Add(time.Hour))
		ch.Log(flows.Event{Kind: flows.EventAlerted})
		return write(ch)
	}
	c := newTallied(s.Store, func(err error) { t.Error(err) })
	answered := func() (cases, answers int) {
		t.Helper()
		if err := c.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		facts, err := c.Facts(t.Context(), opened, opened.Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		total := tally.Compute(facts, tally.Query{From: opened, To: opened.Add(time.Second), Zone: time.UTC}).Total
		return total.Cases, total.Measures[tally.StepAnswer].Count
	}
	before := file("00before")
	if cases, answers := answered(); cases != 1 || answers != 0 {
		t.Errorf("%d cases, %d answered; want the one that was there", cases, answers)
	}
	file("01later")
	ch := flows.BeginChange(opened.Add(time.Minute), before)
	ch.Case.Status, ch.Case.Holder = flows.StatusTaken, "m1"
	ch.Log(flows.Event{Kind: flows.EventTaken, By: "m1"})
	write(ch)
	if cases, answers := answered(); cases != 2 || answers != 1 {
		t.Errorf("%d cases, %d answered; want both, and one answer", cases, answers)
	}
}

// TestCountedNoticesWhatTheFeedForgot: more happens between two looks than the feed
// keeps.
func TestCountedNoticesWhatTheFeedForgot(t *testing.T) {
	s, err := store.OpenEmbedded(t.Context(), store.Options{FeedLength: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	opened := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	commit := func(c flows.Case) {
		t.Helper()
		ch := flows.BeginChange(opened, c)
		ch.Arm(flows.TimerLadder, opened.Add(time.Hour))
		ch.Log(flows.Event{Kind: flows.EventAlerted})
		if _, err := s.Commit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
	}
	file := func(id flows.CaseID) {
		commit(flows.Case{ID: id, Status: flows.StatusOpen, Severity: flows.Urgent, Opened: opened})
	}
	file("00before")
	c := newTallied(s.Store, func(err error) { t.Error(err) })
	for range 2 {
		if err := c.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	file("00forgotten")
	file("00busy")
	for range 10 {
		busy, err := s.Case(t.Context(), "00busy")
		if err != nil {
			t.Fatal(err)
		}
		commit(busy)
	}
	if err := c.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	facts, err := c.Facts(t.Context(), opened, opened.Add(time.Second))
	if err != nil || len(facts) != 3 {
		t.Errorf("%d cases are counted, %v; want 3", len(facts), err)
	}
}
