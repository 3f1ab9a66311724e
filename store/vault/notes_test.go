package vault_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"hotline/store/vault"
)

// TestNoteOpensOnlyUnderItsNameAndInItsEpoch: what a conversation remembers shows
// nothing, cannot be moved to another, and dies with the epoch.
func TestNoteOpensOnlyUnderItsNameAndInItsEpoch(t *testing.T) {
	v := with(t, vault.Random(), openKeys(t, filepath.Join(t.TempDir(), "keys")))
	begin := time.Unix(1e9, 0)
	if _, err := v.Advance(t.Context(), begin); err != nil {
		t.Fatal(err)
	}
	note := []byte("Ma so 4821 9037 PIN 123456")
	sealed := v.SealNote([]byte("head"), "turn/a/1", note)
	if !bytes.HasPrefix(sealed, []byte("head")) || bytes.Contains(sealed, []byte("4821")) {
		t.Fatalf("sealed = %q", sealed)
	}
	sealed = sealed[len("head"):]
	if got, err := v.OpenNote("turn/a/1", sealed); err != nil || !bytes.Equal(got, note) {
		t.Errorf("it opens as %q, %v", got, err)
	}
	if again := v.SealNote(nil, "turn/a/1", note); bytes.Equal(again, sealed) {
		t.Error("the same note twice looks the same")
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, c := range map[string]struct {
		name   string
		sealed []byte
	}{
		"another name": {"turn/a/2", sealed}, "changed": {"turn/a/1", changed}, "cut": {"turn/a/1", sealed[:9]}, "nothing": {"turn/a/1", nil},
	} {
		if got, err := v.OpenNote(c.name, c.sealed); !errors.Is(err, vault.ErrSealed) || len(got) > 0 {
			t.Errorf("%s: it opens as %q, %v", name, got, err)
		}
	}
	if _, err := v.Advance(t.Context(), begin.Add(200*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got, err := v.OpenNote("turn/a/1", sealed); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("after its epoch it opens as %q, %v", got, err)
	}
}

func BenchmarkSealNote(b *testing.B) {
	v, err := vault.Open(vault.Random())
	if err != nil {
		b.Fatal(err)
	}
	note, buf := make([]byte, 600), make([]byte, 0, 1024)
	for b.Loop() {
		if _, err := v.OpenNote("turn/a/1", v.SealNote(buf[:0], "turn/a/1", note)); err != nil {
			b.Fatal(err)
		}
	}
}
