package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// RedisKeys is a key store that several processes share. It is a hash of its
// own, name → sealed key; a key that was destroyed leaves its name with nothing
// behind it, so that a process with a copy learns of it.
//
// Redis forgets when its data is lost, and with the keys every text would be
// lost: use it through [SharedKeys].
type RedisKeys struct {
	Client redis.UniversalClient
	Prefix string // before the key, as "hl:"
}

func (r *RedisKeys) hash() string { return r.Prefix + "{keys}:sealed" }

// KEYS[1] hash   ARGV[1] name   ARGV[2] sealed key
// returns the key that is kept.
const addKeyScript = `local have = redis.call('HGET', KEYS[1], ARGV[1])
if have and have ~= '' then return have end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return ARGV[2]`

// KEYS[1] hash   ARGV[1] name   ARGV[2] key that must be there   ARGV[3] new key
// returns 1, or 0 if another key is there.
const replaceKeyScript = `if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`

// state is the sealed key of a name, or that it was destroyed, or neither.
func (r *RedisKeys) state(ctx context.Context, name string) (sealed []byte, gone bool, err error) {
	sealed, err = r.Client.HGet(ctx, r.hash(), name).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, keysAway(err)
	}
	return sealed, len(sealed) == 0, nil
}

// Key implements KeyStore.
func (r *RedisKeys) Key(ctx context.Context, name string) ([]byte, error) {
	sealed, _, err := r.state(ctx, name)
	if err == nil && len(sealed) == 0 {
		return nil, flows.ErrNotFound
	}
	return sealed, err
}

// AddKey implements KeyStore.
func (r *RedisKeys) AddKey(ctx context.Context, name string, sealed []byte) ([]byte, error) {
	kept, err := r.Client.Eval(ctx, addKeyScript, []string{r.hash()}, name, sealed).Text()
	if err != nil {
		return nil, keysAway(err)
	}
	return []byte(kept), nil
}

// ReplaceKey implements KeyStore.
func (r *RedisKeys) ReplaceKey(ctx context.Context, name string, old, sealed []byte) error {
	done, err := r.Client.Eval(ctx, replaceKeyScript, []string{r.hash()}, name, old, sealed).Int()
	if err != nil {
		return keysAway(err)
	}
	if done == 0 {
		return flows.ErrConflict
	}
	return nil
}

// DeleteKey implements KeyStore.
func (r *RedisKeys) DeleteKey(ctx context.Context, name string) error {
	return keysAway(r.Client.HSet(ctx, r.hash(), name, "").Err())
}

// EachKey implements KeyStore.
func (r *RedisKeys) EachKey(ctx context.Context, do func(name string, sealed []byte) error) error {
	seen := map[string]bool{} // a scan may show a name twice
	scan := r.Client.HScan(ctx, r.hash(), 0, "", 500).Iterator()
	for scan.Next(ctx) {
		name := scan.Val()
		if !scan.Next(ctx) {
			break
		}
		if sealed := scan.Val(); sealed != "" && !seen[name] {
			seen[name] = true
			if err := do(name, []byte(sealed)); err != nil {
				return err
			}
		}
	}
	return keysAway(scan.Err())
}

func keysAway(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("key store: %w: %w", flows.ErrUnavailable, err)
}

// SharedKeys is a key store in Redis with a copy in a file of each process, so
// that neither the loss of Redis nor that of one disk loses a key. Redis says what
// was destroyed; Tidy brings the file after it.
type SharedKeys struct {
	Shared *RedisKeys
	Own    *FileKeys
}

// Key implements KeyStore. A key that Redis lost comes back from the file.
func (s *SharedKeys) Key(ctx context.Context, name string) ([]byte, error) {
	sealed, gone, err := s.Shared.state(ctx, name)
	if err != nil {
		return nil, err
	}
	if gone {
		return nil, flows.ErrNotFound
	}
	if sealed != nil {
		return sealed, nil
	}
	own, err := s.Own.Key(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.Shared.AddKey(ctx, name, own)
}

// AddKey implements KeyStore. The key is in both when it returns.
func (s *SharedKeys) AddKey(ctx context.Context, name string, sealed []byte) ([]byte, error) {
	have, err := s.Key(ctx, name)
	switch {
	case err == nil:
		sealed = have
	case !errors.Is(err, flows.ErrNotFound):
		return nil, err
	default:
		if err := s.Own.DeleteKey(ctx, name); err != nil { // destroyed elsewhere
			return nil, err
		}
	}
	kept, err := s.Shared.AddKey(ctx, name, sealed)
	if err != nil {
		return nil, err
	}
	return kept, s.copyKey(ctx, name, kept)
}

// copyKey makes the file hold what Redis holds.
func (s *SharedKeys) copyKey(ctx context.Context, name string, sealed []byte) error {
	own, err := s.Own.AddKey(ctx, name, sealed)
	if err != nil || string(own) == string(sealed) {
		return err
	}
	return s.Own.ReplaceKey(ctx, name, own, sealed)
}

// ReplaceKey implements KeyStore.
func (s *SharedKeys) ReplaceKey(ctx context.Context, name string, old, sealed []byte) error {
	if err := s.Shared.ReplaceKey(ctx, name, old, sealed); err != nil {
		return err
	}
	return s.copyKey(ctx, name, sealed)
}

// DeleteKey implements KeyStore.
func (s *SharedKeys) DeleteKey(ctx context.Context, name string) error {
	if err := s.Shared.DeleteKey(ctx, name); err != nil {
		return err
	}
	return s.Own.DeleteKey(ctx, name)
}

// EachKey implements KeyStore.
func (s *SharedKeys) EachKey(ctx context.Context, do func(name string, sealed []byte) error) error {
	return s.Shared.EachKey(ctx, do)
}

// Tidied says what Tidy did.
type Tidied struct {
	Returned  int // keys that Redis had lost
	Destroyed int // copies of keys that another process destroyed
	Copied    int // keys of other processes, or sealed anew by them
}

// Tidy brings Redis and the file together: at start, before anything is opened,
// and every hour. Until it ran in every process a destroyed key is not gone.
func (s *SharedKeys) Tidy(ctx context.Context) (Tidied, error) {
	var t Tidied
	err := s.Own.EachKey(ctx, func(name string, own []byte) error {
		sealed, gone, err := s.Shared.state(ctx, name)
		switch {
		case err != nil:
			return err
		case gone:
			t.Destroyed++
			return s.Own.DeleteKey(ctx, name)
		case sealed == nil:
			t.Returned++
			_, err := s.Shared.AddKey(ctx, name, own)
			return err
		}
		return nil
	})
	if err != nil {
		return t, fmt.Errorf("tidy keys: %w", err)
	}
	err = s.Shared.EachKey(ctx, func(name string, sealed []byte) error {
		if own, err := s.Own.Key(ctx, name); err == nil && string(own) == string(sealed) {
			return nil
		}
		t.Copied++
		return s.copyKey(ctx, name, sealed)
	})
	if err != nil {
		return t, fmt.Errorf("tidy keys: %w", err)
	}
	return t, nil
}
