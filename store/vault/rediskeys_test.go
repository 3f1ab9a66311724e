package vault_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/vault"
)

func redisKeys(t testing.TB, server *miniredis.Miniredis) *vault.RedisKeys {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return &vault.RedisKeys{Client: client, Prefix: "hl:"}
}

func sharedKeys(t testing.TB, server *miniredis.Miniredis) *vault.SharedKeys {
	t.Helper()
	return &vault.SharedKeys{Shared: redisKeys(t, server), Own: openKeys(t, filepath.Join(t.TempDir(), "keys"))}
}

func tidy(t *testing.T, s *vault.SharedKeys, want vault.Tidied) {
	t.Helper()
	if got, err := s.Tidy(t.Context()); err != nil || got != want {
		t.Errorf("Tidy = %+v, %v, want %+v", got, err, want)
	}
}

func TestKeysOutliveTheLossOfRedis(t *testing.T) {
	server := miniredis.RunT(t)
	a, b := sharedKeys(t, server), sharedKeys(t, server)
	m := vault.Random()
	va, vb := with(t, m, a), with(t, m, b)
	one, two := seal(t, va, caseA), seal(t, vb, caseB)
	tidy(t, a, vault.Tidied{Copied: 1}) // the key of case B
	server.FlushAll()
	v := with(t, m, a)
	for id, s := range map[flows.CaseID][]byte{caseA: one, caseB: two} {
		if got, err := v.Open(t.Context(), id, "text/1", s); err != nil || string(got) != text {
			t.Errorf("%s: %v", id, err)
		}
	}
	server.FlushAll()
	tidy(t, a, vault.Tidied{Returned: 3}) // the two and root/lasting
}

func TestKeyDestroyedByOneProcessGoesFromAll(t *testing.T) {
	server := miniredis.RunT(t)
	a, b := sharedKeys(t, server), sharedKeys(t, server)
	m := vault.Random()
	va, vb := with(t, m, a), with(t, m, b)
	sealed := seal(t, va, caseA)
	if _, err := vb.Open(t.Context(), caseA, "text/1", sealed); err != nil {
		t.Fatal(err)
	}
	tidy(t, b, vault.Tidied{Copied: 2})
	if err := va.Shred(t.Context(), caseA); err != nil {
		t.Fatal(err)
	}
	if _, err := with(t, m, b).Open(t.Context(), caseA, "text/1", sealed); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("in the other process: %v, want ErrShredded", err)
	}
	tidy(t, b, vault.Tidied{Destroyed: 1})
	server.FlushAll()
	tidy(t, b, vault.Tidied{Returned: 1})
	if _, err := with(t, m, b).Open(t.Context(), caseA, "text/1", sealed); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("after the loss of Redis: %v, want that the key stays gone", err)
	}
	again := seal(t, with(t, m, a), caseA)
	if _, err := with(t, m, b).Open(t.Context(), caseA, "text/1", again); err != nil {
		t.Errorf("a new key for the case: %v", err)
	}
}

func TestRotationReachesEveryCopy(t *testing.T) {
	server := miniredis.RunT(t)
	a, b := sharedKeys(t, server), sharedKeys(t, server)
	sealed := seal(t, with(t, value(t, keyA), a), caseA)
	tidy(t, b, vault.Tidied{Copied: 2})
	if n, err := with(t, value(t, keyB+" "+keyA), a).Rewrap(t.Context()); err != nil || n != 2 {
		t.Fatalf("Rewrap = %d, %v", n, err)
	}
	tidy(t, b, vault.Tidied{Copied: 2})
	server.FlushAll()
	if got, err := with(t, value(t, keyB), b).Open(t.Context(), caseA, "text/1", sealed); err != nil || string(got) != text {
		t.Errorf("from the other copy with the new key alone: %v", err)
	}
}

func TestKeysWithoutRedis(t *testing.T) {
	server := miniredis.RunT(t)
	s := sharedKeys(t, server)
	v := with(t, vault.Random(), s)
	server.Close()
	ctx := t.Context()
	_, errKey := s.Key(ctx, "a")
	_, errAdd := s.AddKey(ctx, "a", []byte("x"))
	_, errSeal := v.Seal(ctx, caseA, "text/1", []byte(text))
	_, errTidy := s.Tidy(ctx)
	for name, err := range map[string]error{
		"Key": errKey, "AddKey": errAdd, "Seal": errSeal, "Tidy": errTidy,
		"ReplaceKey": s.ReplaceKey(ctx, "a", nil, nil), "DeleteKey": s.DeleteKey(ctx, "a"),
		"EachKey": s.EachKey(ctx, func(string, []byte) error { return nil }),
	} {
		if !errors.Is(err, flows.ErrUnavailable) {
			t.Errorf("%s = %v, want ErrUnavailable", name, err)
		}
	}
}
