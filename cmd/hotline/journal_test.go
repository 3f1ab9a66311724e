package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/store"
	"hotline/store/journal"
	"hotline/store/vault"
)

// TestRedisDataDeletedAndRestored: the folder of Redis goes while the server
// runs; it says so, and still takes calls. From the journal every receipt leads
// where it led.
func TestRedisDataDeletedAndRestored(t *testing.T) {
	s := startServed(t)
	s.kill()
	s.env = append(s.env, "HOTLINE_JOURNAL_DIR="+s.journal())
	s.restart()
	shown := map[string]string{}
	for n := range 5 {
		var screen string
		for _, transcript := range reportDialogue() {
			screen = s.insist(t, n, transcript, func() {})
		}
		shown[receiptIn(screen)] = screen
	}
	s.redis.kill()
	if err := os.RemoveAll(s.redis.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.redis.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.redis.start(t.Context()); err != nil {
		t.Fatal(err)
	}

	if screen := s.insist(t, 6, "", func() {}); !strings.HasPrefix(screen, "CON ") {
		t.Errorf("on the empty Redis a caller reads %q", screen)
	}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for range 200 { // it looks every three seconds
		if statusOf(t, s.ready) != http.StatusOK {
			break
		}
		<-look.C
	}
	if got := statusOf(t, s.ready); got != http.StatusServiceUnavailable {
		t.Errorf("readiness on the empty Redis = %d, want 503", got)
	}
	s.kill()
	code, _, errs := s.command(t, "serve")
	if code != 1 || !strings.Contains(errs, "hotline journal restore") {
		t.Errorf("serve on an empty Redis exits with %d: %s", code, errs)
	}
	for range 2 { // the second time it has nothing left to do
		code, out, errs := s.command(t, "journal", "restore")
		if code != 0 || !strings.Contains(out, "5 cases") {
			t.Fatalf("journal restore exits with %d: %s%s", code, out, errs)
		}
	}
	s.checkBoard(t, shown, len(shown))
	s.restart()
	if screen := s.insist(t, 9, "", func() {}); !strings.HasPrefix(screen, "CON ") {
		t.Errorf("after the restore a caller reads %q", screen)
	}
	if got := statusOf(t, s.ready); got != http.StatusOK {
		t.Errorf("readiness = %d, want 200", got)
	}
}

// TestJournalVerifyFindsAChangedByte: somebody with the disk in hand, and a
// server that goes on all the same.
func TestJournalVerifyFindsAChangedByte(t *testing.T) {
	s := startSole(t)
	for _, transcript := range reportDialogue() {
		s.insist(t, 1, transcript, func() {})
	}
	s.kill()
	code, out, errs := s.command(t, "journal", "verify", s.journal())
	if code != 0 || !strings.Contains(out, "records in 1 segments") {
		t.Fatalf("a true journal: exit %d: %s%s", code, out, errs)
	}
	files, err := filepath.Glob(filepath.Join(s.journal(), "*.journal"))
	if err != nil || len(files) != 1 {
		t.Fatalf("segments = %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(files[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ = s.command(t, "journal", "verify", s.journal())
	if code != 1 || !strings.Contains(out, "changed") {
		t.Errorf("a changed journal: exit %d: %s", code, out)
	}
}

// disk is a file whose writes fail while it is full.
type disk struct {
	*os.File
	full *atomic.Bool
}

func (d disk) Write(b []byte) (int, error) {
	if d.full.Load() {
		return 0, syscall.ENOSPC
	}
	return d.File.Write(b)
}

// TestDiskFullUnderTheJournal: beside a Redis nothing is lost and readiness says
// so; without one nobody is told that something is safe which is not. When there
// is room again the journal catches up and the same turn gets its answer.
func TestDiskFullUnderTheJournal(t *testing.T) {
	for _, c := range []struct {
		name string
		sole bool
	}{{"beside a Redis", false}, {"without one", true}} {
		t.Run(c.name, func(t *testing.T) {
			var full atomic.Bool
			a := appOn(t, &full, c.sole)
			hops := reportDialogue()
			for _, transcript := range hops[:len(hops)-1] {
				if _, err := a.dialog.Handle(t.Context(), dialled(t, transcript)); err != nil {
					t.Fatal(err)
				}
			}
			full.Store(true)
			last := dialled(t, hops[len(hops)-1])
			for range 2 {
				reply, err := a.dialog.Handle(t.Context(), last)
				if told := receiptIn(reply.Text) != ""; told == c.sole {
					t.Errorf("with a full disk the caller reads %q, %v", reply.Text, err)
				}
			}
			if err := a.ledger.ready(t.Context()); err == nil {
				t.Error("readiness does not see the full disk")
			}
			full.Store(false)
			a.ledger.mend(t.Context(), a.store)
			if err := a.ledger.ready(t.Context()); err != nil {
				t.Errorf("readiness after it = %v", err)
			}
			reply, err := a.dialog.Handle(t.Context(), last)
			if err != nil || receiptIn(reply.Text) == "" {
				t.Errorf("after it the caller reads %q, %v", reply.Text, err)
			}
			open, err := a.store.Open(t.Context())
			if err != nil || len(open) != 1 {
				t.Fatalf("%d open cases, %v; want 1", len(open), err)
			}
			held, _, err := journal.Versions(t.Context(), []string{a.ledger.cfg.Dir}, a.ledger.key)
			if err != nil || held[open[0].ID].Whole != open[0].Version {
				t.Errorf("the journal holds %+v of version %d, %v", held[open[0].ID], open[0].Version, err)
			}
		})
	}
}

func dialled(t *testing.T, transcript string) flows.Inbound {
	t.Helper()
	from, err := flows.ParsePhone("+84910000001")
	if err != nil {
		t.Fatal(err)
	}
	in := flows.Inbound{
		Provider: "africastalking", Channel: flows.USSD, Signal: flows.Input, From: from,
		To: "*1111#", Session: "s1", Text: transcript, Cumulative: true, At: realTime(),
	}
	if transcript == "" {
		in.Signal = flows.Begin
	}
	return in
}

// appOn is an app whose journal lies on a disk that can be full.
func appOn(t *testing.T, full *atomic.Bool, sole bool) *app {
	t.Helper()
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Redis.Partitions, cfg.Journal.Dir = 4, t.TempDir()
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(vault.Random())
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(journal.Options{Dir: cfg.Journal.Dir, Now: realTime, Create: func(path string) (journal.Output, error) {
		f, err := os.Create(path)
		return disk{f, full}, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{
		Journal: j, cfg: cfg.Journal, now: realTime, log: zap.NewNop(), sole: sole,
		absent: map[change]bool{}, warn: func(error) {},
	}
	if sole {
		l.turns = &turnKeeper{post: l.Post, vault: keys, warn: l.warn}
	}
	a, err := newApp(t.Context(), parts{
		cfg: cfg, log: zap.NewNop(), now: realTime, vault: keys, data: d, send: nowhere{}, ledger: l,
		open: openSole(l, keys, func(*store.Embedded) {}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	sample := func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }
	if err := a.install(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	a.dialog.Settings.Patience = time.Minute
	return a
}

// command runs the program as an operator would in the shell of the server.
func (s *served) command(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	var ours []string
	for _, kv := range s.env {
		if strings.HasPrefix(kv, "HOTLINE_") {
			ours = append(ours, kv)
		}
	}
	code = run(t.Context(), args, streams{out: &o, err: &e, environ: ours})
	return code, o.String(), e.String()
}

// TestMessagesLeaveAfterTheDisk: where nothing else keeps a case, no message
// leaves before the disk has what it follows from; a full disk stops none.
func TestMessagesLeaveAfterTheDisk(t *testing.T) {
	var full atomic.Bool
	for _, sole := range []bool{true, false} {
		a := appOn(t, &full, sole)
		if _, waits := a.mail.Sender.(afterDisk); waits != sole {
			t.Errorf("sole %v: the sender waits for the disk: %v", sole, waits)
		}
	}
	a := appOn(t, &full, true)
	left := 0
	s := afterDisk{counting{&left}, a.ledger}
	full.Store(true)
	_ = a.ledger.Post(journal.Record{At: a.now(), Kind: journal.KindNote, Body: []byte("x")})
	if _, err := s.Send(t.Context(), flows.Message{}, flows.Phone{}); err != nil || left != 1 {
		t.Errorf("with a full disk %d messages left, %v", left, err)
	}
}

type counting struct{ n *int }

func (c counting) Send(context.Context, flows.Message, flows.Phone) (flows.Sending, error) {
	*c.n++
	return flows.Sending{}, nil
}
