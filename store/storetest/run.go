// Package storetest checks that a store does what its callers rely on. The same
// suite runs on the in-process server and on a real redis-server.
package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/store"
)

// Server is a store on an empty server, and how time passes there.
type Server struct {
	Store *store.Store
	Pass  func(time.Duration)
}

// Wait is the Pass of a server with a clock of its own.
func Wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// Run runs the whole suite. It opens a fresh store on an empty server for each
// test, with [Ended] in its options.
func Run(t *testing.T, open func(t *testing.T) Server) {
	for _, test := range []struct {
		name string
		run  func(k kit)
	}{
		{"a filed case is found by every way", filedIsFound},
		{"every field of everything survives", everyFieldSurvives},
		{"thirty-two commits of one version have one winner", oneWinner},
		{"a command repeated returns its first result", commandRepeated},
		{"old commands are forgotten but change nothing", oldCommand},
		{"a reference is claimed once", referenceTaken},
		{"a receipt is claimed once", receiptTaken},
		{"a stale version conflicts and writes nothing", staleVersion},
		{"the timers of the case are the truth", timersFollow},
		{"a closed case leaves nothing behind", closedLeavesNothing},
		{"a closed case keeps the timer of its purge", purgeFollows},
		{"a case may have very many alerts", manyAlerts},
		{"whoever may answer finds the case", membersFollow},
		{"a provider's id leads to the message until it is final", sidsFollow},
		{"what no step may return is refused", refused},
		{"twenty of the same turn get one reply", oneReply},
		{"a turn is remembered for its time", turnForgotten},
		{"the same turn id of another caller is another turn", turnOfAnother},
		{"a session is saved by version and expires", sessionExpires},
		{"turn and case move together or not at all", turnWithCase},
		{"a turn of another partition follows its case", turnApart},
		{"a session without a turn id is saved", turnWithoutID},
		{"a message is claimed by one and leased", claimLease},
		{"messages are settled, retried, buried and unburied", outboxOutcomes},
		{"urgent alerts are handed out first", urgentFirst},
		{"silent contacts are counted once", silentSweep},
		{"the tally counts days", tallyDays},
		{"the feed goes on from its cursor", feedCursor},
		{"the directory is replaced by version", directoryReplaced},
		{"papers are saved by version", papersSaved},
		{"editions of the flows are kept for their time", editionsKept},
		{"sessions of people at work expire and end", signinKept},
		{"wrong answers wait longer and longer", attemptsWait},
		{"what can be claimed once has one owner", claimedOnce},
		{"what is not there is not found", notFound},
		{"many cases are read and committed at once", manyAtOnce},
		{"what a journal kept is restored", restoredFromJournal},
		{"any order of steps agrees with a model", agreesWithModel},
	} {
		t.Run(test.name, func(t *testing.T) {
			srv := open(t)
			test.run(kit{T: t, s: srv.Store, pass: srv.Pass, now: flows.Moment(1_763_900_000_000)})
		})
	}
}

// kit is what every test has at hand.
type kit struct {
	*testing.T
	s    *store.Store
	pass func(time.Duration)
	now  time.Time
}

func (k kit) ctx() context.Context { return k.Context() }

// must fails the test on an error.
func (k kit) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

// want fails the test unless the error is the one that is wanted.
func (k kit) want(err, want error) {
	k.Helper()
	if !errors.Is(err, want) {
		k.Fatalf("error %v, want %v", err, want)
	}
}

// same compares got with want.
func (k kit) same(what string, got, want any) {
	k.Helper()
	if d := cmp.Diff(want, got); d != "" {
		k.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// id draws a case id in a partition.
func (k kit) id(partition int) flows.CaseID {
	k.Helper()
	id, err := flows.NewCaseID(rand.Reader, partition)
	k.must(err)
	return id
}

func (k kit) ref(partition int) flows.Ref {
	k.Helper()
	ref, err := flows.NewRef(rand.Reader, 5, partition, k.s.Partitions())
	k.must(err)
	return ref
}

// session draws the id of a session that lives in a partition.
func (k kit) session(partition int) flows.SessionID {
	for {
		id := flows.SessionID(rand.Text())
		if flows.Partition(string(id), k.s.Partitions()) == partition {
			return id
		}
	}
}

// draft is a change that files a new case, not yet committed.
func (k kit) draft(partition int) flows.Change {
	k.Helper()
	c := flows.Case{
		ID: k.id(partition), Ref: k.ref(partition), Status: flows.StatusIntake, Severity: flows.Urgent, Danger: true,
		Channel: flows.USSD, Provider: "test", Language: "vi", Opened: k.now,
	}
	ch := flows.BeginChange(k.now, c)
	ch.Log(flows.Event{Kind: flows.EventFiled, Reason: "danger"})
	ch.Arm(flows.TimerIntake, k.now.Add(3*time.Minute))
	return ch
}

// file commits a new case.
func (k kit) file(partition int) flows.Case {
	k.Helper()
	ch := k.draft(partition)
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	return k.read(ch.Case.ID)
}

// route opens the case to a member and returns it as stored.
func (k kit) route(c flows.Case, member flows.MemberID) (flows.Case, flows.MessageID) {
	k.Helper()
	ch := flows.BeginChange(k.now, c)
	ch.Case.Status, ch.Case.Level, ch.Case.Routed = flows.StatusOpen, flows.LevelDuty, k.now
	ch.Disarm(flows.TimerIntake)
	ch.Arm(flows.TimerLadder, k.now.Add(15*time.Minute))
	id := ch.Post(flows.Message{To: member, Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "alert"})
	ch.Case.Alerts = append(ch.Case.Alerts, flows.Alert{
		ID: id, Member: member, Level: flows.LevelDuty, Channel: flows.SMS, At: k.now, Delivery: flows.Queued,
	})
	ch.Log(flows.Event{Kind: flows.EventAlerted, By: member, Message: id, Level: flows.LevelDuty})
	_, err := k.s.Commit(k.ctx(), ch)
	k.must(err)
	return k.read(c.ID), id
}

func (k kit) read(id flows.CaseID) flows.Case {
	k.Helper()
	c, err := k.s.Case(k.ctx(), id)
	k.must(err)
	return c
}

// timers lists every case of every partition with the time of its first timer.
func (k kit) timers() map[flows.CaseID]int64 {
	k.Helper()
	got := map[flows.CaseID]int64{}
	for n := range k.s.Partitions() {
		due, err := k.s.Due(k.ctx(), n, k.now.Add(100_000*time.Hour), 10_000)
		k.must(err)
		for _, d := range due {
			got[d.Case] = flows.Millis(d.Due)
		}
	}
	return got
}

// kinds is the timeline of a case as the kinds of its events.
func (k kit) kinds(id flows.CaseID) []flows.EventKind {
	k.Helper()
	events, err := k.s.Timeline(k.ctx(), id)
	k.must(err)
	var kinds []flows.EventKind
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// ids is the ids of cases, in order.
func ids(cases []flows.Case) []flows.CaseID {
	var got []flows.CaseID
	for _, c := range cases {
		got = append(got, c.ID)
	}
	return got
}

// together runs n goroutines that start at the same moment.
func together(n int, do func(i int)) {
	start, done := make(chan struct{}), make(chan struct{}, n)
	for i := range n {
		go func() {
			<-start
			do(i)
			done <- struct{}{}
		}()
	}
	close(start)
	for range n {
		<-done
	}
}

// sorted is a copy in order.
func sorted[S ~[]E, E ~string](s S) S {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

func label(i int) string { return fmt.Sprintf("m%d", i) }
