package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"hotline/flows"
)

// KeyStore keeps sealed keys by name, apart from what they protect: its backups
// must lapse sooner than those of the texts, or nothing is ever destroyed.
type KeyStore interface {
	// Key is the sealed key of a name, or flows.ErrNotFound.
	Key(ctx context.Context, name string) ([]byte, error)
	// AddKey keeps a sealed key durably, unless the name has one, and returns
	// the one that is kept.
	AddKey(ctx context.Context, name string, sealed []byte) ([]byte, error)
	// ReplaceKey puts a sealed key in the place of old, or returns
	// flows.ErrConflict if another is there now.
	ReplaceKey(ctx context.Context, name string, old, sealed []byte) error
	// DeleteKey destroys a key. One that does not exist is no error.
	DeleteKey(ctx context.Context, name string) error
	// EachKey calls do for every key; it may hold no lock meanwhile.
	EachKey(ctx context.Context, do func(name string, sealed []byte) error) error
}

// ErrNoKeyStore says that a vault was opened without a key store: keys travel with
// what they seal and cannot be destroyed apart from it.
var ErrNoKeyStore = errors.New("without a key store no key can be destroyed")

// dataKey finds the data key of a name. With make it is made if there is none.
func (v *Vault) dataKey(ctx context.Context, name string, create bool) (*dataKey, error) {
	if v.get().keys == nil {
		return nil, flows.ErrNotFound
	}
	if k := v.get().cache.get(name); k != nil {
		return k, nil
	}
	sealed, err := v.get().keys.Key(ctx, name)
	if errors.Is(err, flows.ErrNotFound) && create {
		sealed, err = v.addKey(ctx, name, newKey())
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	plain, err := v.unwrap(name, sealed)
	if err != nil {
		return nil, err
	}
	k, err := newDataKey(plain)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	v.get().cache.put(name, k)
	return k, nil
}

// addKey offers a key under a name and returns the sealed key that is kept: of
// two processes that offer one, both get the first.
func (v *Vault) addKey(ctx context.Context, name string, key []byte) ([]byte, error) {
	sealed, err := v.get().wrappers[0].wrap(name, key)
	if err != nil {
		return nil, err
	}
	return v.get().keys.AddKey(ctx, name, sealed)
}

// adopt is the key kept under a name; if there is none, the one offered.
func (v *Vault) adopt(ctx context.Context, name string, offer []byte) ([]byte, error) {
	sealed, err := v.get().keys.Key(ctx, name)
	if errors.Is(err, flows.ErrNotFound) {
		sealed, err = v.addKey(ctx, name, offer)
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	return v.unwrap(name, sealed)
}

// ShredKey destroys the data key of a name. Other processes may hold it in memory
// until they next call Advance.
func (v *Vault) ShredKey(ctx context.Context, name string) error {
	if v.get().keys == nil {
		return fmt.Errorf("shred: %w", ErrNoKeyStore)
	}
	if err := v.get().keys.DeleteKey(ctx, name); err != nil {
		return fmt.Errorf("shred: %w", err)
	}
	v.get().cache.drop(name)
	return nil
}

// keyCache holds the data keys used last, in two halves: when the young one is
// full it becomes the old one, and the old one is forgotten.
type keyCache struct {
	mu         sync.Mutex
	young, old map[string]*dataKey
	half       int
}

func newKeyCache(size int) *keyCache {
	return &keyCache{young: map[string]*dataKey{}, half: size / 2}
}

func (c *keyCache) get(name string) *dataKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.young[name]; k != nil {
		return k
	}
	k := c.old[name]
	if k != nil {
		c.store(name, k)
	}
	return k
}

func (c *keyCache) put(name string, k *dataKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store(name, k)
}

func (c *keyCache) store(name string, k *dataKey) {
	if len(c.young) >= c.half {
		c.young, c.old = map[string]*dataKey{}, c.young
	}
	c.young[name] = k
}

func (c *keyCache) drop(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, name)
	delete(c.old, name)
}

func (c *keyCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old = map[string]*dataKey{}, nil
}

// MemoryKeys is a key store that dies with the process, for the demo and tests.
type MemoryKeys struct {
	mu   sync.Mutex
	keys map[string][]byte
}

// Key implements KeyStore.
func (m *MemoryKeys) Key(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, ok := m.keys[name]; ok {
		return k, nil
	}
	return nil, flows.ErrNotFound
}

// AddKey implements KeyStore.
func (m *MemoryKeys) AddKey(_ context.Context, name string, sealed []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys == nil {
		m.keys = map[string][]byte{}
	}
	if k, ok := m.keys[name]; ok {
		return k, nil
	}
	m.keys[name] = bytes.Clone(sealed)
	return sealed, nil
}

// ReplaceKey implements KeyStore.
func (m *MemoryKeys) ReplaceKey(_ context.Context, name string, old, sealed []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !bytes.Equal(m.keys[name], old) {
		return flows.ErrConflict
	}
	m.keys[name] = bytes.Clone(sealed)
	return nil
}

// DeleteKey implements KeyStore.
func (m *MemoryKeys) DeleteKey(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.keys, name)
	return nil
}

// EachKey implements KeyStore.
func (m *MemoryKeys) EachKey(_ context.Context, do func(name string, sealed []byte) error) error {
	m.mu.Lock()
	names := make([]string, 0, len(m.keys))
	for n := range m.keys {
		names = append(names, n)
	}
	m.mu.Unlock()
	for _, n := range names {
		m.mu.Lock()
		k, ok := m.keys[n]
		m.mu.Unlock()
		if !ok {
			continue
		}
		if err := do(n, k); err != nil {
			return err
		}
	}
	return nil
}
