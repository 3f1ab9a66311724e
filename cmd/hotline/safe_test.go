package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/dispatch"
	"hotline/store/journal"
	"hotline/store/vault"
)

// soleApp is the app of a serve without Redis, its loops at rest.
func soleApp(t *testing.T, dir string, change ...func(*parts)) *app {
	t.Helper()
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Redis.Partitions, cfg.Journal.Dir, cfg.KeyFile = 4, filepath.Join(dir, "journal"), filepath.Join(dir, "key")
	if _, err := os.Stat(cfg.KeyFile); err != nil {
		if err := vault.NewKeyFile(cfg.KeyFile); err != nil {
			t.Fatal(err)
		}
	}
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	p := parts{cfg: cfg, log: zap.NewNop(), now: realTime, data: d, send: nowhere{}}
	for _, c := range change {
		c(&p)
	}
	a, err := openApp(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	sample := func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }
	if err := a.install(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	a.dialog.Settings.Patience = time.Minute
	return a
}

// allow files a report whose reporter may be texted, and returns its case.
func allow(t *testing.T, a *app) flows.Case {
	t.Helper()
	for _, transcript := range []string{"", "2", "2*1", "2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*1"} {
		if _, err := a.dialog.Handle(t.Context(), dialled(t, transcript)); err != nil {
			t.Fatal(err)
		}
	}
	open, err := a.store.Open(t.Context())
	if err != nil || len(open) != 1 || !open[0].Contact {
		t.Fatalf("open cases = %d, %v; want one whose reporter may be texted", len(open), err)
	}
	return open[0]
}

// TestTheReportersNumberIsForTheSenderAlone: it survives a start, goes with the
// word, and lies nowhere in the open.
func TestTheReportersNumberIsForTheSenderAlone(t *testing.T) {
	dir := t.TempDir()
	a := soleApp(t, dir)
	c := allow(t, a)
	a.close()
	a = soleApp(t, dir)
	defer a.close()
	var phones dispatch.Phones = a.phones()
	want := dialled(t, "").From
	if got, ok := phones.Phone(flows.ToReporter(c.ID), 0); !ok || got != want {
		t.Errorf("after a start the sender finds %v, %v", got, ok)
	}
	if got, ok := phones.Phone(a.dir.view.Load().directory.Members[0].ID, 0); !ok || got.IsZero() {
		t.Error("members are not found any more")
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), "910000001") {
			t.Errorf("%s shows the number", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	stop := flows.Inbound{Provider: "gateway", ID: "m1", Channel: flows.SMS, Signal: flows.Input, From: want, To: "1111", Text: "DUNG", At: realTime()}
	if reply, err := a.dialog.Handle(t.Context(), stop); err != nil || reply.Text == "" {
		t.Fatalf("the word is answered by %q, %v", reply.Text, err)
	}
	if got, ok := phones.Phone(flows.ToReporter(c.ID), 0); ok {
		t.Errorf("after the word the sender finds %v", got)
	}
	if after, err := a.store.Case(t.Context(), c.ID); err != nil || after.Contact {
		t.Errorf("the case still says that its reporter may be texted, %v", err)
	}
}

// TestPINsGetTheSlowHash: with an empty stock a step does not wait; its case gets
// the slow hash afterwards, and the PIN stays the same.
func TestPINsGetTheSlowHash(t *testing.T) {
	a := soleApp(t, t.TempDir())
	defer a.close()
	var screen string
	for _, transcript := range reportDialogue() {
		reply, err := a.dialog.Handle(t.Context(), dialled(t, transcript))
		if err != nil {
			t.Fatal(err)
		}
		screen = reply.Text
	}
	open, err := a.store.Open(t.Context())
	if err != nil || len(open) != 1 || hard(open[0].PIN) || a.drawn.stock.Empty() == 0 {
		t.Fatalf("%d cases, %v; want one whose receipt came from an empty stock", len(open), err)
	}
	if err := a.drawn.harden(t.Context(), <-a.drawn.soft); err != nil {
		t.Fatal(err)
	}
	c, err := a.store.Case(t.Context(), open[0].ID)
	if err != nil || !hard(c.PIN) {
		t.Fatalf("the PIN has not got the slow hash, %v", err)
	}
	_, pin, _ := strings.Cut(receiptForm.FindString(screen), "PIN ")
	if same, err := a.vault.SamePIN(t.Context(), c.PIN, receiptIn(screen), pin); err != nil || !same {
		t.Errorf("the PIN that was shown is not the one, %v", err)
	}
	a.drawn.stock.Pause = 0
	if err := a.drawn.stock.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, ready, err := a.drawn.draw(3); err != nil || !hard(ready) {
		t.Errorf("a full stock gives a fast hash, %v", err)
	}
}

// TestACaseCanBeShredded: what was sealed for it cannot be opened again, also not
// after a start.
func TestACaseCanBeShredded(t *testing.T) {
	dir := t.TempDir()
	a := soleApp(t, dir)
	sealed, err := a.vault.Seal(t.Context(), "03abc", "text", []byte("what was said"))
	if err != nil {
		t.Fatal(err)
	}
	a.close()
	a = soleApp(t, dir)
	if text, err := a.vault.Open(t.Context(), "03abc", "text", sealed); err != nil || string(text) != "what was said" {
		t.Errorf("after a start it opens as %q, %v", text, err)
	}
	if err := a.vault.Shred(t.Context(), "03abc"); err != nil {
		t.Fatal(err)
	}
	a.close()
	a = soleApp(t, dir)
	defer a.close()
	if _, err := a.vault.Open(t.Context(), "03abc", "text", sealed); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("after it was shredded: %v", err)
	}
}

// TestWhatTheHotlineForgetsIsWrittenDown: numbers and pseudonyms whose time is
// over are gone, and the journal says that they are, and not what they were.
func TestWhatTheHotlineForgetsIsWrittenDown(t *testing.T) {
	a := soleApp(t, t.TempDir())
	defer a.close()
	c := allow(t, a)
	later := realTime().Add(400 * 24 * time.Hour)
	if err := a.safe.forget(t.Context(), later, a.ledger); err != nil {
		t.Fatal(err)
	}
	if err := a.safe.advance(t.Context(), later, a.ledger.turns, a.ledger); err != nil {
		t.Fatal(err)
	}
	if _, ok := a.phones().Phone(flows.ToReporter(c.ID), 0); ok {
		t.Error("the number is still there")
	}
	var got []string
	_, err := journal.ReadAudit(t.Context(), []string{a.cfg.Journal.Dir}, a.ledger.key, func(d flows.Deed) error {
		what, _, _ := strings.Cut(d.What, " ")
		got = append(got, string(d.Kind)+" "+what+" of "+string(d.Case))
		return nil
	})
	want := []string{"purge number of " + string(c.ID), "key epoch of "}
	if diff := cmp.Diff(got, want); err != nil || diff != "" {
		t.Errorf("%v; got - want +\n%s", err, diff)
	}
}

// TestAJournalMakesTheInProcessServerDurable: monitoring does not cry about a
// store in memory whose journal is on the disk.
func TestAJournalMakesTheInProcessServerDurable(t *testing.T) {
	a := soleApp(t, t.TempDir())
	defer a.close()
	if err := a.watch.tick(t.Context(), realTime()); err != nil {
		t.Fatal(err)
	}
	for _, server := range a.watch.seen.Load().Durability {
		if len(server.Faults) > 0 {
			t.Errorf("faults = %v, want none", server.Faults)
		}
	}
}

// TestAnotherKeyTakesOverInTheBackground: after a rotation texts open as before,
// the old line is soon of no use, and without it everything still opens.
func TestAnotherKeyTakesOverInTheBackground(t *testing.T) {
	dir := t.TempDir()
	a := soleApp(t, dir)
	sealed, err := a.vault.Seal(t.Context(), "03abc", "text", []byte("what was said"))
	if err != nil {
		t.Fatal(err)
	}
	a.close()
	file := filepath.Join(dir, "key")
	if code, out, errs := command(t, "", nil, "admin", "rotate", file); code != 0 || !strings.Contains(out, "new key") {
		t.Fatalf("admin rotate exits with %d: %s%s", code, out, errs)
	}
	a = soleApp(t, dir)
	if err := a.safe.advance(t.Context(), realTime(), a.ledger.turns, a.ledger); err != nil {
		t.Fatal(err)
	}
	deeds, _, err := a.deeds.Deeds(t.Context(), flows.DeedFilter{Kind: flows.DeedKey})
	if err != nil || len(deeds) != 1 || !strings.Contains(deeds[0].What, "keys sealed under") {
		t.Errorf("deeds = %+v, %v", deeds, err)
	}
	a.close()
	lines, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(lines), "\n")
	if err := os.WriteFile(file, []byte(first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a = soleApp(t, dir)
	defer a.close()
	if text, err := a.vault.Open(t.Context(), "03abc", "text", sealed); err != nil || string(text) != "what was said" {
		t.Errorf("with the new key alone it opens as %q, %v", text, err)
	}
}
