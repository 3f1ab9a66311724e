package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hotline/flows"
)

// Rewrap seals every key that an older key-encryption key holds under the
// present one, and returns how many there were. It touches no text. It may run
// beside everything else, and again after a stop.
func (v *Vault) Rewrap(ctx context.Context) (int, error) {
	if v.get().keys == nil {
		return 0, errors.New("rewrap: without a key store every text would have to be sealed anew")
	}
	n := 0
	err := v.get().keys.EachKey(ctx, func(name string, sealed []byte) error {
		present := v.get().wrappers[0]
		if len(sealed) > keyIDSize && present.id == [keyIDSize]byte(sealed) {
			return ctx.Err()
		}
		key, err := v.unwrap(name, sealed)
		if err != nil {
			return err
		}
		again, err := present.wrap(name, key)
		if err != nil {
			return err
		}
		err = v.get().keys.ReplaceKey(ctx, name, sealed, again)
		if errors.Is(err, flows.ErrConflict) {
			return ctx.Err() // destroyed, or done by another process
		}
		if err == nil {
			n++
		}
		return errors.Join(err, ctx.Err())
	})
	if err != nil {
		return n, fmt.Errorf("rewrap: %w", err)
	}
	return n, nil
}

// Wrapped counts the keys in the store by the id of the key-encryption key that
// seals them. An older one that seals none may be taken out of the key file: from
// then on no copy of the store that was made before the rotation can be opened.
func (v *Vault) Wrapped(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for _, w := range v.get().wrappers {
		counts[hex.EncodeToString(w.id[:])] = 0
	}
	if v.get().keys == nil {
		return counts, nil
	}
	err := v.get().keys.EachKey(ctx, func(_ string, sealed []byte) error {
		counts[hex.EncodeToString(sealed[:min(len(sealed), keyIDSize)])]++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count keys: %w", err)
	}
	return counts, nil
}

// Fingerprint names the present key-encryption key without giving it away.
func (v *Vault) Fingerprint() string { return hex.EncodeToString(v.get().wrappers[0].id[:]) }

// Rotate writes a new key as the first line of a key file and keeps the others
// below, so that the next start seals under the new one and still opens what the
// old ones sealed. When Rewrap is done the old lines may be deleted.
func Rotate(path string) error {
	m, err := File(path)
	if err != nil {
		return err
	}
	keys := append([][keySize]byte{[keySize]byte(newKey())}, m.keys()...)
	temp := path + ".new"
	if err := writeKeyFile(temp, keys); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("rotate: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// Advance moves the pseudonyms into the epoch of now and destroys the keys of
// the epochs before it, which makes their pseudonyms lead nowhere. It returns
// the epochs that were destroyed. Call it at start and every hour; it also
// forgets data keys that another process may have shredded.
func (v *Vault) Advance(ctx context.Context, now time.Time) ([]string, error) {
	number := now.UnixMilli() / v.get().length.Milliseconds()
	name := "epoch/" + strconv.FormatInt(number, 10)
	if v.get().keys == nil {
		key, err := derive(v.get().oldest, "epoch", strconv.FormatInt(number, 10))
		if err != nil {
			return nil, fmt.Errorf("advance the epoch: %w", err)
		}
		v.enter(key)
		return nil, nil
	}
	v.get().cache.clear()
	key, err := v.adopt(ctx, name, newKey())
	if err != nil {
		return nil, fmt.Errorf("advance the epoch: %w", err)
	}
	v.enter(key)
	gone, err := v.endEpochs(ctx, number)
	if err != nil {
		return gone, fmt.Errorf("advance the epoch: %w", err)
	}
	return gone, nil
}

// enter makes a key the one of the present epoch, unless it is already.
func (v *Vault) enter(key []byte) {
	if string(v.get().epoch.Load().root) != string(key) {
		v.get().epoch.Store(newMacs(key))
	}
}

// endEpochs destroys the keys of every epoch before number.
func (v *Vault) endEpochs(ctx context.Context, number int64) ([]string, error) {
	var gone []string
	err := v.get().keys.EachKey(ctx, func(name string, _ []byte) error {
		s, ok := strings.CutPrefix(name, "epoch/")
		if !ok {
			return nil
		}
		if n, err := strconv.ParseInt(s, 10, 64); err != nil || n >= number {
			return nil
		}
		gone = append(gone, s)
		return v.get().keys.DeleteKey(ctx, name)
	})
	return gone, err
}
