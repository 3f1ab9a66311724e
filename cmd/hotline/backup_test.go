package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// TestBackupComesBackOnAnotherMachine: journal and keys are copied while the
// server runs; a server on what comes out of the copies knows every receipt.
func TestBackupComesBackOnAnotherMachine(t *testing.T) {
	s := startSole(t)
	shown := map[string]string{}
	for n := range 3 {
		var screen string
		for _, transcript := range reportDialogue() {
			screen = s.insist(t, n, transcript, func() {})
		}
		shown[receiptIn(screen)] = screen
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity, other := filepath.Join(s.dir, "identity"), filepath.Join(s.dir, "other")
	if err := os.WriteFile(identity, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	steps := [][]string{
		{"backup", "make", "--to", id.Recipient().String(), s.dir + "/journal.age"},
		{"backup", "make", "--keys", "--to", id.Recipient().String(), s.dir + "/keys.age"},
		{"backup", "check", "-i", identity, s.dir + "/journal.age"},
		{"backup", "restore", "-i", identity, "--into", other, s.dir + "/journal.age"},
		{"backup", "restore", "-i", identity, "--into", other + ".k", s.dir + "/keys.age"},
	}
	for _, args := range steps {
		if code, out, errs := s.command(t, args...); code != 0 || !strings.Contains(out, "files") {
			t.Fatalf("%v: exit %d: %s%s", args[:2], code, out, errs)
		}
	}
	if code, _, errs := s.command(t, steps[0]...); code != 1 || !strings.Contains(errs, "exists") {
		t.Errorf("a backup is replaced: exit %d: %s", code, errs)
	}
	if code, _, errs := s.command(t, "backup", "make", "--to", "nobody", s.dir+"/x"); code != 1 || !strings.Contains(errs, "age1") {
		t.Errorf("a recipient that is none: exit %d: %s", code, errs)
	}
	s.kill()
	s.env = append(s.env, "HOTLINE_JOURNAL_DIR="+other+"/journal", "HOTLINE_KEY_STORE="+other+".k/keys")
	s.restart()
	if screen := s.insist(t, 0, "2*1*Mai Chau*2*2", func() {}); shown[receiptIn(screen)] == "" {
		t.Errorf("the same turn on the other machine gets %q", screen)
	}
	s.kill()
	s.sub = "other/journal"
	s.checkJournal(t, shown, len(shown))
}
