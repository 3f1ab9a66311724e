package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Vault seals, opens and pseudonymises. It is safe for concurrent use and shows
// nothing of its keys, however it is printed.
//
// What it holds is behind a function: package fmt cannot call Format on a private
// field of somebody else's struct and walks through pointers there, but a
// function has nothing that could be printed.
type Vault struct{ get func() *inner }

type inner struct {
	wrappers []*wrapper // key-encryption keys; the first one seals
	keys     KeyStore   // nil: data keys travel with their texts
	cache    *keyCache
	lasting  *macs // keyed hashes that must hold for years
	epoch    atomic.Pointer[macs]
	oldest   []byte        // what epochs are drawn from without a key store
	length   time.Duration // of an epoch
	hashing  chan struct{} // one place for each slow hash that may run at once
}

// Options are how a vault with a key store works.
type Options struct {
	// Epoch is how long pseudonyms keep their key; 0: 90 days.
	Epoch time.Duration
	// Hashes is how many slow hashes may run at once; 0: 2. Each takes 19 MiB.
	Hashes int
}

// Open makes a vault of the material alone. Every sealed text carries its own
// data key; nothing of it can be shredded, and no key can be taken out of use.
// It is for the demo and for tests; [OpenWith] is for service.
func Open(m Material) (*Vault, error) {
	in, err := newInner(m, Options{})
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	return &Vault{func() *inner { return in }}, nil
}

// OpenWith makes a vault whose keys lie in a key store, each sealed under the
// material: one per case, one per epoch of pseudonyms, one for what must last.
// Deleting a key destroys what it sealed.
func OpenWith(ctx context.Context, m Material, keys KeyStore, o Options) (*Vault, error) {
	in, err := newInner(m, o)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	in.keys, in.cache = keys, newKeyCache(8192)
	v := &Vault{func() *inner { return in }}
	root, err := v.adopt(ctx, "root/lasting", in.lasting.root)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	in.lasting = newMacs(root)
	return v, nil
}

func newInner(m Material, o Options) (*inner, error) {
	if m.keys == nil {
		return nil, errors.New("there is no key")
	}
	if o.Epoch <= 0 {
		o.Epoch = 90 * 24 * time.Hour
	}
	if o.Hashes <= 0 {
		o.Hashes = 2
	}
	in := &inner{length: o.Epoch, hashing: make(chan struct{}, o.Hashes)}
	for _, root := range m.keys() {
		w, err := newWrapper(root)
		if err != nil {
			return nil, err
		}
		in.wrappers = append(in.wrappers, w)
	}
	// Hashes cannot be sealed anew, so they stay with the oldest key until a
	// key store holds what they are made with.
	roots := m.keys()
	oldest := roots[len(roots)-1]
	in.oldest = oldest[:]
	lasting, err := derive(in.oldest, "lasting", "")
	if err != nil {
		return nil, err
	}
	epoch, err := derive(in.oldest, "epoch", "0")
	if err != nil {
		return nil, err
	}
	in.lasting = newMacs(lasting)
	in.epoch.Store(newMacs(epoch))
	return in, nil
}

// derive draws the key of a purpose and an epoch (HKDF, RFC 5869).
func derive(secret []byte, purpose, epoch string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "hotline/1/"+purpose+"/"+epoch, keySize)
}

// JournalKey is the key that proves the records of the journal.
func (v *Vault) JournalKey() ([]byte, error) {
	return derive(v.get().lasting.root, "journal", "")
}

// Format shows nothing, whatever the verb.
func (Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[vault]") }

// MarshalText shows nothing in JSON, XML or YAML.
func (Vault) MarshalText() ([]byte, error) { return []byte("[vault]"), nil }
