package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/journal"
	"hotline/store/journal/backup"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

// spellings are the ways a number, a name or a sentence could lie in a file.
func spellings(t *testing.T) [][]byte {
	t.Helper()
	plain := []string{
		number, number[1:], "0912345678", "0912 345 678", "+84 912 345 678", "+84-912-345-678", "%2B84912345678", "tel:+84912345678",
		"912345678", text, "Lò Thị Canary", "be gai nha ben", "4821 9037", "48219037",
	}
	var all [][]byte
	for _, s := range plain {
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, []byte(s), []byte(hex.EncodeToString([]byte(s))), []byte(base64.StdEncoding.EncodeToString([]byte(s))[:len(s)]), bytes.Trim(quoted, `"`))
	}
	return all
}

// search looks for the spellings in every file below a folder.
func search(t *testing.T, dir string, all [][]byte) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		for i, s := range all {
			if bytes.Contains(data, s) {
				t.Errorf("%s holds spelling %d", filepath.Base(path), i)
			}
		}
		return err
	})
	if err != nil || files < 4 {
		t.Fatalf("%d files were searched, %v", files, err)
	}
}

// hotline is the vault, relay and journal of a test, in one folder.
type hotline struct {
	dir    string
	vault  *vault.Vault
	relay  *relay.Relay
	opt    journal.Options
	server *miniredis.Miniredis
}

func newHotline(t *testing.T) *hotline {
	t.Helper()
	h := &hotline{dir: t.TempDir(), server: miniredis.RunT(t)}
	h.vault = with(t, vault.Random(), openKeys(t, filepath.Join(h.dir, "keys")))
	client := redis.NewClient(&redis.Options{Addr: h.server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	h.relay = &relay.Relay{Table: &relay.Redis{Client: client, Prefix: "hl:"}, Vault: h.vault}
	key, err := h.vault.JournalKey()
	if err != nil {
		t.Fatal(err)
	}
	h.opt = journal.Options{Dir: filepath.Join(h.dir, "journal"), Key: key, Now: func() time.Time { return time.Unix(1e9, 0) }}
	return h
}

// report files a case with every canary in it, as the dialogue does.
func (h *hotline) report(t *testing.T) flows.Case {
	t.Helper()
	ctx, p, at := t.Context(), phone(t, number), time.Unix(1e9, 0)
	r := flows.Receipt{Number: "48219037", PIN: "551208"}
	pin, err := h.vault.Harden(ctx, h.vault.PIN(r.Number, r.PIN))
	if err != nil {
		t.Fatal(err)
	}
	ch := flows.BeginChange(at, flows.Case{ID: caseA, Status: flows.StatusIntake, Contact: true, Opened: at, Receipt: h.vault.Receipt(r.Number), PIN: pin})
	for i, s := range []string{text, "Lò Thị Canary, " + number} {
		field := []string{"text/1", "text/2"}[i]
		sealed, err := h.vault.Seal(ctx, caseA, field, []byte(s))
		if err != nil {
			t.Fatal(err)
		}
		ch.Case.Texts = append(ch.Case.Texts, flows.Sealed{Field: field, Data: sealed})
	}
	session := flows.Session{ID: h.vault.Session(flows.USSD, "*1111#", p), Vars: map[string]string{"note": text}, Screen: flows.Reply{Text: r.Groups()}}
	ch.Turn = &flows.Turn{ID: h.vault.Digest("turn", number, text), Session: session, Reply: flows.Reply{Text: r.Groups() + " " + r.PIN}}
	ch.Log(flows.Event{Kind: flows.EventFiled, Via: flows.USSD})
	ch.Case.Version = 1
	if err := h.relay.Remember(ctx, at, caseA, p); err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(h.opt)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.Keep(ch)(ctx); err != nil {
		t.Error(err)
	}
	if err := j.Audit(ctx, flows.Deed{At: at, Case: caseA, Who: "m1", Kind: flows.DeedRead, What: "text/1"}); err != nil {
		t.Error(err)
	}
	return ch.Case
}

func TestCanariesAreReadableNowhere(t *testing.T) {
	h := newHotline(t)
	h.report(t)
	if err := os.WriteFile(filepath.Join(h.dir, "redis"), []byte(h.server.Dump()), 0o600); err != nil {
		t.Fatal(err)
	}
	search(t, h.dir, spellings(t))
}

// TestPurgedCaseOpensFromNoCopy destroys a case and then tries to read it from
// everything that was kept before: store, journal and backup.
func TestPurgedCaseOpensFromNoCopy(t *testing.T) {
	h := newHotline(t)
	c := h.report(t)
	ctx, at := t.Context(), time.Unix(1e9, 0)
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var before bytes.Buffer
	if _, err := backup.Write(ctx, &before, at, []age.Recipient{id.Recipient()}, []backup.Source{{Name: "journal", Path: h.opt.Dir}}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.vault.Shred(ctx, c.ID), h.relay.Forget(ctx, c.ID)); err != nil {
		t.Fatal(err)
	}
	into := filepath.Join(t.TempDir(), "back")
	if _, err := backup.Restore(ctx, &before, into, id); err != nil {
		t.Fatal(err)
	}
	found := false
	_, err = journal.Restore(ctx, []string{filepath.Join(into, "journal")}, h.opt.Key, func(r journal.Record) error {
		if r.Kind != journal.KindChange {
			return nil
		}
		found = true
		ch, err := journal.Decode(r)
		for _, s := range append(ch.Case.Texts, c.Texts...) {
			if _, err := h.vault.Open(ctx, c.ID, s.Field, s.Data); !errors.Is(err, vault.ErrShredded) {
				t.Errorf("%s from the backup: %v, want ErrShredded", s.Field, err)
			}
		}
		return err
	})
	if err != nil || !found {
		t.Fatalf("the backup holds no change, %v", err)
	}
	if keys, err := os.ReadFile(filepath.Join(h.dir, "keys")); err != nil || strings.Contains(string(keys), string(c.ID)) {
		t.Errorf("the key store still names the case, %v", err)
	}
	if strings.Contains(h.server.Dump(), string(c.ID)) {
		t.Error("the relay still names the case")
	}
}
