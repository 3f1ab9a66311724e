package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"hotline/flows"
	"hotline/store/vault"
)

func value(t testing.TB, s string) vault.Material {
	t.Helper()
	m, err := vault.Value(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func with(t testing.TB, m vault.Material, keys vault.KeyStore) *vault.Vault {
	t.Helper()
	v, err := vault.OpenWith(t.Context(), m, keys, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func seal(t testing.TB, v *vault.Vault, id flows.CaseID) []byte {
	t.Helper()
	sealed, err := v.Seal(t.Context(), id, "text/1", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func openKeys(t testing.TB, path string) *vault.FileKeys {
	t.Helper()
	k, err := vault.OpenKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

// stores are the key stores that must behave alike.
func stores(t *testing.T, run func(t *testing.T, keys vault.KeyStore)) {
	t.Run("memory", func(t *testing.T) { run(t, &vault.MemoryKeys{}) })
	t.Run("redis", func(t *testing.T) { run(t, redisKeys(t, miniredis.RunT(t))) })
	t.Run("redis and file", func(t *testing.T) { run(t, sharedKeys(t, miniredis.RunT(t))) })
	t.Run("file", func(t *testing.T) { run(t, openKeys(t, filepath.Join(t.TempDir(), "keys"))) })
}

func TestKeyStore(t *testing.T) {
	stores(t, func(t *testing.T, keys vault.KeyStore) {
		ctx := t.Context()
		if _, err := keys.Key(ctx, "a"); !errors.Is(err, flows.ErrNotFound) {
			t.Errorf("Key of nothing = %v, want ErrNotFound", err)
		}
		for _, add := range []string{"one", "two"} {
			if got, err := keys.AddKey(ctx, "a", []byte(add)); err != nil || string(got) != "one" {
				t.Errorf("AddKey(%s) = %q, %v, want the first", add, got, err)
			}
		}
		if err := keys.ReplaceKey(ctx, "a", []byte("two"), []byte("three")); !errors.Is(err, flows.ErrConflict) {
			t.Errorf("ReplaceKey of another = %v, want ErrConflict", err)
		}
		if err := keys.ReplaceKey(ctx, "a", []byte("one"), []byte("three")); err != nil {
			t.Error(err)
		}
		if got, err := keys.Key(ctx, "a"); err != nil || string(got) != "three" {
			t.Errorf("Key = %q, %v, want three", got, err)
		}
		for range 2 {
			if err := keys.DeleteKey(ctx, "a"); err != nil {
				t.Error(err)
			}
		}
		if err := keys.ReplaceKey(ctx, "a", []byte("three"), []byte("four")); !errors.Is(err, flows.ErrConflict) {
			t.Errorf("ReplaceKey of a destroyed key = %v, want ErrConflict", err)
		}
		for i := range 50 {
			if _, err := keys.AddKey(ctx, fmt.Sprint(i), []byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[string]byte{}
		err := keys.EachKey(ctx, func(name string, sealed []byte) error {
			seen[name] = sealed[0]
			return keys.DeleteKey(ctx, "7")
		})
		delete(seen, "7")
		if err != nil || len(seen) != 49 || seen["12"] != 12 {
			t.Errorf("EachKey sees %d keys, %v, want 49 and perhaps the one deleted meanwhile", len(seen), err)
		}
	})
}

func TestOneKeyWhenManyComeAtOnce(t *testing.T) {
	stores(t, func(t *testing.T, keys vault.KeyStore) {
		m := vault.Random()
		vaults := []*vault.Vault{with(t, m, keys), with(t, m, keys)}
		var wg sync.WaitGroup
		sealed := make([][]byte, 32)
		for i := range sealed {
			wg.Go(func() { sealed[i], _ = vaults[i%2].Seal(t.Context(), caseA, "text/1", []byte(text)) })
		}
		wg.Wait()
		for i, s := range sealed {
			if got, err := vaults[(i+1)%2].Open(t.Context(), caseA, "text/1", s); err != nil || string(got) != text {
				t.Errorf("text %d: %v", i, err)
			}
		}
	})
}

func TestShreddedCaseCannotBeOpened(t *testing.T) {
	stores(t, func(t *testing.T, keys vault.KeyStore) {
		m := vault.Random()
		v := with(t, m, keys)
		a, b := seal(t, v, caseA), seal(t, v, caseB)
		if err := v.Shred(t.Context(), caseA); err != nil {
			t.Fatal(err)
		}
		for name, w := range map[string]*vault.Vault{"the same vault": v, "a new one": with(t, m, keys)} {
			if _, err := w.Open(t.Context(), caseA, "text/1", a); !errors.Is(err, vault.ErrShredded) {
				t.Errorf("%s: Open = %v, want ErrShredded", name, err)
			}
			if _, err := w.Open(t.Context(), caseB, "text/1", b); err != nil {
				t.Errorf("%s: another case: %v", name, err)
			}
		}
		seal(t, v, caseA) // with a new key
		if _, err := v.Open(t.Context(), caseA, "text/1", a); !errors.Is(err, vault.ErrSealed) {
			t.Errorf("under a new key: Open = %v, want ErrSealed", err)
		}
	})
	if err := open(t, vault.Random()).Shred(t.Context(), caseA); err == nil {
		t.Error("Shred without a key store claims to destroy something")
	}
}

func TestSealedKeysCannotBeSwapped(t *testing.T) {
	keys := &vault.MemoryKeys{}
	m := vault.Random()
	v := with(t, m, keys)
	seal(t, v, caseA)
	b := seal(t, v, caseB)
	ka, _ := keys.Key(t.Context(), "case/"+string(caseA))
	kb, _ := keys.Key(t.Context(), "case/"+string(caseB))
	if err := keys.ReplaceKey(t.Context(), "case/"+string(caseB), kb, ka); err != nil {
		t.Fatal(err)
	}
	if _, err := with(t, m, keys).Open(t.Context(), caseB, "text/1", b); !errors.Is(err, vault.ErrSealed) {
		t.Errorf("Open with the key of another case = %v, want ErrSealed", err)
	}
}

func TestRotationTouchesNoTextAndFreesTheOldKey(t *testing.T) {
	stores(t, func(t *testing.T, keys vault.KeyStore) {
		old := with(t, value(t, keyA), keys)
		if _, err := old.Advance(t.Context(), time.Unix(1e9, 0)); err != nil {
			t.Fatal(err)
		}
		a, receipt := seal(t, old, caseA), old.Receipt("48219037")
		session := old.Session(flows.SMS, "1111", phone(t, number))
		both := with(t, value(t, keyB+" "+keyA), keys)
		counts, err := both.Wrapped(t.Context())
		if err != nil || counts[old.Fingerprint()] != 3 || counts[both.Fingerprint()] != 0 {
			t.Fatalf("before: %v, %v", counts, err)
		}
		if n, err := both.Rewrap(t.Context()); err != nil || n != 3 {
			t.Fatalf("Rewrap = %d, %v, want 3 keys", n, err)
		}
		if n, err := both.Rewrap(t.Context()); err != nil || n != 0 {
			t.Errorf("Rewrap again = %d, %v, want nothing to do", n, err)
		}
		if counts, _ := both.Wrapped(t.Context()); counts[old.Fingerprint()] != 0 {
			t.Errorf("after: the old key still seals %d keys", counts[old.Fingerprint()])
		}
		fresh := with(t, value(t, keyB), keys)
		if _, err := fresh.Advance(t.Context(), time.Unix(1e9, 0)); err != nil {
			t.Fatal(err)
		}
		if got, err := fresh.Open(t.Context(), caseA, "text/1", a); err != nil || string(got) != text {
			t.Errorf("without the old key: %v", err)
		}
		if fresh.Receipt("48219037") != receipt || fresh.Session(flows.SMS, "1111", phone(t, number)) != session {
			t.Error("receipts or sessions are lost with the old key")
		}
		if _, err := vault.OpenWith(t.Context(), value(t, keyA), keys, vault.Options{}); err == nil {
			t.Error("the old key still opens the store")
		}
	})
}

func TestEpochEndsAndItsPseudonymsWithIt(t *testing.T) {
	stores(t, func(t *testing.T, keys vault.KeyStore) {
		m := vault.Random()
		v := with(t, m, keys)
		p, at := phone(t, number), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		session := func(day int) flows.SessionID {
			t.Helper()
			if _, err := v.Advance(t.Context(), at.AddDate(0, 0, day)); err != nil {
				t.Fatal(err)
			}
			return v.Session(flows.SMS, "1111", p)
		}
		first, receipt := session(0), v.Receipt("48219037")
		w := with(t, m, keys)
		if _, err := w.Advance(t.Context(), at); err != nil || w.Session(flows.SMS, "1111", p) != first {
			t.Errorf("another process has another pseudonym: %v", err)
		}
		if session(1) != first {
			t.Error("the pseudonym changed within the epoch")
		}
		if session(90) == first {
			t.Error("the pseudonym is the same in the next epoch")
		}
		if v.Receipt("48219037") != receipt {
			t.Error("the receipt changed with the epoch")
		}
		if gone, err := v.Advance(t.Context(), at.AddDate(0, 0, 180)); err != nil || len(gone) != 1 {
			t.Errorf("Advance destroys %v, %v, want one epoch", gone, err)
		}
		if session(0) == first {
			t.Error("the first epoch came back: its key was not destroyed")
		}
	})
	v := open(t, vault.Random())
	before := v.Digest("turn", "a")
	if _, err := v.Advance(t.Context(), time.Unix(1e9, 0)); err != nil || v.Digest("turn", "a") == before {
		t.Errorf("without a key store the epoch does not move: %v", err)
	}
}

func TestFileKeysSurviveACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	k := openKeys(t, path)
	m := vault.Random()
	v := with(t, m, k)
	a, b := seal(t, v, caseA), seal(t, v, caseB)
	if err := v.Shred(t.Context(), caseB); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.OpenKeys(path); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second OpenKeys = %v, want a refusal", err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte(caseB)) {
		t.Error("the file still names the shredded case")
	}
	torn := append(bytes.Clone(data), data[256:300]...) // a write cut short
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	v = with(t, m, openKeys(t, path))
	if got, err := v.Open(t.Context(), caseA, "text/1", a); err != nil || string(got) != text {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := v.Open(t.Context(), caseB, "text/1", b); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("the shredded case after a restart: %v", err)
	}
	for i := range 10 {
		seal(t, v, flows.CaseID(fmt.Sprintf("07new%d", i)))
	}
}

func TestOpenKeysRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"open to others": 0o644, "no key store": 0o600} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("something else"), mode); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.OpenKeys(path); err == nil {
			t.Errorf("%s: OpenKeys takes it", name)
		}
	}
	if _, err := vault.OpenKeys(filepath.Join(dir, "none", "keys")); err == nil {
		t.Error("OpenKeys in a folder that does not exist succeeds")
	}
	k := openKeys(t, filepath.Join(dir, "keys"))
	if _, err := k.AddKey(context.Background(), strings.Repeat("x", 250), nil); err == nil {
		t.Error("a name that fits no slot is taken")
	}
}

func BenchmarkSealWithKeyStore(b *testing.B) {
	v := with(b, vault.Random(), openKeys(b, filepath.Join(b.TempDir(), "keys")))
	b.Run("known case", func(b *testing.B) {
		for b.Loop() {
			seal(b, v, caseA)
		}
	})
	b.Run("new case", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			seal(b, v, flows.CaseID(fmt.Sprintf("07new%d", i)))
		}
	})
}
