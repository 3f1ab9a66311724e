package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/store/journal"
	"hotline/store/journal/backup"
	"hotline/store/storetest"
	"hotline/store/vault"
)

// keptApp is an app on a real Redis with a journal, whose clock the test moves.
type keptApp struct {
	*app
	redis *storetest.Redis
	home  string
	at    *atomic.Int64
}

func (k *keptApp) pass(d time.Duration) { k.at.Add(int64(d)) }

func newKeptApp(t *testing.T, change ...func(*parts)) *keptApp {
	t.Helper()
	k := &keptApp{redis: storetest.StartRedis(t, "--rdbcompression", "no"), home: t.TempDir(), at: &atomic.Int64{}}
	k.at.Store(realTime().UnixNano())
	cfg, err := configs.Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Redis.Partitions, cfg.Redis.Addresses = 4, []string{k.redis.Addr}
	cfg.Journal.Dir, cfg.KeyFile = filepath.Join(k.home, "journal"), filepath.Join(k.home, "secret", "key")
	if err := errors.Join(os.Mkdir(filepath.Dir(cfg.KeyFile), 0o700), vault.NewKeyFile(cfg.KeyFile)); err != nil {
		t.Fatal(err)
	}
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Unix(0, k.at.Load()) }
	p := parts{cfg: cfg, log: zap.NewNop(), now: now, data: d, send: nowhere{}}
	for _, c := range change {
		c(&p)
	}
	if k.app, err = openApp(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.close)
	sample := func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }
	if err := k.install(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	k.app.dialog.Settings.Patience = time.Minute
	return k
}

// write sends a text as a phone does, and returns the answer.
func (k *keptApp) write(t *testing.T, id, number, text string) string {
	t.Helper()
	from, err := flows.ParsePhone(number)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := k.dialog.Handle(t.Context(), flows.Inbound{
		Provider: "gateway", ID: id, Channel: flows.SMS, Signal: flows.Input, From: from, To: "1111", Text: text, At: k.now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return reply.Text
}

// end closes a case.
func (k *keptApp) end(t *testing.T, id flows.CaseID) flows.Case {
	t.Helper()
	c, err := k.store.Case(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	ch := flows.BeginChange(k.now(), c)
	ch.Case.Status, ch.Case.Closed = flows.StatusClosed, k.now()
	ch.DisarmAll("closed")
	ch.Log(flows.Event{Kind: flows.EventClosed})
	if _, err := k.store.Commit(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	c, err = k.store.Case(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// textReceipt finds receipt and PIN in the answer to a text.
var textReceipt = regexp.MustCompile(`(\d{4} \d{4}) PIN (\d{6})`)

const (
	plantedNumber = "+84913572468"
	plantedText   = "chau Lo Thi Canary bi danh o ban Pieng Phuong, goi 0913 572 468"
)

// TestPurgeProvesItself plants a number, a name and a sentence, closes the case
// and lets a year pass. Then it searches all that is left, first as anybody could
// who has every disk, then as somebody could who has the key file too.
func TestPurgeProvesItself(t *testing.T) {
	k := newKeptApp(t)
	ctx := t.Context()
	k.write(t, "m1", plantedNumber, plantedText)
	open, err := k.store.Open(ctx)
	if err != nil || len(open) != 1 || len(open[0].Texts) == 0 {
		t.Fatalf("open cases = %+v, %v", open, err)
	}
	c := open[0]
	if err := k.safe.numbers.Remember(ctx, k.now(), c.ID, flows.Phone{}); err == nil {
		t.Fatal("no number is taken for one")
	}
	phone, _ := flows.ParsePhone(plantedNumber)
	if err := k.safe.numbers.Remember(ctx, k.now(), c.ID, phone); err != nil {
		t.Fatal(err)
	}
	if text, err := k.vault.Open(ctx, c.ID, c.Texts[0].Field, c.Texts[0].Data); err != nil || !strings.Contains(string(text), "Canary") {
		t.Fatalf("before it the text opens as %q, %v", text, err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if _, err := backup.Write(ctx, &copied, k.now(), []age.Recipient{id.Recipient()}, []backup.Source{{Name: "journal", Path: k.cfg.Journal.Dir}}); err != nil {
		t.Fatal(err)
	}
	closed := k.end(t, c.ID)
	if len(closed.Timers) != 1 || !flows.Moment(closed.Timers[flows.TimerPurge]).Equal(closed.Closed.Add(k.cfg.Retention.Text).Truncate(time.Millisecond)) {
		t.Fatalf("closed at %v with timers %v", closed.Closed, closed.Timers)
	}

	k.pass(k.cfg.Retention.Text - time.Hour)
	if n, err := k.purges.Tick(ctx, k.now()); n != 0 || err != nil {
		t.Fatalf("an hour early %d cases are purged, %v", n, err)
	}
	k.pass(2 * time.Hour)
	if n, err := k.purges.Tick(ctx, k.now()); n != 1 || err != nil {
		t.Fatalf("after a year %d cases are purged, %v", n, err)
	}
	if err := k.ledger.Flush(ctx); err != nil {
		t.Fatal(err)
	}

	after, err := k.store.Case(ctx, c.ID)
	if err != nil || after.HoldsText() || after.Purged.IsZero() || len(after.Timers) > 0 {
		t.Errorf("after it the case is %+v, %v", after, err)
	}
	words := newCanary(append(spelled("0913572468"), plantedText, "Canary", "Pieng Phuong")...)
	k.searchAll(t, words)
	into := filepath.Join(t.TempDir(), "back")
	if _, err := backup.Restore(ctx, &copied, into, id); err != nil {
		t.Fatal(err)
	}
	words.inFiles(t, into)
	for name, dir := range map[string]string{"journal": k.cfg.Journal.Dir, "backup": filepath.Join(into, "journal")} {
		if n := k.openEverything(ctx, t, dir, words); n == 0 {
			t.Errorf("the %s holds no sealed text: this tests nothing", name)
		}
	}
	if _, err := k.vault.Open(ctx, c.ID, c.Texts[0].Field, c.Texts[0].Data); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("the text as it was sealed: %v, want ErrShredded", err)
	}
	keys, err := os.ReadFile(keyStorePath(k.cfg))
	if err != nil || bytes.Contains(keys, []byte(c.ID)) {
		t.Errorf("the key store still names the case, %v", err)
	}
}

// searchAll looks into every byte of Redis and of the disk.
func (k *keptApp) searchAll(t *testing.T, words *canary) {
	t.Helper()
	client := k.redis.Client(t)
	if err := client.Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"*.rdb", "appendonlydir/*.incr.aof"} {
		if found, err := filepath.Glob(filepath.Join(k.redis.Dir, kind)); err != nil || len(found) == 0 {
			t.Errorf("Redis has no file %s to be searched, %v", kind, err)
		}
	}
	keys := words.inRedis(t, client)
	files := words.inFiles(t, k.redis.Dir) + words.inFiles(t, k.home)
	if keys < 10 || files < 5 || words.looked < 10_000 {
		t.Errorf("only %d keys, %d files, %d bytes were searched", keys, files, words.looked)
	}
	t.Logf("%d keys and %d files were searched, %d bytes", keys, files, words.looked)
}

// openEverything opens with the vault of today all that a journal holds, and
// searches what comes out. It returns how many sealed texts it met.
func (k *keptApp) openEverything(ctx context.Context, t *testing.T, dir string, words *canary) (sealed int) {
	t.Helper()
	_, err := journal.Restore(ctx, []string{dir}, k.ledger.key, func(r journal.Record) error {
		if r.Kind != journal.KindChange {
			return nil
		}
		ch, err := journal.Decode(r)
		for _, s := range ch.Case.Texts {
			if len(s.Data) == 0 {
				continue
			}
			sealed++
			if text, err := k.vault.Open(ctx, r.Case, s.Field, s.Data); err == nil {
				t.Errorf("%s of record %d opens", s.Field, r.Seq)
				words.in(t, "an opened text", text)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// TestAskingPostponesThePurge: a reporter who asks with receipt and PIN in the
// last fortnight finds the case there a fortnight later.
func TestAskingPostponesThePurge(t *testing.T) {
	k := newKeptApp(t)
	ctx := t.Context()
	k.write(t, "m1", plantedNumber, plantedText)
	var form []string
	for n := 0; form == nil && n < 6; n++ {
		form = textReceipt.FindStringSubmatch(k.write(t, fmt.Sprint("a", n), plantedNumber, "1"))
	}
	open, err := k.store.Open(ctx)
	if err != nil || len(open) != 1 {
		t.Fatalf("%d open cases, %v", len(open), err)
	}
	if form == nil {
		t.Fatal("no receipt was shown")
	}
	k.end(t, open[0].ID)
	k.pass(k.cfg.Retention.Text - 24*time.Hour)
	if got := k.write(t, "m2", "+84913572469", "MA "+form[1]+" "+form[2]); !strings.Contains(got, "xong") {
		t.Fatalf("whoever asks reads %q", got)
	}
	k.pass(13 * 24 * time.Hour)
	if n, err := k.purges.Tick(ctx, k.now()); n != 0 || err != nil {
		t.Fatalf("%d cases are purged thirteen days after the question, %v", n, err)
	}
	k.pass(2 * 24 * time.Hour)
	if n, err := k.purges.Tick(ctx, k.now()); n != 1 || err != nil {
		t.Fatalf("%d cases are purged fifteen days after it, %v", n, err)
	}
}

// TestRestoreAfterAPurgeBringsNothingBack: the case is purged, then Redis is lost.
// The journal of today brings an empty case back, with its times and nothing to
// purge. A copy of the journal from before brings the sealed words, which no key
// opens, and the case is purged again at once.
func TestRestoreAfterAPurgeBringsNothingBack(t *testing.T) {
	k := newKeptApp(t)
	ctx := t.Context()
	k.write(t, "m1", plantedNumber, plantedText)
	open, err := k.store.Open(ctx)
	if err != nil || len(open) != 1 || len(open[0].Texts) == 0 {
		t.Fatalf("open cases = %+v, %v", open, err)
	}
	id := open[0].ID
	k.end(t, id)
	if err := k.ledger.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	before := filepath.Join(t.TempDir(), "before")
	if err := os.CopyFS(before, os.DirFS(k.cfg.Journal.Dir)); err != nil {
		t.Fatal(err)
	}
	k.pass(k.cfg.Retention.Text + time.Hour)
	if n, err := k.purges.Tick(ctx, k.now()); n != 1 || err != nil {
		t.Fatalf("%d cases are purged, %v", n, err)
	}
	if err := k.ledger.Flush(ctx); err != nil {
		t.Fatal(err)
	}

	restored := func(dir string) flows.Case {
		t.Helper()
		client := k.redis.Client(t)
		for _, key := range client.Keys(ctx, "hl:{*").Val() { // the cases, not the keys
			client.Del(ctx, key)
		}
		if r, err := rebuild(ctx, k.store, []string{dir}, k.ledger.key, k.vault, k.now()); err != nil || r.cases != 1 {
			t.Fatalf("%d cases come back, %v", r.cases, err)
		}
		c, err := k.store.Case(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := restored(k.cfg.Journal.Dir); c.HoldsText() || c.Purged.IsZero() || len(c.Timers) > 0 {
		t.Errorf("from the journal of today: %+v", c)
	}
	c := restored(before)
	if !c.HoldsText() || !c.Purged.IsZero() {
		t.Fatalf("from the copy: %+v: this tests nothing", c)
	}
	for _, s := range c.Texts {
		if _, err := k.vault.Open(ctx, id, s.Field, s.Data); !errors.Is(err, vault.ErrShredded) {
			t.Errorf("%s from the copy: %v, want ErrShredded", s.Field, err)
		}
	}
	if n, err := k.purges.Tick(ctx, k.now()); n != 1 || err != nil {
		t.Errorf("at once %d cases are purged, %v", n, err)
	}
	if c, err = k.store.Case(ctx, id); err != nil || c.HoldsText() || c.Purged.IsZero() {
		t.Errorf("after it: %+v, %v", c, err)
	}
}

// TestEpochKeysGoOnSchedule runs the hourly loop of the vault over the end of epochs:
// the key of the old one is out of the key store, the same number has
// another pseudonym, and the audit says so; an hour before nothing has changed.
func TestEpochKeysGoOnSchedule(t *testing.T) {
	k := newKeptApp(t)
	ctx, epoch := t.Context(), k.cfg.Retention.Pseudonyms
	if epoch <= 0 || epoch > 90*24*time.Hour {
		t.Fatalf("pseudonyms are kept for %v", epoch)
	}
	next := k.now().UnixMilli()/epoch.Milliseconds() + 1 // epochs are counted from 1970
	k.at.Store(time.UnixMilli(next * epoch.Milliseconds()).Add(time.Hour).UnixNano())
	hour := func() string {
		t.Helper()
		if err := k.safe.advance(ctx, k.now(), nil, k.ledger); err != nil {
			t.Fatal(err)
		}
		return k.vault.Digest("thread", plantedNumber)
	}
	name := fmt.Sprint("epoch/", next)
	first := hour()
	held := func() bool {
		t.Helper()
		keys, err := os.ReadFile(keyStorePath(k.cfg))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(keys, []byte(name))
	}
	k.pass(epoch - 2*time.Hour)
	if got := hour(); got != first || !held() {
		t.Fatalf("an hour early the pseudonym is another %v, the key is there %v", got != first, held())
	}
	k.pass(2 * time.Hour)
	if hour() == first {
		t.Error("the pseudonym of a number is still the same")
	}
	if held() {
		t.Errorf("the key %s is still there", name)
	}
	deeds, _, err := k.deeds.Deeds(ctx, flows.DeedFilter{Kind: flows.DeedKey})
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, d := range deeds {
		told = told || strings.HasPrefix(d.What, "epoch ") && d.From == "retention" && d.Why != ""
	}
	if !told {
		t.Errorf("the audit does not say that a key was destroyed: %+v", deeds)
	}
}
